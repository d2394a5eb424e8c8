"""The vault is served by a process of its own, over TLS 1.3 and nothing older."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lot import addresses
from lot.addresses import Address
from lot.clock import now_us
from lot.errors import WrongUsage
from server.keys import founding
from server.keys.folder import KeysFolder
from server.keys.founding import Owner
from server.keys.holder.client import Keyholder
from server.keys.holder.refusals import KeyholderAway
from server.keys.slots import Cost
from server.settings import settings_from
from tests.server.databases import Server
from tests.server.keys.holder.running import wait_for
from tests.server.serving import Served, environment, free_port, served, write_certificate

CHEAP = Cost(19 * 1024, 1)


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, database_servers: Callable[[str], Server]
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    write_certificate(folder / "server" / "tls")
    env = environment(folder, database_servers("sqlite").new())
    with served(folder, env, folder / "log") as found:
        yield found


def test_it_answers_over_tls_1_3(running: Served) -> None:
    context = ssl.create_default_context(cafile=running.root)
    with (
        socket.create_connection(("127.0.0.1", running.port)) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as link,
    ):
        assert link.version() == "TLSv1.3"


def test_it_speaks_nothing_older(running: Served) -> None:
    context = ssl.create_default_context(cafile=running.root)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(("127.0.0.1", running.port)) as plain,
        pytest.raises(ssl.SSLError),
    ):
        context.wrap_socket(plain, server_hostname="127.0.0.1")


def test_silent_and_half_sent_connections_hold_up_nobody(running: Served) -> None:
    with ExitStack() as held:
        context = ssl.create_default_context(cafile=running.root)
        for number in range(24):
            link = held.enter_context(socket.create_connection(("127.0.0.1", running.port)))
            if number % 2:
                tls = held.enter_context(context.wrap_socket(link, server_hostname="127.0.0.1"))
                tls.sendall(b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Le")
        with running.client() as client:
            assert client.get("/api/v1/health").status_code == 200


def test_it_is_not_ready_without_a_keyholder_and_says_so(running: Served) -> None:
    with running.client() as client:
        answer = client.get("/api/v1/ready")
        assert answer.json()["type"] == "urn:lotkeeper:problem:not_ready"
        assert client.get("/api/v1/status").json()["type"].endswith(":keyholder_away")
        assert client.get("/api/v1/lots").status_code == 401


def test_it_starts_a_keyholder_of_its_own_and_takes_it_along(
    tmp_path: Path, database_servers: Callable[[str], Server]
) -> None:
    write_certificate(tmp_path / "server" / "tls")
    keys = KeysFolder(tmp_path / "keys")
    founding.founded(keys, Owner("Ada", "six words that nobody guesses", CHEAP), now_us())
    env = environment(tmp_path, database_servers("sqlite").new(), keyholder="own")
    with served(tmp_path, env, tmp_path / "log") as found, found.client() as client:
        said = client.get("/api/v1/status").json()
        assert (said["state"], said["locked"], said["locks_in_s"]) == ("locked", True, None)
        assert client.get("/api/v1/ready").json() == {"ok": True}
    with pytest.raises(KeyholderAway):
        Keyholder(tmp_path / "keys" / "run" / "keyholder.sock").status()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_keyholder_of_its_own_ends_with_it_also_while_it_starts(
    how: signal.Signals, tmp_path: Path
) -> None:
    settings = settings_from(
        {"LOT_SERVER_FOLDER": str(tmp_path / "web"), "LOT_KEYS_FOLDER": str(tmp_path / "keys")}
    )
    env = environment(tmp_path, "sqlite://", keyholder="own")
    env |= {"LOT_SERVER_FOLDER": str(tmp_path / "web")}
    with subprocess.Popen([sys.executable, "-c", _WAITS], env=env) as serve:
        wait_for(Keyholder(settings.places.socket))
        serve.send_signal(how)
        serve.wait()
    until = time.monotonic() + 20
    with pytest.raises(KeyholderAway):
        while time.monotonic() < until:
            Keyholder(settings.places.socket).status()


_WAITS = """
import os, time
from server.running import own_keyholder
from server.commands import asked
own_keyholder._answers = lambda _: False
with own_keyholder.running(asked.settings(os.environ), os.environ):
    pass
"""


def _start(folder: Path, database: str, port: int) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "server", "serve", "--bind", f"127.0.0.1:{port}"],
        env=environment(folder, database),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_database_without_tables_keeps_it_from_starting(tmp_path: Path) -> None:
    status, said = _start(tmp_path, f"sqlite:///{tmp_path / 'empty'}", free_port())
    assert (status, said.count("\n")) == (2, 1)
    assert "no tables yet; run python -m server init" in said


def test_a_missing_certificate_keeps_it_from_starting(
    tmp_path: Path, database_servers: Callable[[str], Server]
) -> None:
    status, said = _start(tmp_path, database_servers("sqlite").new(), free_port())
    assert (status, said.count("\n")) == (3, 1)


def test_a_taken_port_keeps_it_from_starting(
    tmp_path: Path, database_servers: Callable[[str], Server], running: Served
) -> None:
    write_certificate(tmp_path / "server" / "tls")
    status, said = _start(tmp_path, database_servers("sqlite").new(), running.port)
    assert (status, said.count("\n")) == (4, 1)


@pytest.mark.parametrize(
    "text", ["8443", "host:", ":8443", "host:0", "host:65536", "[::1]", "a b:1"]
)
def test_what_is_no_host_and_port_is_refused(text: str) -> None:
    with pytest.raises(WrongUsage):
        addresses.address(text)


def test_a_host_is_a_name_or_an_address_of_either_kind() -> None:
    assert addresses.address("[::]:8443") == Address("::", 8443)
    assert addresses.address("pi.local:443") == Address("pi.local", 443)


def test_the_web_loads_no_engine_that_serving_needs_not() -> None:
    code = "import sys, server.commands.serve; print(*{'numpy', 'av', 'alembic'} & {*sys.modules})"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == []
