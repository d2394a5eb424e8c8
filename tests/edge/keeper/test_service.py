"""The keeper as a process: TLS with its pinned certificate, and silent callers stop nobody."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from contract import codes, pairing
from lot.errors import DONE, LOCKED, WRONG_USAGE
from tests.edge.delivery.serving import ROOT
from tests.edge.keeper.asking import PERSON, SHARE, Server, code_at

SILENT = 150


@dataclass
class Running:
    folder: Path
    port: int
    process: subprocess.Popen[str]

    def post(self, path: str, body: bytes, tls: bytes | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=pinned(tls), timeout=20
        )
        with contextlib.closing(connection):
            connection.request("POST" if body else "GET", path, body or None)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def console(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*words),
            cwd=self.folder,
            env=env(self.folder),
            capture_output=True,
            text=True,
            check=False,
        )


def pinned(tls: bytes | None) -> ssl.SSLContext:
    """Believe this certificate alone; none where the pack is not known yet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if tls is None:
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_verify_locations(cadata=tls)
    return context


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "edge", "keeper", "--bind", "127.0.0.1:1", *words]


def env(folder: Path) -> dict[str, str]:
    path = os.environ["PATH"]
    return {"PYTHONPATH": str(ROOT), "LOT_KEEPER_FOLDER": str(folder / "keeper"), "PATH": path}


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Running]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "edge", "keeper", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        words, cwd=folder, env=env(folder), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert f"port {port}" in process.stderr.readline()
    try:
        yield Running(folder, port, process)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def one_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One process for all bad requests: none of them may break it for the next."""
    with running(tmp_path_factory.mktemp("keeper")) as found:
        yield found


def paired(keeper: Running) -> Server:
    printed = keeper.console("pair", "--address", f"127.0.0.1:{keeper.port}")
    assert printed.returncode == DONE, printed.stderr
    invitation, address = codes.invitation_at(printed.stdout)
    assert address.port == keeper.port
    status, data = keeper.post("/keeper/v1/pack", b"")
    assert status == 200
    pack = pairing.pack_invited(data, invitation)
    server = Server(pack)
    request = server.pair(invitation.secret)
    status, answer = keeper.post("/keeper/v1/pair", request, pack.tls)
    assert status == 200, answer
    pairing.paired_opened(answer, invitation.secret, request=request, keeper=pack.keeper)
    return server


def asked(keeper: Running, server: Server, code: str) -> tuple[str, bytes | None]:
    request = server.ask(code)
    status, data = keeper.post("/keeper/v1", server.signed(request), server.pack.tls)
    assert status == 200, data
    answer = server.opened(request, data)
    return answer.said.result, server.share(answer)


def put(keeper: Running, server: Server) -> None:
    request = server.put()
    status, data = keeper.post("/keeper/v1", server.signed(request), server.pack.tls)
    assert (status, server.opened(request, data).said.result) == (200, "yes")


def test_pair_put_ask_and_forget_at_the_console(keeper: Running) -> None:
    server = paired(keeper)
    put(keeper, server)
    now = int(time.time())
    assert asked(keeper, server, code_at(now)) == ("yes", SHARE)
    assert keeper.console("list").stdout == f"{PERSON.hex()}\n"
    assert keeper.console("forget", PERSON.hex()).returncode == DONE
    assert asked(keeper, server, code_at(now, 1)) == ("no", None)
    assert keeper.console("forget", PERSON.hex()).returncode == LOCKED
    assert keeper.console("forget", "nobody").returncode == WRONG_USAGE


def test_silent_and_half_sent_connections_stop_nobody(keeper: Running) -> None:
    server = paired(keeper)
    put(keeper, server)
    with contextlib.ExitStack() as held:
        for number in range(SILENT):
            plain = socket.create_connection(("127.0.0.1", keeper.port))
            held.callback(plain.close)
            if number % 2:
                tls = pinned(None).wrap_socket(plain)
                held.callback(tls.close)
                tls.sendall(b"POST /keeper/v1 HTTP/1.1\r\nContent-Length: 400\r\n\r\nhalf")
        began = time.monotonic()
        assert asked(keeper, server, code_at(int(time.time())))[0] == "yes"
        assert time.monotonic() - began < 5


def test_kill_9_after_the_answer_forgets_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        server = paired(first)
        put(first, server)
        code = code_at(int(time.time()))
        assert asked(first, server, code) == ("yes", SHARE)
        os.kill(first.process.pid, signal.SIGKILL)
    with running(tmp_path) as second:
        assert asked(second, server, code) == ("no", None)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /keeper/v1/pack HTTP/1.1\r\n\r\n", b"200"),
        (b"GET /nowhere HTTP/1.1\r\n\r\n", b"404"),
        (b"DELETE /keeper/v1 HTTP/1.1\r\n\r\n", b"400"),
        (b"POST /keeper/v1 HTTP/1.1\r\n\r\n", b"411"),
        (b"POST /keeper/v1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"POST /keeper/v1 HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"411"),
        (b"POST /keeper/v1 HTTP/1.1\r\nContent-Length: 99999\r\n\r\n", b"413"),
        (b"POST /keeper/v1 HTTP/1.1\r\nContent-Length: 4\r\n\r\njunk", b"403"),
        (b"POST /keeper/v1/pair HTTP/1.1\r\nContent-Length: 4\r\n\r\njunk", b"403"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 9000 + b"\r\n\r\n", b"413"),
        (b"\x00\xff\r\n\r\n", b"400"),
    ],
)
def test_bad_requests_have_their_status_and_the_keeper_goes_on(
    one_for_all: Running, head: bytes, status: bytes
) -> None:
    with (
        socket.create_connection(("127.0.0.1", one_for_all.port)) as plain,
        pinned(None).wrap_socket(plain) as tls,
    ):
        tls.sendall(head)
        assert tls.recv(100).split(b" ")[1] == status
    assert one_for_all.post("/keeper/v1/pack", b"")[0] == 200


def test_older_tls_is_not_spoken(keeper: Running) -> None:
    context = pinned(None)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(("127.0.0.1", keeper.port)) as plain,
        pytest.raises(ssl.SSLError),
    ):
        context.wrap_socket(plain)


def test_an_address_in_use_is_one_line(keeper: Running, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "edge", "keeper", "--bind", f"127.0.0.1:{keeper.port}"]
    done = subprocess.run(
        words, cwd=tmp_path, env=env(tmp_path), capture_output=True, text=True, check=False
    )
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 1


def test_a_folder_that_is_a_file_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = subprocess.run(
        [sys.executable, "-m", "edge", "keeper", "list"],
        cwd=tmp_path,
        env={**env(tmp_path), "LOT_KEEPER_FOLDER": str(tmp_path / "file")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "LOT_KEEPER_FOLDER" in done.stderr
