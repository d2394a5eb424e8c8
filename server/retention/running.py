"""A run of retention: signed and committed first, then brought about, and ended by the next start.

The order is what makes it safe. Before the commit a mark is laid down; after it what the records
name counts as gone, whatever happens; then keys are destroyed, then the index's days, rows and
files go. A start that finds the mark does the rest of it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, func, select

from contract import canonical, record
from contract.head import Erased
from lot.files import remove, write_private
from lot.times import zone
from server.index.days import day_of
from server.retention import finishing
from server.retention.finishing import Pictures, Wraps
from server.retention.leave import Moment, check_leave
from server.retention.plan import Plan, due
from server.store import lots
from server.store.database import Database
from server.store.tables import records

_MARK_BYTES_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class Gone:
    """What is to be signed as gone, and of which lot."""

    lot: bytes
    erased: Erased


class Signs(Protocol):
    """The server's own writer, and the audit beside it."""

    def erasures(self, write: Connection, gone: Sequence[Gone]) -> None:
        """Add the `erased` records and the audit's line to a transaction."""


class Days(Protocol):
    """The search index, a sealed segment a day."""

    def forget(self, lot: bytes, day: int) -> None:
        """Destroy a day's segment and its key; what is left of the day is built again."""

    def forget_records(self, lot: bytes, days: Iterable[int], ids: Sequence[str]) -> None:
        """Forget these records alone, with the segments that may name them."""


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What a run works on."""

    database: Database
    wraps: Wraps
    pictures: Pictures
    days: Days
    signs: Signs
    mark: Path  # there while something is signed as gone that is still there

    def run(self, at: Moment, *, confirmed: bool) -> Plan:
        """Forget what is due; Refused where a person must say so first. Return what went."""
        self.finish()
        with self.database.read() as read:
            plan = due(read, at.now)
        self.forget(plan, at, confirmed=confirmed)
        return plan

    def forget(self, plan: Plan, at: Moment, *, confirmed: bool) -> None:
        """Forget what a plan says; Refused where a person must say so first."""
        if plan.going:
            check_leave(plan, at, confirmed=confirmed)
            going = [Gone(one.lot, erased) for one in plan.going for erased in one.erasures()]
            self.erase(going)

    def erase(self, gone: Sequence[Gone]) -> None:
        """Sign that these are gone, and bring it about."""
        with self.database.read() as read:
            before = _signed_so_far(read)
        write_private(self.mark, canonical.encoded(before))
        self.database.write(lambda write: self.signs.erasures(write, gone))
        self.finish()

    def finish(self) -> int:
        """Bring about what was signed and not yet done; return how many erasures that were."""
        if not self.mark.exists():
            return 0
        with canonical.reading("the mark of a retention that broke off"):
            before = canonical.decoded(self.mark.read_bytes(), bytes_max=_MARK_BYTES_MAX)
        with self.database.read() as read:
            gone = list(_signed_since(read, before))
        for one in gone:
            finishing.destroy_keys(one.lot, one.erased, self.wraps)
        for one in gone:
            self._remove(one)
        remove(self.mark)
        return len(gone)

    def _remove(self, one: Gone) -> None:
        with self.database.read() as read:
            days = list(_days(read, one))
            # What goes singly leaves the others of its day where they are: in every answer.
            ids = [] if one.erased.keys else _ids(read, one)
        self._forget(one.lot, days, ids)
        left: list[bytes] = self.database.write(
            lambda write: finishing.remove_rows(write, one.lot, one.erased)
        )
        self._forget(one.lot, days, ids)  # who feeds the index may have read it again meanwhile
        finishing.remove_files(one.lot, left, self.pictures)

    def _forget(self, lot: bytes, days: Sequence[int], ids: Sequence[str]) -> None:
        if ids:
            self.days.forget_records(lot, days, ids)
            return
        for day in days:
            self.days.forget(lot, day)


def _signed_so_far(read: Connection) -> dict[str, int]:
    """Return the newest erasure of each writer of the server's: a restore begins another one."""
    c = records.c
    wanted = select(c.writer, func.max(c.sequence)).where(c.type == "erased").group_by(c.writer)
    return {row[0].hex(): row[1] for row in read.execute(wanted)}


def _signed_since(read: Connection, before: Mapping[str, object]) -> Iterator[Gone]:
    c = records.c
    wanted = select(c.lot, c.writer, c.sequence, c.envelope).where(c.type == "erased")
    for row in read.execute(wanted.order_by(c.writer, c.sequence)):
        known = before.get(row.writer.hex(), 0)
        erased = record.decoded(row.envelope).head.gone
        is_newer = not isinstance(known, int) or row.sequence > known
        if is_newer and isinstance(erased, Erased):
            yield Gone(row.lot, erased)


def _ids(read: Connection, one: Gone) -> list[str]:
    """Return the ids of the records that go."""
    if one.erased.first is None:
        return []
    c = records.c
    run = c.sequence.between(one.erased.first, one.erased.last)
    mine = (c.lot == one.lot, c.writer == one.erased.edge, run)
    return sorted(set(read.scalars(select(c.id).where(*mine))))


def _days(read: Connection, one: Gone) -> Iterable[int]:
    """Return the days, since 1970 by the lot's zone, on which what goes happened."""
    if one.erased.first is None:
        return ()
    c = records.c
    run = c.sequence.between(one.erased.first, one.erased.last)
    wanted = select(func.min(c.at), func.max(c.at))
    row = read.execute(wanted.where(c.lot == one.lot, c.writer == one.erased.edge, run)).one()
    first, last = row
    known = lots.found(read, one.lot)
    if first is None or known is None:
        return ()
    here = zone(known.timezone)
    return range(day_of(first, here), day_of(last, here) + 1)
