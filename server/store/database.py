"""One way to read and one to write, on three databases that then behave alike.

Every transaction sees one snapshot, and whoever would overwrite what changed since gets a
conflict instead (MariaDB's and PostgreSQL's own defaults lose such updates silently). `write`
answers a conflict by doing the whole transaction again, since one that is swallowed inside can
end in a COMMIT that says OK and wrote nothing. A commit whose answer was lost is repeated too.
So `work` must be ready to find its own rows there: ids are made outside of it, it looks before
it adds, and it does nothing but speak to the connection.

Values travel inside the statement (no prepared cursors): pictures are files, and for rows of a
few kB a statement of many rows costs the pure connector less than many executions of one.
"""

from __future__ import annotations

import contextlib
import os
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from lot.errors import LotError, NoSpace, Unreachable, WrongUsage
from server.store import mariadb
from server.store.troubles import Trouble, trouble

Answer = TypeVar("Answer")

_DRIVERS = {
    "mariadb": "mariadb+mysqlconnector",
    "mysql": "mariadb+mysqlconnector",
    "postgresql": "postgresql+psycopg",
    "sqlite": "sqlite+pysqlite",
}
# A restart of MariaDB takes a second or two on this house's machines; an edge that is told 503
# comes back by itself, so nobody has to wait longer than that.
_PAUSES_S = (0.01, 0.03, 0.1, 0.3, 0.6, 1.2)
_PATIENCE_S = 8  # no try begins later, so a held lock costs a thread this and one wait more
_LOCK_WAIT_S = 5  # MariaDB's own 50 s would hold a thread of the web server for as long
_CONNECTIONS_KEPT = 5
_CONNECTIONS_MORE = 10  # together below the 20 that the Pi's MariaDB allows
_CONNECT_WAIT_S = 5

_WRITES = "lot_writes"
_CONFLICT = "lot_conflict"


class Database:
    """The connections to one database; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(**{_WRITES: True})
        # SQLite has one writer; queueing here is fair, its own waiting is not.
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else None

    @classmethod
    def open(cls, url: str) -> Database:
        """Make ready to connect by a `LOT_DATABASE`; connects when first used."""
        return cls(_engine(_parsed(url)))

    @property
    def engine(self) -> Engine:
        """Return the engine, for migrations."""
        return self._engine

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one snapshot; what is written through it is undone."""
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise _told(error) from error

    def write(self, work: Callable[[Connection], Answer]) -> Answer:
        """Return what `work` answered once its transaction is on the disk, whole or not at all.

        May call `work` several times. Unreachable if the database stays away or busy, NoSpace
        if its disk is full; nothing of this call is stored then, or all of it.
        """
        started_s = monotonic()
        for pause in (*_PAUSES_S, None):
            try:
                return self._once(work)
            except SQLAlchemyError as error:
                last = pause is None or monotonic() - started_s > _PATIENCE_S
                if last or trouble(error) in (None, Trouble.FULL):
                    raise _told(error) from error
            sleep((pause or 0) * random.uniform(0.5, 1.5))  # noqa: S311 - only spreads them
        raise AssertionError("the last try answers or raises")

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._engine.dispose()

    def _once(self, work: Callable[[Connection], Answer]) -> Answer:
        with self._in_turn(), self._writing.begin() as connection:
            connection.info.pop(_CONFLICT, None)
            answer = work(connection)
            if swallowed := connection.info.get(_CONFLICT):
                raise swallowed
            return answer

    @contextlib.contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
        elif self._turn.acquire(timeout=_PATIENCE_S):
            try:
                yield
            finally:
                self._turn.release()
        else:
            raise Unreachable(Trouble.CONFLICT.value, then="try again in a while")


def _told(error: SQLAlchemyError) -> LotError | SQLAlchemyError:
    """Return what an operator can act on; what is a bug of ours comes back as it is."""
    found = trouble(error)
    if found is None or found is Trouble.DUPLICATE:
        return error
    if found is Trouble.FULL:
        return NoSpace(found.value, then="free space there; what was stored is whole")
    return Unreachable(found.value, then="see whether it runs and LOT_DATABASE names it")


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        driver = _DRIVERS[parsed.get_backend_name()]
    except (ArgumentError, KeyError):  # the text may hold a password: it is not repeated
        raise WrongUsage(
            "LOT_DATABASE names no database that we know",
            then="write sqlite:///PATH, mariadb://USER@/NAME?unix_socket=PATH "
            "or postgresql://USER@/NAME?host=FOLDER",
        ) from None
    return parsed.set(drivername=driver)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    return {"mariadb": _mariadb, "postgresql": _postgresql}[url.get_backend_name()](url)


def _pooled(url: URL, arguments: dict[str, Any]) -> Engine:
    return create_engine(
        url,
        connect_args=arguments,
        isolation_level="REPEATABLE READ",
        pool_size=_CONNECTIONS_KEPT,
        max_overflow=_CONNECTIONS_MORE,
        pool_timeout=_CONNECT_WAIT_S,
        pool_pre_ping=True,  # a reader cannot begin again, so it begins on a living connection
        hide_parameters=True,  # an error is logged; what a row holds is not
    )


def _mariadb(url: URL) -> Engine:
    # The C extension does not load on Debian 12, silently; so that all machines behave alike it
    # is used nowhere. Charset and strictness may be otherwise in the owner's configuration.
    engine = _pooled(
        url,
        {
            "use_pure": True,
            "charset": "utf8mb4",
            "collation": "utf8mb4_bin",
            "connection_timeout": _CONNECT_WAIT_S,
            "sql_mode": "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
        },
    )
    mariadb.listen(engine)
    event.listen(engine, "connect", _set_up_mariadb)
    event.listen(engine, "handle_error", _note_conflict)
    return engine


def _set_up_mariadb(connection: Any, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET SESSION innodb_lock_wait_timeout={_LOCK_WAIT_S}")
    # Off by default before 11.6; without it an update of what changed since it was read is lost.
    cursor.execute("SET SESSION innodb_snapshot_isolation=ON")
    cursor.close()


def _postgresql(url: URL) -> Engine:
    options = f"-c lock_timeout={_LOCK_WAIT_S}s -c synchronous_commit=on"
    arguments = {"connect_timeout": _CONNECT_WAIT_S, "options": options}
    engine = _pooled(url, arguments)
    event.listen(engine, "handle_error", _note_conflict)
    return engine


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise WrongUsage(
            "LOT_DATABASE names no file for SQLite",
            then="write sqlite:///PATH, with four slashes where the path is absolute",
        )
    _make_private(Path(url.database))
    engine = create_engine(
        url,
        connect_args={"timeout": _LOCK_WAIT_S, "check_same_thread": False},
        pool_size=_CONNECTIONS_KEPT,
        max_overflow=_CONNECTIONS_MORE,
        pool_timeout=_CONNECT_WAIT_S,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "handle_error", _note_conflict)
    return engine


def _make_private(path: Path) -> None:
    """Make the file for our own user's eyes; SQLite gives its other files the same mode."""
    with contextlib.suppress(OSError):  # whoever connects is told why it cannot be
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _set_up_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # Python's own BEGIN would come too late for a snapshot
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer that began as a reader could not wait for another, only fail.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _note_conflict(context: ExceptionContext) -> None:
    error = context.sqlalchemy_exception
    if context.connection is None or context.connection.closed or error is None:
        return
    if trouble(error) in (Trouble.CONFLICT, Trouble.AWAY) and not context.is_disconnect:
        context.connection.info[_CONFLICT] = error
