"""Real databases for the tests: started when first needed, in private folders, gone at the end.

One server of a kind a test process (an xdist worker is one), one database a test, each made
from a template that the migrations made. Nothing listens on a port. A server dies with us even
when we are killed; what a killed run left in its folder the next one removes.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import create_engine, text

from server.store.database import Database
from server.store.migrations.run import migrate

KINDS = ("sqlite", "mariadb", "postgresql")

_PREFIX = "lotdb-"
_SBIN = ("/usr/sbin", "/sbin", "/usr/local/sbin")  # not on an ordinary user's PATH
_READY_S = 30
_TEMPLATE = "template_of_tests"


class Server(Protocol):
    """Gives each test a database of its own."""

    def new(self) -> str:
        """Return the URL of a database with every table and no row."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server's process and how it is told to end at once."""

    process: subprocess.Popen[bytes]
    at_once: signal.Signals

    def stop(self) -> None:
        self.process.send_signal(self.at_once)
        self.process.wait()


class SqliteFiles:
    """Files beside one another, copies of one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()
        self._template = folder / "template.sqlite3"
        _migrated(f"sqlite:///{self._template}")

    def new(self) -> str:
        path = self._folder / f"{next(self._numbers)}.sqlite3"
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"


class Mariadb:
    """A MariaDB that syncs nothing: it is to die anyway."""

    def __init__(self, folder: Path, ends: contextlib.ExitStack) -> None:
        self._socket = folder / "s"
        self._numbers = count()
        self._start(folder, ends)
        self._admin = create_engine(self._url("mysql"), isolation_level="AUTOCOMMIT")
        ends.callback(self._admin.dispose)
        with self._admin.connect() as admin:
            admin.execute(text(f"CREATE DATABASE {_TEMPLATE}"))
        _migrated(self._url(_TEMPLATE))
        self._statements = self._made_like_the_template()

    def new(self) -> str:
        name = f"d{next(self._numbers)}"
        with self._admin.connect() as admin:
            admin.execute(text(f"CREATE DATABASE {name}"))
            for statement in self._statements:
                admin.execute(text(statement.format(name)))
        return self._url(name)

    def _made_like_the_template(self) -> list[str]:
        with self._admin.connect() as admin:
            names = admin.execute(text(f"SHOW TABLES FROM {_TEMPLATE}")).scalars().all()
        version = "alembic_version"
        return [
            *(f"CREATE TABLE {{0}}.{name} LIKE {_TEMPLATE}.{name}" for name in names),
            f"INSERT INTO {{0}}.{version} SELECT * FROM {_TEMPLATE}.{version}",  # noqa: S608 - a name of ours
        ]

    def _url(self, name: str) -> str:
        return f"mariadb+mysqlconnector://root@/{name}?unix_socket={self._socket}&use_pure=True"

    def _start(self, folder: Path, ends: contextlib.ExitStack) -> None:
        data = folder / "data"
        us = pwd.getpwuid(os.getuid()).pw_name
        options = ["--no-defaults", f"--datadir={data}", f"--user={us}", "--skip-name-resolve"]
        login = "--auth-root-authentication-method=normal"
        _ran([_program("mariadb-install-db"), *options, login, "--skip-test-db"], folder)
        quick = [
            "--skip-networking",
            "--skip-log-bin",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-flush-method=nosync",
            "--innodb-doublewrite=0",
            "--innodb-buffer-pool-size=64M",
            "--performance-schema=OFF",
        ]
        own = [f"--socket={self._socket}", f"--pid-file={folder / 'pid'}"]
        running = _begun([_program("mariadbd"), *options, *own, *quick], folder, signal.SIGKILL)
        ends.callback(running.stop)
        ping = [_program("mariadb-admin"), "--no-defaults", "-uroot", f"--socket={self._socket}"]
        _wait_for(running, [*ping, "--wait=1", "ping"], folder)


class Postgresql:
    """A PostgreSQL without syncing; as root it runs as another user, since it refuses root."""

    def __init__(self, folder: Path, ends: contextlib.ExitStack) -> None:
        self._folder = folder
        self._numbers = count()
        self._start(folder, ends)
        self._admin = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        ends.callback(self._admin.dispose)
        with self._admin.connect() as admin:
            admin.execute(text(f"CREATE DATABASE {_TEMPLATE} TEMPLATE template0 ENCODING 'UTF8'"))
        _migrated(self._url(_TEMPLATE))

    def new(self) -> str:
        name = f"d{next(self._numbers)}"
        with self._admin.connect() as admin:
            admin.execute(text(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}"))
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://lot@/{name}?host={self._folder}"

    def _start(self, folder: Path, ends: contextlib.ExitStack) -> None:
        data = folder / "data"
        as_another: list[str] = []
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            ids = [f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
            as_another = [_program("setpriv"), *ids]
        made = [_postgresql_program("initdb"), "-A", "trust", "-N", "-U", "lot", "-D", str(data)]
        _ran([*as_another, *made], folder)
        options = ["-c", "fsync=off", "-c", "listen_addresses=", "-k", str(folder)]
        server = [_postgresql_program("postgres"), "-D", str(data), *options]
        running = _begun([*as_another, *server], folder, signal.SIGQUIT)
        ends.callback(running.stop)
        _wait_for(running, [_postgresql_program("pg_isready"), "-h", str(folder), "-t1"], folder)


@contextlib.contextmanager
def servers() -> Iterator[Callable[[str], Server]]:
    """Give what starts a kind of server when first asked for; stop all of them on leaving."""
    _sweep()
    started: dict[str, Server] = {}
    with contextlib.ExitStack() as ends:

        def server(kind: str) -> Server:
            if kind not in started:
                started[kind] = _server(kind, ends)
            return started[kind]

        yield server


def _server(kind: str, ends: contextlib.ExitStack) -> Server:
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_root()))
    ends.callback(shutil.rmtree, folder, ignore_errors=True)
    if kind == "sqlite":
        return SqliteFiles(folder)
    return Mariadb(folder, ends) if kind == "mariadb" else Postgresql(folder, ends)


def _root() -> Path:
    """Memory, where there is some: and a path short enough for a socket's name."""
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes the folder ours alone
    return memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


def _sweep() -> None:
    for folder in _root().glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdecimal() and not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _migrated(url: str) -> None:
    database = Database.open(url)
    migrate(database)
    database.close()


def _program(name: str) -> str:
    path = os.pathsep.join([os.environ.get("PATH", ""), *_SBIN])
    found = shutil.which(name, path=path)
    if found is None:
        pytest.skip(f"{name} is not installed; `make test` installs it")
    return found


def _postgresql_program(name: str) -> str:
    """Debian keeps the servers' own programs out of everybody's PATH, a folder a version."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else _program(name)


def _ran(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def _begun(command: list[str], folder: Path, at_once: signal.Signals) -> Running:
    with (folder.parent / f"{folder.name}-log").open("wb") as log:
        Path(log.name).unlink()  # a log of its own that is gone with the process
        process = subprocess.Popen(
            [_program("setpriv"), f"--pdeathsig={at_once.name[3:]}", *command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    return Running(process, at_once)


def _wait_for(running: Running, ready: list[str], folder: Path) -> None:
    for _ in range(_READY_S):  # each asks for a second at most before it gives up
        done = subprocess.run(ready, cwd=folder, capture_output=True, check=False)
        if done.returncode == 0:
            return
        assert running.process.poll() is None, f"{running.process.args!r} ended by itself"
    pytest.fail(f"{running.process.args!r} was not ready after {_READY_S} tries")
