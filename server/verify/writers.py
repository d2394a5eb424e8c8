"""One writer's records, walked in their order: signature, columns, parts, wraps, chain, witnesses.

Nothing is opened. A few hundred records are held at a time, so that a year of a busy gate fits a
Pi's memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, func, select

from contract import opening, record
from contract.chain import NamedPart, Point, link
from contract.head import Head, Tombstone
from contract.record import Part, Record
from contract.trust import Certificate
from contract.walk import Gone, Reach, Walk
from lot.errors import Damaged
from server.store.tables import parts, records
from server.verify.audit import Gathered, Witnesses
from server.verify.erasures import SignedErasure
from server.verify.parts import Kept, Parts, sealed_texts
from server.verify.report import Erasure, Findings, WriterFound

_RECORDS_AT_ONCE = 500
_DAY = 86_400_000_000  # retention runs once a day: what was due by then was due in time


@dataclass(frozen=True, slots=True)
class Retention:
    """For how long a lot keeps each kind, in days."""

    text: int
    pictures: int


@dataclass(frozen=True, slots=True)
class House:
    """What every writer's walk reads from and is held to."""

    read: Connection
    pictures: Kept
    wraps: Kept
    lots: Mapping[bytes, Retention]
    gathered: Gathered
    witnesses: Witnesses


@dataclass(frozen=True, slots=True)
class Of:
    """Whose records: where they lie, who may have written them, what else must be there."""

    name: str
    rights: Certificate
    lots: tuple[bytes, ...]
    erasures: tuple[SignedErasure, ...]
    ends: tuple[Point, ...]  # that an earlier report saw


def walked(house: House, of: Of) -> WriterFound:
    """Walk all of a writer's records that there are."""
    return _WriterWalk(house, of).found()


class _WriterWalk:
    def __init__(self, house: House, of: Of) -> None:
        self._house = house
        self._of = of
        self._read = house.read
        self._everything = replace(of.rights, until=None)  # the walk itself tells what came late
        self._findings = Findings()
        keys_erased = frozenset(key for one in of.erasures for key in one.gone.keys)
        self._parts = Parts(of.rights.writer, house.pictures, house.wraps, keys_erased)
        self._early_keys: set[bytes] = set()
        self._ends = sorted((one.gone.last for one in of.erasures if one.gone.last), reverse=True)
        self._next_at: dict[int, int] = {}  # when the record after an erased run was made
        alone = [one for one in of.erasures if one.gone.first is None]
        self._pictures_erased = {key: one.at for one in alone for key in one.gone.keys}
        self._count = 0
        self._newest: Head | None = None
        self._c = bytes(32)

    def found(self) -> WriterFound:
        tombs = self._tombs()
        gone = Gone(tombs, tuple(one.gone for one in self._of.erasures))
        lows = self._house.gathered.points(self._of.rights.writer)
        walk = Walk(
            self._of.rights.public,
            gone,
            self._reach(),
            lows=[*lows, *self._of.ends],
            until=self._of.rights.until,
        )
        for rows in self._windows():
            self._window(rows, walk)
        self._findings.add(walk.ended())
        return self._told(tombs)

    def _windows(self) -> Iterator[list[Row[Any]]]:
        upto = self._end()
        at = self._first(1)
        while at is not None and at <= upto:
            last = min(at + _RECORDS_AT_ONCE - 1, upto)
            wanted = select(records).where(
                *self._mine(records), records.c.sequence.between(at, last)
            )
            yield list(self._read.execute(wanted.order_by(records.c.sequence)))
            at = self._first(last + 1)

    def _mine(self, table: Any) -> tuple[Any, Any]:
        return table.c.lot.in_(self._of.lots), table.c.writer == self._of.rights.writer

    def _first(self, at: int) -> int | None:
        """Return the next sequence that is there: a year that was erased is not gone through."""
        wanted = select(func.min(records.c.sequence))
        wanted = wanted.where(*self._mine(records), records.c.sequence >= at)
        found: int | None = self._read.scalar(wanted)
        return found

    def _end(self) -> int:
        wanted = select(func.max(records.c.sequence)).where(*self._mine(records))
        return self._read.scalar(wanted) or 0

    def _tombs(self) -> tuple[tuple[int, Tombstone], ...]:
        wanted = select(records.c.envelope, records.c.signature).where(
            *self._mine(records), records.c.type == "tombstone"
        )
        found = []
        for envelope, signature in self._read.execute(wanted):
            try:
                head = opening.admitted(envelope + signature, self._of.rights).head
            except Damaged:
                continue  # the walk comes to it
            if isinstance(head.gone, Tombstone):
                found.append((head.sequence, head.gone))
        return tuple(sorted(found, key=lambda one: one[0]))

    def _reach(self) -> Reach:
        """Return how far the chain goes: what was signed after a revocation does not count."""
        wanted = select(records.c.sequence, records.c.envelope, records.c.signature)
        wanted = wanted.where(*self._mine(records)).order_by(records.c.sequence.desc())
        if self._of.rights.until is not None:
            wanted = wanted.where(records.c.sequence <= self._of.rights.until.sequence)
        for sequence, envelope, signature in self._read.execute(wanted.limit(_RECORDS_AT_ONCE)):
            try:
                waiting = opening.admitted(envelope + signature, self._everything).envelope.waiting
            except Damaged:
                continue
            return Reach(sequence, waiting)
        return Reach(0, 1)

    def _window(self, rows: Sequence[Row[Any]], walk: Walk) -> None:
        made = [(row, one) for row in rows if (one := self._admitted(row)) is not None]
        self._house.witnesses.hear({one.envelope.seen for _, one in made})
        if not made:
            return
        first, last = made[0][1].head.sequence, made[-1][1].head.sequence
        named = self._part_rows(first, last)
        sealed = sealed_texts(self._read, [one for _, one in made])
        for row, one in made:
            self._columns(row, one, named.get(one.head.sequence, set()))
            for what in self._parts.faults(one, sealed):
                self._findings.say(one.head.sequence, what)
            lacking = self._still_named(one, self._parts.lacking(one, sealed))
            named_parts = [NamedPart(part.name, part.key, part.hash) for part in lacking]
            self._findings.add(walk.past(link(one), named_parts))
            self._note_early(one)
            self._pass_on(one)

    def _admitted(self, row: Row[Any]) -> Record | None:
        try:
            found = opening.admitted(row.envelope + row.signature, self._everything)
        except Damaged as fault:
            self._findings.say(row.sequence, fault.what)
            return None
        if found.head.sequence != row.sequence:
            self._findings.say(row.sequence, "the row holds another record than its number says")
            return None
        return found

    def _pass_on(self, one: Record) -> None:
        self._count += 1
        self._newest, self._c = one.head, one.c
        while self._ends and self._ends[-1] < one.head.sequence:
            self._next_at[self._ends.pop()] = one.head.at

    def _columns(self, row: Row[Any], one: Record, named: set[tuple[Any, ...]]) -> None:
        """Compare the copies with what was signed; they are what everything is looked up by."""
        head = one.head
        copies = (head.lot, head.edge, one.c, one.envelope.prev, head.type, head.id, head.revision)
        more = (head.camera, head.lane, head.kind, head.at, head.final, one.envelope.waiting)
        there = (row.lot, row.writer, row.c, row.prev, row.type, row.id, row.revision)
        rest = (row.camera, row.lane, row.kind, row.at, row.final, row.waiting)
        if copies != there or more != rest:
            self._findings.say(head.sequence, "the row's columns are not those of its record")
        signed = {
            (part.name, part.key, part.size, part.hash, part.head) for part in one.envelope.parts
        }
        if signed != named:
            self._findings.say(head.sequence, "the rows of its parts are not those of its record")

    def _part_rows(self, first: int, last: int) -> dict[int, set[tuple[Any, ...]]]:
        c = parts.c
        wanted = select(c.sequence, c.name, c.key, c.size, c.hash, c.head)
        found: dict[int, set[tuple[Any, ...]]] = {}
        for row in self._read.execute(
            wanted.where(*self._mine(parts), c.sequence.between(first, last))
        ):
            found.setdefault(row[0], set()).add(tuple(row[1:]))
        return found

    def _days(self, lot: bytes) -> Retention:
        return self._house.lots.get(lot, Retention(0, 0))

    def _note_early(self, one: Record) -> None:
        """Keep the keys of pictures that were destroyed although a record of theirs was not due."""
        kept = self._days(one.head.lot).pictures * _DAY
        for part in one.envelope.parts:
            erased_at = self._pictures_erased.get(part.key)
            if erased_at is not None and one.head.at + kept > erased_at + _DAY:
                self._early_keys.add(part.key)

    def _still_named(self, one: Record, lacking: Sequence[Part]) -> list[Part]:
        """Return those that the highest revision of the same event names: the others may go."""
        if not lacking or one.head.type != "event":
            return list(lacking)
        wanted = select(records.c.envelope).where(*self._mine(records), records.c.id == one.head.id)
        data = self._read.scalar(wanted.order_by(records.c.revision.desc()).limit(1))
        try:
            newest = record.decoded(data or b"")
        except Damaged:
            return list(lacking)
        named = {part.hash for part in newest.parts}
        return [part for part in lacking if part.hash in named]

    def _told(self, tombs: Sequence[tuple[int, Tombstone]]) -> WriterFound:
        of, gathered = self._of, self._house.gathered
        seen = gathered.lows.get(of.rights.writer, [])
        low = max(seen, key=lambda one: one.point.sequence, default=None)
        newest = self._newest
        return WriterFound(
            lot=of.rights.lot,
            writer=of.rights.writer,
            name=of.name,
            role=of.rights.role,
            records=self._count,
            newest=newest.sequence if newest else 0,
            c=self._c,
            newest_at=newest.at if newest else None,
            low=low.point.sequence if low else 0,
            low_at=low.at if low else None,
            tombstones=len(tombs),
            erased_records=sum(one.gone.count or 0 for one in of.erasures),
            erasures=tuple(self._erasure(one) for one in of.erasures),
            findings=tuple(self._findings.kept),
            findings_more=self._findings.more,
        )

    def _erasure(self, one: SignedErasure) -> Erasure:
        gone = one.gone
        return Erasure(
            at=one.at,
            by=one.by,
            sequence=one.sequence,
            keys=gone.keys,
            first=gone.first,
            last=gone.last,
            count=gone.count,
            early=self._was_early(one),
        )

    def _was_early(self, one: SignedErasure) -> bool:
        """Say whether nothing shows that what was erased was due.

        The records are gone with their times. What bounds them is the next record of the chain,
        and the first hour in which the audit saw them whole: they are no younger than either.
        """
        if one.gone.last is None:
            return any(key in self._early_keys for key in one.gone.keys)
        bounds = [
            self._next_at.get(one.gone.last),
            self._house.gathered.whole_by(self._of.rights.writer, one.gone.last),
        ]
        youngest = min((at for at in bounds if at is not None), default=None)
        days = max((self._days(lot).text for lot in self._of.lots), default=0)
        return youngest is None or youngest + days * _DAY > one.at + _DAY
