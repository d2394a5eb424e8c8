"""Which version of each row is the newest, so that none is put back or dropped unseen.

The one rule, for every table (certificates of writers, accounts, browsers, rows under the people
key): a version counts by its number and by a digest of its very bytes. It is made in three steps,
and a process may end after each:

    noted      before the commit. It counts from here on, and so does the version before it, since
               nobody knows whether the commit came about. Several may be noted beside each other:
               all were made from the same row, and of them the database takes the first.
    committed  in the database, which this list never sees.
    settled    it counts alone: what was before it and what was noted beside it counts no more.
               That is when who committed it confirms it; when its bytes are shown to the
               keyholder, or a next version is made from it, since only a committed row can be
               read; and when the server looks for what was noted, and finds it
               (server/running/settling.py: at its start, after an opening, once an hour).

So a lost confirmation is healed by the next look at the row, whoever's it is. Until then whoever
writes into the database behind the server's back can put back the version before; never one that
another was settled over. That a row is deleted is a version too, whose digest is empty; a row that
nobody knows counts as deleted at version 0. Ended sessions and marks are of the keyholder's own
making and wait for no commit: they are settled at once.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from lot.errors import Damaged, RolledBack, Unwritable
from server.keys.holder.calls import GONE, Version
from server.keys.holder.refusals import Overtaken

FORM = 1
# Whoever noted one of these had read a row over which none of the others was committed yet. So many
# are not made at one moment: the oldest came to nothing.
NOTED_MAX = 32

_SCHEMA = """
CREATE TABLE newest (
    place INTEGER PRIMARY KEY,  -- which was noted first
    name TEXT NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    digest BLOB NOT NULL,  -- of the row's bytes; empty: the row is deleted with this version
    settled INTEGER NOT NULL,
    UNIQUE (name, id, version, digest)
)
"""
_KNOWN = "SELECT version, digest, settled FROM newest WHERE name = ? AND id = ? ORDER BY place"
_ADD = "INSERT OR IGNORE INTO newest (name, id, version, digest, settled) VALUES (?, ?, ?, ?, ?)"
_DROP_OTHER_NOTED = """
DELETE FROM newest WHERE name = ? AND id = ? AND settled = 0 AND version <> ?
"""
_DROP_OLDEST_NOTED = """
DELETE FROM newest WHERE place IN (
    SELECT place FROM newest WHERE name = ? AND id = ? AND settled = 0
    ORDER BY place DESC LIMIT -1 OFFSET ?
)
"""
_DROP_BELOW = "DELETE FROM newest WHERE name = ? AND id = ? AND version < ?"
_DROP_BESIDE = "DELETE FROM newest WHERE name = ? AND id = ? AND version = ? AND digest <> ?"
_SETTLE = "UPDATE newest SET settled = 1 WHERE name = ? AND id = ? AND version = ?"
_UNSETTLED = """
SELECT name, id, version, digest FROM newest AS one WHERE settled = 0 OR EXISTS (
    SELECT 1 FROM newest AS other WHERE other.name = one.name AND other.id = one.id
    AND other.settled = 1 AND other.place <> one.place
) ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a row: digests at the settled version, and those noted above it.

    Two are settled beside each other where a next version was made from one of them, and nobody
    said from which.
    """

    version: int
    settled: tuple[bytes, ...]
    noted_version: int | None
    noted: tuple[bytes, ...]

    @property
    def latest(self) -> int:
        return self.version if self.noted_version is None else self.noted_version

    def counts(self, one: Version) -> bool:
        if one.version == self.version:
            return one.digest in self.settled
        return one.version == self.noted_version and one.digest in self.noted

    def is_settled(self, one: Version) -> bool:
        return one.version == self.version and self.settled == (one.digest,)


class Newest:
    """The list in the keyholder's folder; durable when a method returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._lock = Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = DELETE")
        self._database.execute("PRAGMA synchronous = FULL")
        self._build(path)

    def close(self) -> None:
        self._database.close()

    def note(self, one: Version) -> None:
        """Note a version that is about to be committed; Overtaken unless it is above the last."""
        with self._changing():
            known = self._known(one.table, one.id)
            if one.version <= known.version or one.version < known.latest:
                raise _below(one.table, one.version)
            if known.noted_version == one.version - 1:
                self._settle_noted(one.table, one.id, known.noted_version)
            self._note(one)

    def note_leap(
        self, table: str, row: bytes, *, was: int, least: int, made: Callable[[int], bytes]
    ) -> bytes:
        """Note a version that is made from `was`, where versions are not counted; return its bytes.

        `made` makes them of their number. All that are made from one get one number, so that the
        database takes the first of them.
        """
        with self._changing():
            known = self._known(table, row)
            if was < known.version:
                raise _below(table, max(was + 1, least))
            if known.noted_version is not None and was == known.version:
                version = known.noted_version
            else:
                version = max(was + 1, least)
                if known.noted_version == was:
                    self._settle_noted(table, row, was)
            data = made(version)
            self._note(Version.of(table, row, version, data))
        return data

    def put(self, one: Version) -> None:
        """Settle a version that waits for no commit; Overtaken unless it is above the last."""
        with self._changing():
            if one.version <= self._known(one.table, one.id).version:
                raise _below(one.table, one.version)
            self._note(one)
            self._settle(one)

    def first(self, table: str, row: bytes) -> int:
        """Return the version that a row begins with: above its deletion, where it was deleted."""
        known = self._found(table, row)
        if known.noted_version is not None and GONE in known.noted:
            return known.noted_version + 1
        return known.version + 1 if GONE in known.settled else 1

    def confirm(self, one: Version) -> None:
        """Settle a version that was committed; what does not count any more is left as it is."""
        self._settled_if_counts(one)

    def begin(self, versions: Iterable[Version]) -> None:
        """Take these for the newest, of a list that knows nothing yet: a restore begins so."""
        rows = [(one.table, one.id, one.version, one.digest, True) for one in versions]
        with self._changing():
            self._database.executemany(_ADD, rows)

    def check(self, one: Version) -> None:
        """Settle a version that is shown, if it counts: only what was committed can be read.

        RolledBack where it is not the newest, or its row was deleted.
        """
        try:
            counts = self._settled_if_counts(one)
        except Unwritable:  # a full disk keeps nobody from reading: a later look settles it
            counts = self._found(one.table, one.id).counts(one)
        if not one.digest or not counts:
            raise RolledBack(
                f"a row of {one.table} is not its newest version",
                then="it was put back behind the server's back: run python -m server verify",
            )

    def is_latest(self, table: str, row: bytes, version: int) -> bool:
        """Say whether nothing above a version was noted, committed or not."""
        return version == self._found(table, row).latest

    def knows(self, table: str, row: bytes) -> bool:
        """Say whether a version of a row was ever settled."""
        return self._found(table, row).version > 0

    def is_gone(self, table: str, row: bytes) -> bool:
        """Say whether a row's deletion is settled."""
        known = self._found(table, row)
        return known.version > 0 and GONE in known.settled

    def unsettled(self) -> tuple[Version, ...]:
        """Return what was noted and may have been committed, but was not confirmed."""
        with self._lock:
            return tuple(Version(*row) for row in self._database.execute(_UNSETTLED))

    def _found(self, table: str, row: bytes) -> _Known:
        with self._lock:
            return self._known(table, row)

    def _known(self, table: str, row: bytes) -> _Known:
        settled: list[tuple[int, bytes]] = []
        noted: list[tuple[int, bytes]] = []
        for version, digest, is_settled in self._database.execute(_KNOWN, (table, row)):
            (settled if is_settled else noted).append((version, digest))
        return _Known(
            settled[0][0] if settled else 0,
            tuple(digest for _, digest in settled) if settled else (GONE,),
            noted[0][0] if noted else None,
            tuple(digest for _, digest in noted),
        )

    def _settled_if_counts(self, one: Version) -> bool:
        """Say whether a version counts, and let it count alone if it does."""
        known = self._found(one.table, one.id)
        if known.is_settled(one) or not known.counts(one):
            return known.counts(one)
        with self._changing():
            counts = self._known(one.table, one.id).counts(one)  # another may be settled meanwhile
            if counts:
                self._settle(one)
        return counts

    def _settle(self, one: Version) -> None:
        """Let a version count alone, but for what was noted above it."""
        here = (one.table, one.id, one.version)
        self._database.execute(_DROP_BELOW, here)
        self._database.execute(_DROP_BESIDE, (*here, one.digest))
        self._database.execute(_SETTLE, here)

    def _settle_noted(self, table: str, row: bytes, version: int) -> None:
        """Settle what was noted: a next version is made from one of it, nobody says which."""
        self._database.execute(_DROP_BELOW, (table, row, version))
        self._database.execute(_SETTLE, (table, row, version))

    def _note(self, one: Version) -> None:
        """Note a version beside those of its number; what was noted of another came to nothing."""
        here = (one.table, one.id)
        self._database.execute(_DROP_OTHER_NOTED, (*here, one.version))
        self._database.execute(_ADD, (*here, one.version, one.digest, False))
        self._database.execute(_DROP_OLDEST_NOTED, (*here, NOTED_MAX))

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Change the list, whole or not at all."""
        with self._lock:
            try:
                self._database.execute("BEGIN IMMEDIATE")
                yield
                self._database.execute("COMMIT")
            except sqlite3.OperationalError as error:
                self._undo()
                raise Unwritable(
                    f"cannot note a row's version: {error}", then="free space in the keys folder"
                ) from error
            except BaseException:
                self._undo()
                raise

    def _undo(self) -> None:
        if self._database.in_transaction:  # a full disk may have ended it already
            self._database.execute("ROLLBACK")

    def _build(self, path: Path) -> None:
        (form,) = self._database.execute("PRAGMA user_version").fetchone()
        if form == FORM:
            return
        (tables,) = self._database.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        if form or tables:
            self._database.close()
            raise Damaged(
                f"{path} is of a form that this version does not read",
                then="install the version that wrote it; nothing was changed",
            )
        with self._changing():
            self._database.execute(_SCHEMA)
            self._database.execute(f"PRAGMA user_version = {FORM}")


def _below(table: str, version: int) -> Overtaken:
    return Overtaken(
        f"version {version} of a row of {table} is not above the one that counts",
        then="read the row again and change that",
    )
