"""What the outbox gives up when it is full: acknowledged records, then the oldest pictures.

Text is never given up. What goes before the server has it is followed by a signed tombstone, so
that at the server a gap with a reason stands where otherwise there would be damage.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contract.record import Part
from edge.delivery import appending
from edge.delivery.writing import Writer

# What is left to others on the disk, and to the outbox's own log: it checkpoints at 4 MB and
# a large transaction makes it grow by as much again.
DISK_RESERVE = 64 * 1024 * 1024


def _free(folder: Path) -> int:
    """Return how many bytes the disk of a folder has left."""
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class Room:
    """How much the outbox may hold, and how much of that is left."""

    path: Path
    bytes_max: int
    free: Callable[[Path], int] = _free

    def lacks(self, db: sqlite3.Connection, more: int) -> int:
        """Return by how many bytes `more` would be too much, 0 where it fits."""
        page, pages, free = (
            int(db.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_size", "page_count", "freelist_count")
        )
        used = (pages - free) * page
        on_disk = pages * page + self.free(self.path.parent) - DISK_RESERVE
        return max(0, used + more - min(self.bytes_max, on_disk))


def make_room(db: sqlite3.Connection, room: Room, more: int, writer: Writer) -> bool:
    """Give up what must go for `more` bytes; say whether they fit now."""
    while room.lacks(db, more):
        if not (_acknowledged_went(db) or _pictures_went(db, writer)):
            return False
    return True


def _acknowledged_went(db: sqlite3.Connection) -> bool:
    """Let go the oldest record that the server has whole; say whether there was one."""
    row = db.execute(
        "SELECT sequence FROM records WHERE state = 'whole' AND signed IS NOT NULL"
        " ORDER BY sequence LIMIT 1"
    ).fetchone()
    if row is None:
        return False
    appending.let_go(db, row[0])
    return True


def _pictures_went(db: sqlite3.Connection, writer: Writer) -> bool:
    """Give up the pictures of the oldest record that has some; say whether there was one."""
    row = db.execute(
        "SELECT sequence FROM parts WHERE state = 'waiting' AND mark <> x''"
        " ORDER BY sequence LIMIT 1"
    ).fetchone()
    if row is None:
        return False
    hashes = db.execute(
        "SELECT hash FROM parts WHERE sequence = ? AND state = 'waiting' AND mark <> x''", row
    ).fetchall()
    appending.entomb(db, writer, row[0], "quota", [part for (part,) in hashes])
    return True


def superseded_go(db: sqlite3.Connection, event_id: str, named: tuple[Part, ...]) -> None:
    """Forget pictures that an event's newest revision no longer names.

    No tombstone tells of them: nothing of theirs is missed once that revision is there. Should a
    later one bring such a picture again, it is sealed anew.
    """
    newest = {part.hash for part in named}
    rows = db.execute(
        "SELECT hash FROM parts WHERE id = ? AND mark <> x'' AND state = 'waiting'", (event_id,)
    ).fetchall()
    db.executemany(
        "UPDATE parts SET sealed = NULL, state = 'gone', mark = x'' WHERE hash = ?",
        [(part,) for (part,) in rows if part not in newest],
    )
