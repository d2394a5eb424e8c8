"""A server set up by its own commands, served, and an owner at its console."""

from __future__ import annotations

import base64
import os
import re
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from contract import otp, trust
from server.settings import Places
from tests.edge.delivery.serving import until
from tests.server.serving import Served, environment, served

PASSPHRASE = "a stone by the river sings"  # noqa: S105 - a test's own


@dataclass
class Owner:
    """Who sits at the console: their passphrase, phone and sheet, and a session once unlocked."""

    folder: Path
    env: Mapping[str, str]
    seed: bytes = b""
    recovery: str = ""
    session: str = ""
    _step: int = field(default=0)

    @property
    def places(self) -> Places:
        return Places(self.folder / "server", self.folder / "keys")

    def set_up(self) -> None:
        phone, sheet, secret = Pipe(), Pipe(), self._file("passphrase", PASSPHRASE)
        self.says(
            *("init", "--unattended", "--owner", "Ada", "--lot", "North"),
            *("--timezone", "America/Chicago", "--passphrase-file", secret),
            *("--otp-address", phone.path, "--sheet", sheet.path),
            pipes=(phone, sheet),
        )
        (found,) = re.findall(rb"secret=([A-Z2-7]{32})&", phone.came)
        self.seed = base64.b32decode(found)
        (code,) = re.findall(rb"<code>((?:[0-9A-Z]{4}-){9}[0-9A-Z]{4})</code>", sheet.came)
        self.recovery = code.decode()

    def unlock(self) -> None:
        session = Pipe()
        self.says("unlock", *self._typed(), "--keep-session", session.path, pipes=(session,))
        self.session = session.came.decode()

    def says(self, *words: str, pipes: tuple[Pipe, ...] = (), status: int = 0) -> str:
        """Run a command of the server; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "server", *words],
            env=dict(self.env),
            pass_fds=[one.end for one in pipes],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        for one in pipes:
            one.finish()
        assert done.returncode == status, done.stderr
        return done.stdout if status == 0 else done.stderr

    def signed(self) -> tuple[str, ...]:
        """Return the words that show the session."""
        return ("--session", self._file("session", self.session))

    def root(self) -> Path:
        """Return the root certificate, as a phone installs it."""
        pack = trust.pack_own(self.places.trust_pack.read_bytes())
        return Path(self._file("root.pem", ssl.DER_cert_to_PEM_cert(pack.root)))

    def passphrase_and_code(self) -> dict[str, str]:
        """Return what is typed at the door; each code is good once, so the next is awaited."""
        # The clock's own step, not the one before: a slow machine types half a minute later.
        self._step = max(self._step + 1, int(time.time()) // otp.STEP_S)
        until(lambda: self._step <= int(time.time()) // otp.STEP_S + 1, seconds=2 * otp.STEP_S)
        return {"secret": PASSPHRASE, "code": otp.code_at(self.seed, self._step)}

    def _typed(self) -> tuple[str, ...]:
        said = self.passphrase_and_code()
        secret, code = self._file("passphrase", said["secret"]), self._file("code", said["code"])
        return ("--passphrase-file", secret, "--code-file", code)

    def _file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        return str(path)


class Pipe:
    """Takes what a command may not put on the card."""

    def __init__(self) -> None:
        read, self.end = os.pipe()
        self.came = b""
        self._thread = threading.Thread(target=self._gather, args=(read,))
        self._thread.start()

    @property
    def path(self) -> str:
        return f"/dev/fd/{self.end}"

    def finish(self) -> None:
        os.close(self.end)
        self._thread.join()

    def _gather(self, read: int) -> None:
        with os.fdopen(read, "rb") as pipe:
            self.came = pipe.read()


@contextmanager
def standing(folder: Path, database: str, module: str = "server") -> Iterator[tuple[Owner, Served]]:
    """Set a server up and serve it, with a keyholder of its own, while the block lasts."""
    owner = Owner(folder, environment(folder, database, keyholder="own"))
    owner.set_up()
    with served(folder, owner.env, folder / "log", owner.root(), module) as found:
        yield owner, found
