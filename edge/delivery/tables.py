"""The outbox's file: SQLite, because several processes write to it and a power cut loses nothing.

Sealed pictures lie in it as blobs. Beside files that are fsynced and renamed before the commit,
blobs were the faster of the two at a picture's size (`benchmarks/outbox.py`), and one commit
then covers everything: no sweeper, no picture without its record.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from lot.errors import Damaged, Refused, Unreadable, Unwritable

VERSION = 2
BUSY_S = 30.0  # a write takes milliseconds; who waits this long waits for a stopped process

_SCHEMA = (
    """CREATE TABLE standing (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        public BLOB NOT NULL,
        low INTEGER NOT NULL,        -- as the server last said
        seen_node BLOB NOT NULL,     -- the audit head that the next record bears witness of
        seen_seq INTEGER NOT NULL,
        seen_head BLOB NOT NULL,
        keep_days INTEGER NOT NULL,
        closed INTEGER NOT NULL      -- the server closed this chain for good
    )""",
    """CREATE TABLE records (
        sequence INTEGER PRIMARY KEY,
        c BLOB NOT NULL,             -- stays for ever: low_hash is compared with it
        id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        camera TEXT,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'whole', 'dead')),
        whole_at INTEGER,            -- by the server's clock
        signed BLOB                  -- null once let go
    )""",
    "CREATE INDEX records_by_state ON records (state, sequence)",
    "CREATE INDEX records_by_id ON records (id, revision)",
    """CREATE INDEX records_kept ON records (sequence)
        WHERE state = 'whole' AND signed IS NOT NULL""",
    """CREATE TABLE parts (
        hash BLOB PRIMARY KEY,
        sequence INTEGER NOT NULL,   -- of the record that it was sealed for
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        key BLOB NOT NULL,
        size INTEGER NOT NULL,
        head BLOB NOT NULL,
        mark BLOB NOT NULL,          -- tells a picture again, see `writing.mark_of`
        state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'gone')),
        sealed BLOB                  -- null once let go
    )""",
    "CREATE INDEX parts_by_record ON parts (sequence)",
    "CREATE INDEX parts_by_id ON parts (id)",
    "CREATE INDEX parts_waiting ON parts (sequence) WHERE state = 'waiting'",
    "CREATE TABLE wraps (key BLOB PRIMARY KEY, wrap BLOB NOT NULL)",
    """CREATE TABLE heads (
        node BLOB NOT NULL,
        seq INTEGER NOT NULL,
        head BLOB NOT NULL,
        told INTEGER NOT NULL,       -- by the server's clock
        PRIMARY KEY (node, seq, head)
    ) WITHOUT ROWID""",
    """CREATE TABLE alarms (
        code TEXT PRIMARY KEY,
        says TEXT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        times INTEGER NOT NULL
    ) WITHOUT ROWID""",
)
# What was said lately, see `journal`: new in version 2.
_JOURNAL = (
    """CREATE TABLE said (
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,         -- when it was last seen
        key BLOB NOT NULL,
        sealed BLOB NOT NULL
    )""",
    "CREATE INDEX said_by_time ON said (at)",
    "CREATE INDEX said_by_key ON said (key)",
    "CREATE TABLE said_keys (id BLOB PRIMARY KEY, box BLOB)",  # null until the state key came
    "CREATE TABLE listeners (id BLOB PRIMARY KEY, n INTEGER NOT NULL)",
)


class Connection:
    """One connection; its threads take turns, and each write is a transaction of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            _make_private_file(path)
            # Transactions are begun by hand: the module's own would begin as readers, and two
            # that then want to write fail instead of waiting.
            self._connection = sqlite3.connect(
                path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
            # Going over to WAL deletes a journal. EXTRA syncs the folder too, or after a power cut
            # the journal may be there again, and put the file back to where it was empty.
            self._connection.execute("PRAGMA synchronous = EXTRA")
            self._connection.execute("PRAGMA journal_mode = WAL")
            # WAL's default, NORMAL, may lose what was committed last: two records of one number.
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
        except (OSError, sqlite3.Error) as error:
            raise Unreadable(
                f"cannot open {path}: {error}",
                then="give the folder to the user that runs this",
            ) from error
        self._build()

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for looking: one snapshot until the end."""
        with self._told(), self._lock:
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for one transaction, which is on the disk on leaving."""
        with self._told(), self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk may have ended it already
                    self._connection.execute("ROLLBACK")
                raise

    def changes(self) -> int:
        """Return a number that differs once another connection has written."""
        with self._told(), self._lock:
            row = self._connection.execute("PRAGMA data_version").fetchone()
        return int(row[0])

    def _build(self) -> None:
        with self.writing() as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise Refused(
                    f"{self._path} was written by a newer version",
                    then="install that version again; nothing was changed",
                )
            for statement in (
                *(_SCHEMA if version < 1 else ()),
                *(_JOURNAL if version < 2 else ()),
            ):
                db.execute(statement)
            if version < VERSION:
                db.execute(f"PRAGMA user_version = {VERSION}")

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise Unwritable(
                f"cannot write {self._path}: {error}",
                then="free space there; nothing that was there is lost",
            ) from error
        except sqlite3.DatabaseError as error:
            raise Damaged(
                f"{self._path} is damaged: {error}",
                then="keep the file for the owner, and enrol this edge anew",
            ) from error


def _make_private_file(path: Path) -> None:
    """Make an empty file, durably, for SQLite gives its own to everybody that the umask lets."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
