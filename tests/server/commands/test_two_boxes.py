"""Split mode from end to end, every box a process: set up, paired, moved, rotated, and away."""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from contract import otp, trust
from lot.errors import DONE, LOCKED, UNREACHABLE
from lot.files import write_private
from tests.edge.keeper.test_service import Running, running
from tests.server.commands.test_init import PASSPHRASE, _alone, _read_end
from tests.server.databases import Server
from tests.server.serving import Served, environment, served


@dataclass
class Office:
    """A served server, and whoever sits at its console with a phone and a sheet."""

    folder: Path
    env: dict[str, str]
    web: Served
    seed: bytes
    sheet: str
    passphrase: str = PASSPHRASE
    device: str = ""
    used: set[int] = field(default_factory=set)

    def do(self, *words: str, **secrets: str) -> tuple[int, str, str]:
        """Return status, answer and talk of a command; secrets go to it by files."""
        given = [word for name, secret in secrets.items() for word in self._flag(name, secret)]
        done = subprocess.run(
            [sys.executable, "-m", "server", *words, *given],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return done.returncode, done.stdout, done.stderr

    def told(self, flag: str, *words: str, **secrets: str) -> str:
        """Return what a command that ends well writes into the pipe that a flag names."""
        into: list[bytes] = []
        end, thread = _read_end(into)
        given = [word for name, secret in secrets.items() for word in self._flag(name, secret)]
        command = [sys.executable, "-m", "server", *words, *given, flag, f"/dev/fd/{end}"]
        done = subprocess.run(
            command, env=self.env, pass_fds=(end,), capture_output=True, text=True, check=False
        )
        os.close(end)
        thread.join()
        assert done.returncode == DONE, done.stderr
        return into[0].decode()

    def sign_in(self) -> str:
        """Open the vault at the console; return the session that is left."""
        return self.told("--keep-session", "unlock", **self.typed())

    def typed(self, passphrase: str | None = None) -> dict[str, str]:
        return {"passphrase_file": passphrase or self.passphrase, "code_file": self.code()}

    def code(self) -> str:
        """Return a code that was not used yet; of three the last is awaited, two are good."""
        step = max(int(time.time()) // otp.STEP_S, max(self.used, default=0) + 1)
        while step > int(time.time()) // otp.STEP_S + 1:
            time.sleep(0.2)
        self.used.add(step)
        return otp.code_at(self.seed, step)

    def wrong_code(self) -> str:
        step = int(time.time()) // otp.STEP_S
        near = {otp.code_at(self.seed, step + ahead) for ahead in range(-2, 3)}
        return next(code for n in range(6) if (code := f"{n:06}") not in near)

    def has_phone(self, address: str, used: Collection[int] = ()) -> None:
        """Take a new seed onto the phone; `used` are the times at which its box took a code."""
        (text,) = re.findall(r"secret=([A-Z2-7]{32})&", address)
        self.seed, self.used = base64.b32decode(text), set(used)

    def state(self) -> str:
        with self.web.client() as client:
            return str(client.get("/api/v1/status").json()["state"])

    def page_signs_in(self, code: str) -> httpx.Response:
        """Sign in from the browser that was approved."""
        body = {"name": "Ada", "secret": self.passphrase, "code": code}
        with self.web.client() as client:
            client.timeout = httpx.Timeout(60)
            return client.post("/api/v1/sessions", json=body, headers={"Lot-Device": self.device})

    def approve_browser(self, session: str) -> None:
        with self.web.client() as client:
            asked = client.post("/api/v1/devices/requests", json={"name": "desk"}).json()
        status, _, talk = self.do("device", "approve", asked["number"], session=session)
        assert status == DONE, talk
        self.device = f"{asked['id']}.{asked['key']}"

    def _flag(self, name: str, secret: str) -> tuple[str, str]:
        path = self.folder / f"{name}.secret"
        write_private(path, secret.encode())
        return "--" + name.replace("_", "-"), str(path)


@pytest.fixture
def office(tmp_path: Path, database_servers: Callable[[str], Server]) -> Iterator[Office]:
    env = environment(tmp_path, database_servers("sqlite").new(), keyholder="own")
    env["LOT_SERVER_NAMES"] = "127.0.0.1,lot.local"
    status, said, phone, sheet = _alone(env, tmp_path)
    assert status == DONE, said
    (code,) = re.findall(rb"<code>((?:[0-9A-Z]{4}-){9}[0-9A-Z]{4})</code>", sheet)
    root = tmp_path / "root.pem"
    root.write_bytes(_root(tmp_path))
    with served(tmp_path, env, tmp_path / "log", root) as web:
        made = Office(tmp_path, env, web, b"", code.decode())
        made.has_phone(phone.decode())
        yield made


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path) as found:
        yield found


def test_a_server_is_paired_moved_rotated_and_opened_with_the_second_box(
    office: Office, keeper: Running
) -> None:
    session = office.sign_in()
    office.approve_browser(session)
    printed = keeper.console("pair", "--address", f"127.0.0.1:{keeper.port}").stdout
    wrong = printed.replace(f":{keeper.port}", ":1")
    status, _, talk = office.do("keeper", "pair", session=session, pair_code_file=wrong)
    assert (status, talk.count("\n")) == (UNREACHABLE, 1)
    status, _, talk = office.do("keeper", "pair", session=session, pair_code_file=printed)
    assert status == DONE, talk

    at_the_office = frozenset(office.used)
    phone = office.told(
        "--otp-address",
        *("keeper", "move", "Ada"),
        session=session,
        new_passphrase_file=office.passphrase,
    )
    office.has_phone(phone)
    slots = office.do("keeper", "list", session=session)[1].splitlines()
    assert sorted(line.split(" ", 1)[1] for line in slots) == [
        "card   recovery sheet",
        "keeper Ada",
    ]

    old_sheet = office.sheet
    rotate = ("rotate", "vault", "--no-backup")
    typed = {"passphrase_file": office.passphrase, "next_code_file": office.code()}
    office.sheet = office.told("--to", *rotate, session=session, **typed).strip()
    assert office.do("lock")[0] == DONE
    assert office.do("unlock", "--by", "Ada", recovery_file=old_sheet)[0] == LOCKED

    status, _, talk = office.do(
        "unlock", passphrase_file=office.passphrase, code_file=office.wrong_code()
    )
    assert (status, talk.count("\n")) == (LOCKED, 1)
    assert office.state() == "locked"
    opened = office.page_signs_in(office.code())
    assert opened.status_code == 201, opened.text
    assert office.state() == "unlocked"

    assert office.do("lock")[0] == DONE
    os.kill(keeper.process.pid, signal.SIGKILL)
    keeper.process.wait()
    away = office.page_signs_in("000000")
    assert (away.status_code, away.json()["type"]) == (503, "urn:lotkeeper:problem:keeper_away")
    status, _, talk = office.do("unlock", passphrase_file=office.passphrase, code_file="000000")
    assert (status, talk.count("\n")) == (UNREACHABLE, 1)
    assert "--recovery" in talk

    session = office.told("--keep-session", "unlock", recovery_file=office.sheet)
    back = ("keeper", "back", "Ada", "--otp-address", "/dev/fd/1")
    status, phone, talk = office.do(*back, session=session, new_passphrase_file=office.passphrase)
    assert status == UNREACHABLE, talk  # the share is forgotten when the keeper is there again
    office.has_phone(phone, at_the_office)
    assert office.do("lock")[0] == DONE
    status, _, talk = office.do("unlock", **office.typed())
    assert status == DONE, talk


def _root(folder: Path) -> bytes:
    pack = trust.pack_own((folder / "server/trust.json").read_bytes())
    return x509.load_der_x509_certificate(pack.root).public_bytes(Encoding.PEM)
