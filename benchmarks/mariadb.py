"""A MariaDB of our own, set as the installer sets the Pi's: every commit is synced.

It can be killed, and started again over what it left.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from benchmarks import TREE
from lot.errors import Unreachable, Unreadable

_CONFIGURATION = TREE / "systemd" / "mariadb-lotkeeper.cnf"
_SBIN = ("/usr/sbin", "/sbin", "/usr/local/sbin")  # not on an ordinary user's PATH
_NAME = "lotkeeper"
_READY_S = 240.0  # beside a full machine a start takes minutes
_LOOKS_S = 0.02


@dataclass(slots=True)
class Mariadb:
    """One server in a folder, at a socket and no port; its path must be short enough for one."""

    folder: Path
    more: tuple[str, ...] = ()  # options beyond the installer's
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def socket(self) -> Path:
        return self.folder / "s"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        """Return what `LOT_DATABASE` is."""
        return self._url(_NAME)

    def install(self) -> None:
        """Make the files of a new server, and an empty database."""
        self.folder.mkdir(parents=True, exist_ok=True)
        words = [_program("mariadb-install-db"), *self._options(), "--skip-test-db"]
        words += ["--auth-root-authentication-method=normal"]
        subprocess.run(words, cwd=self.folder, stdout=subprocess.DEVNULL, check=True)
        self.start()
        self._say(f"CREATE DATABASE {_NAME}")

    def start(self) -> None:
        """Start it, and return when it answers."""
        words = [_program("mariadbd"), *self._options(), f"--socket={self.socket}"]
        words += [f"--pid-file={self.folder / 'pid'}", "--skip-networking", *self.more]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(words, cwd=self.folder, stdout=log, stderr=log)
        ends = time.monotonic() + _READY_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > ends:
                said = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
                raise Unreachable("MariaDB did not start", then=said[-600:].replace("\n", " "))
            time.sleep(_LOOKS_S)

    def kill(self) -> None:
        """End it as a crash does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as a shutdown does."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        with suppress(SQLAlchemyError):
            self._say("SELECT 1")
            return True
        return False

    def _say(self, statement: str) -> None:
        engine = create_engine(self._url("mysql"), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text(statement))
        finally:
            engine.dispose()

    def _url(self, name: str) -> str:
        return f"mariadb+mysqlconnector://root@/{name}?unix_socket={self.socket}&use_pure=True"

    def _options(self) -> list[str]:
        us = pwd.getpwuid(os.getuid()).pw_name
        return [f"--defaults-file={_CONFIGURATION}", f"--datadir={self.data}", f"--user={us}"]


def _program(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *_SBIN]))
    if found is None:
        raise Unreadable(f"{name} is not here", then="install mariadb-server, as make test does")
    return found
