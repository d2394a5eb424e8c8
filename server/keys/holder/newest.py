"""Which version of each row is the newest, so that none is put back or dropped unseen.

A version is noted before the database commits and confirmed after it; until then the one before
counts too, since nobody knows whether the commit came about. What was noted is also confirmed by
whoever makes the next version from it, since only a committed row can be read: else two commits in
a row whose confirmations were lost with a process would leave a row that counts as put back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from lot.errors import RolledBack, Unwritable
from server.keys.holder.calls import Version

_SCHEMA = """
CREATE TABLE IF NOT EXISTS newest (
    name TEXT NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,  -- confirmed; 0 before the first
    noted INTEGER,             -- may have been committed
    gone INTEGER NOT NULL,     -- the confirmed version is that the row is deleted
    noted_gone INTEGER NOT NULL,
    PRIMARY KEY (name, id)
) WITHOUT ROWID
"""
_NOTE = """
INSERT INTO newest VALUES (?, ?, 0, ?, 0, ?)
ON CONFLICT (name, id) DO UPDATE SET noted = excluded.noted, noted_gone = excluded.noted_gone
"""
_CONFIRM = """
UPDATE newest SET version = noted, gone = noted_gone, noted = NULL, noted_gone = 0
WHERE name = ? AND id = ? AND noted = ?
"""
_BEGIN = "INSERT INTO newest VALUES (?, ?, ?, NULL, ?, 0)"


class Newest:
    """The list in the keyholder's folder; durable when a method returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._lock = Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = DELETE")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute(_SCHEMA)

    def close(self) -> None:
        self._database.close()

    def note(self, table: str, row: bytes, version: int, *, gone: bool = False) -> None:
        """Note a version that is about to be committed; RolledBack unless it is above the last."""
        with self._lock:
            last, noted, _, _ = self._last(table, row)
            if version <= last or (noted is not None and version < noted):
                raise _below(table, version)
            if noted == version - 1:
                self._execute(_CONFIRM, (table, row, noted))
            self._execute(_NOTE, (table, row, version, gone))

    def note_leap(self, table: str, row: bytes, *, was: int, least: int) -> int:
        """Note a version that is made from `was`, where versions are not counted; return it.

        Two that are made from one get one number: of them the database takes the first, which
        counts also where the other's maker ends before it is told so.
        """
        with self._lock:
            last, noted, _, _ = self._last(table, row)
            if was < last:
                raise _below(table, max(was + 1, least))
            if noted is not None and was == last:
                return noted
            version = max(was + 1, least)
            if noted == was:
                self._execute(_CONFIRM, (table, row, was))
            self._execute(_NOTE, (table, row, version, False))
        return version

    def first(self, table: str, row: bytes) -> int:
        """Return the version that a row begins with: above its deletion, where it was deleted."""
        with self._lock:
            last, noted, gone, noted_gone = self._last(table, row)
        if noted is not None and noted_gone:
            return noted + 1
        return last + 1 if gone else 1

    def confirm(self, table: str, row: bytes, version: int) -> None:
        """Let a noted version count alone; a second time it changes nothing."""
        with self._lock:
            self._execute(_CONFIRM, (table, row, version))

    def begin(self, versions: Iterable[Version]) -> None:
        """Take these for the newest, of a list that knows nothing yet: a restore begins so."""
        rows = [(one.table, one.id, one.version, one.gone) for one in versions]
        with self._lock:
            self._execute("BEGIN", ())
            try:
                self._database.executemany(_BEGIN, rows)
                self._execute("COMMIT", ())
            except BaseException:
                self._database.rollback()
                raise

    def check(self, table: str, row: bytes, version: int) -> None:
        """Refuse a version that is not the newest, or of a row that was deleted."""
        with self._lock:
            last, noted, gone, noted_gone = self._last(table, row)
        counts = (version == last and not gone) or (version == noted and not noted_gone)
        if not counts or version == 0:
            raise RolledBack(
                f"a row of {table} is not its newest version",
                then="it was put back behind the server's back: run python -m server verify",
            )

    def is_latest(self, table: str, row: bytes, version: int) -> bool:
        """Say whether nothing above a version was noted, committed or not."""
        with self._lock:
            last, noted, _, _ = self._last(table, row)
        return version == (last if noted is None else noted)

    def knows(self, table: str, row: bytes) -> bool:
        """Say whether a version of a row was ever confirmed."""
        with self._lock:
            return self._last(table, row)[0] > 0

    def is_gone(self, table: str, row: bytes) -> bool:
        """Say whether a row's deletion was noted."""
        with self._lock:
            _, _, gone, noted_gone = self._last(table, row)
        return gone or noted_gone

    def of(self, table: str) -> tuple[Version, ...]:
        """Return the confirmed version of every row of a table."""
        with self._lock:
            found = self._database.execute(
                "SELECT id, version, gone FROM newest WHERE name = ? AND version > 0 ORDER BY id",
                (table,),
            ).fetchall()
        return tuple(Version(table, row, version, bool(gone)) for row, version, gone in found)

    def _last(self, table: str, row: bytes) -> tuple[int, int | None, bool, bool]:
        found = self._database.execute(
            "SELECT version, noted, gone, noted_gone FROM newest WHERE name = ? AND id = ?",
            (table, row),
        ).fetchone()
        if found is None:
            return 0, None, False, False
        version, noted, gone, noted_gone = found
        return version, noted, bool(gone), bool(noted_gone)

    def _execute(self, statement: str, values: tuple[object, ...]) -> None:
        try:
            self._database.execute(statement, values)
        except sqlite3.OperationalError as error:
            raise Unwritable(
                f"cannot note a row's version: {error}", then="free space in the keys folder"
            ) from error


def _below(table: str, version: int) -> RolledBack:
    return RolledBack(
        f"version {version} of a row of {table} is not above the one that counts",
        then="read the row again and change that",
    )
