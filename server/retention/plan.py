"""What is due to be forgotten, worked out and written nowhere: the dry run, and the run itself.

A key goes when all that lies under it is due, and with a day's text go its envelopes. What a
person holds stays, whatever its age. An erasure stands for its records for ever, so it may cover
no hole that nothing else explains: that would hide damage.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from sqlalchemy import Connection, and_, func, select

from contract import record
from contract.chain import Run, joined
from contract.head import KEYS_MAX, Erased, Tombstone
from server.access.rows import HOLD
from server.index.ids import id_text
from server.store.tables import SERVER, lots, parts, private_rows, records, wraps

DAY = 86_400_000_000

_OWN_PARTS = ("event", "note")
# A day key is drawn anew at midnight: what lies under it is at most so much younger than it.
_KEY_LIVES = DAY + DAY // 24


@dataclass(frozen=True, slots=True)
class Key:
    """A day key that is due."""

    lot: bytes
    writer: bytes
    key: bytes
    key_class: str
    made: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Records next to each other that go with their envelopes."""

    first: int
    last: int
    before: bytes
    hash: bytes
    count: int

    def erased(self, writer: bytes, keys: tuple[bytes, ...] = ()) -> Erased:
        """Return what is to be signed of it."""
        return Erased(writer, keys, self.first, self.last, self.before, self.hash, self.count)


@dataclass(frozen=True, slots=True)
class Going:
    """What goes of one writer in one lot."""

    lot: bytes
    writer: bytes
    keys: tuple[Key, ...]
    runs: tuple[Gap, ...]

    def erasures(self) -> Iterator[Erased]:
        """Yield what is to be signed, the fewest records that say it."""
        ids = [one.key for one in self.keys]
        chunks = [tuple(ids[at : at + KEYS_MAX]) for at in range(0, len(ids), KEYS_MAX)]
        for keys, run in zip_longest(chunks, self.runs):
            if run is None:
                yield Erased(self.writer, keys, None, None, None, None, None)
            else:
                yield run.erased(self.writer, keys or ())


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is due."""

    going: tuple[Going, ...]

    def days(self) -> int:
        """Return of how many days keys go: more than a few at once are a mistake, or an attack."""
        return len({(one.lot, one.made // DAY) for going in self.going for one in going.keys})


def due(read: Connection, now: int) -> Plan:
    """Return what every lot's retention says is due."""
    kept = {lot: (text, min(text, pictures)) for lot, text, pictures in read.execute(_DAYS)}
    if kept:  # what belongs to no lot is kept as long as the longest
        kept[SERVER] = max(kept.values())
    going: list[Going] = []
    for lot, (text_days, picture_days) in kept.items():
        upto = now - text_days * DAY
        keys = list(_due_keys(read, lot, upto, now - picture_days * DAY))
        held, left = held_events(read, lot), _left_behind(read, lot, upto)
        for writer in sorted({*(one.writer for one in keys), *left}):
            mine = tuple(one for one in keys if one.writer == writer)
            texts = {one.key for one in mine if one.key_class == "T"} | left.get(writer, set())
            runs = _runs(read, lot, writer, texts, upto, held) if texts else []
            if mine or runs:
                going.append(Going(lot, writer, mine, tuple(runs)))
    return Plan(tuple(going))


def held_events(read: Connection, lot: bytes) -> frozenset[str]:
    """Return the ids of the events that a person holds."""
    wanted = select(private_rows.c.id)
    wanted = wanted.where(private_rows.c.lot == lot, private_rows.c.kind == HOLD)
    return frozenset(id_text(row) for row in read.scalars(wanted))


def one_by_one(
    read: Connection, lot: bytes, writer: bytes, sequences: Collection[int]
) -> tuple[Gap, ...]:
    """Return the runs that these records make: an erased plate's, which go before they are due."""
    c = records.c
    wanted = select(c.sequence, c.prev, c.c).where(c.lot == lot, c.writer == writer)
    rows: list[_Row] = []
    for chunk in _chunks(sorted(sequences)):
        found = read.execute(wanted.where(c.sequence.in_(chunk)).order_by(c.sequence))
        rows += [_Row(row.sequence, row.prev, row.c, goes=True) for row in found]
    return tuple(_joined(rows, []))


_DAYS = select(lots.c.lot, lots.c.text_days, lots.c.picture_days)


def _due_keys(read: Connection, lot: bytes, texts_to: int, pictures_to: int) -> Iterator[Key]:
    for key_class, upto in (("T", texts_to), ("A", texts_to), ("P", pictures_to)):
        wanted = select(wraps.c.key, wraps.c.writer, wraps.c.made).where(
            wraps.c.lot == lot, wraps.c.key_class == key_class, wraps.c.made <= upto
        )
        for key, writer, made in read.execute(wanted.order_by(wraps.c.made)).all():
            if _newest_under(read, lot, key, made) <= upto:
                yield Key(lot, writer, key, key_class, made)


def _left_behind(read: Connection, lot: bytes, upto: int) -> dict[bytes, set[bytes]]:
    """Return destroyed keys, by writer, under which records lie: a hold keeps or kept them."""
    to_wraps = and_(wraps.c.lot == parts.c.lot, wraps.c.key == parts.c.key)
    to_records = and_(
        records.c.lot == parts.c.lot,
        records.c.writer == parts.c.writer,
        records.c.sequence == parts.c.sequence,
    )
    joined_all = parts.join(records, to_records).outerjoin(wraps, to_wraps)
    wanted = select(parts.c.writer, parts.c.key).distinct().select_from(joined_all)
    wanted = wanted.where(parts.c.lot == lot, parts.c.name.in_(_OWN_PARTS), records.c.at <= upto)
    found: dict[bytes, set[bytes]] = {}
    for writer, key in read.execute(wanted.where(wraps.c.key.is_(None))):
        found.setdefault(writer, set()).add(key)
    return found


def _newest_under(read: Connection, lot: bytes, key: bytes, made: int) -> int:
    """Return when the newest thing was that may lie under a key."""
    joined_on = and_(
        records.c.lot == parts.c.lot,
        records.c.writer == parts.c.writer,
        records.c.sequence == parts.c.sequence,
    )
    wanted = select(func.max(records.c.at)).select_from(parts.join(records, joined_on))
    newest = read.scalar(wanted.where(parts.c.lot == lot, parts.c.key == key))
    return made + _KEY_LIVES if newest is None else max(made, newest)


@dataclass(frozen=True, slots=True)
class _Row:
    sequence: int
    prev: bytes
    c: bytes
    goes: bool
    tombstone: Tombstone | None = None


def _runs(
    read: Connection, lot: bytes, writer: bytes, keys: set[bytes], upto: int, held: frozenset[str]
) -> list[Gap]:
    """Return the runs of records that go; a tombstone goes only with what it stands for."""
    rows = list(_rows(read, lot, writer, keys, upto, held))
    gone = _already_gone(read, writer)
    whole = [one.tombstone.of for one in rows if one.tombstone and one.tombstone.parts is None]
    while True:
        found = list(_joined(rows, joined([*gone, *((n, n) for n in whole)])))
        covered = joined([*gone, *((run.first, run.last) for run in found)])
        rows, before = [_stays_if_needed(row, covered) for row in rows], rows
        if rows == before:
            return found


def _stays_if_needed(row: _Row, covered: Sequence[Run]) -> _Row:
    stands_for = row.tombstone is not None and not _covers(covered, row.tombstone.of)
    return replace(row, goes=False) if row.goes and stands_for else row


def _rows(
    read: Connection, lot: bytes, writer: bytes, keys: set[bytes], upto: int, held: frozenset[str]
) -> Iterator[_Row]:
    """Yield every record up to the newest that may go, those that stay among them."""
    own = and_(
        parts.c.lot == records.c.lot,
        parts.c.writer == records.c.writer,
        parts.c.sequence == records.c.sequence,
        parts.c.name.in_(_OWN_PARTS),
    )
    c = records.c
    mine = (c.lot == lot, c.writer == writer)
    end = read.scalar(select(func.max(c.sequence)).where(*mine, c.at <= upto)) or 0
    wanted = select(c.sequence, c.prev, c.c, c.id, c.type, c.at, c.envelope, parts.c.key)
    wanted = wanted.select_from(records.outerjoin(parts, own)).where(*mine, c.sequence <= end)
    for row in read.execute(wanted.order_by(c.sequence)):
        tombstone = _tombstone(row.envelope) if row.type == "tombstone" else None
        goes = row.key in keys or (tombstone is not None and row.at <= upto)
        yield _Row(row.sequence, row.prev, row.c, goes and row.id not in held, tombstone)


def _tombstone(envelope: bytes) -> Tombstone | None:
    gone = record.decoded(envelope).head.gone
    return gone if isinstance(gone, Tombstone) else None


def _already_gone(read: Connection, writer: bytes) -> list[Run]:
    """Return the runs that earlier erasures stand for, which stay for ever."""
    found: list[Run] = []
    for envelope in read.scalars(select(records.c.envelope).where(records.c.type == "erased")):
        gone = record.decoded(envelope).head.gone
        if isinstance(gone, Erased) and gone.edge == writer and gone.first and gone.last:
            found.append((gone.first, gone.last))
    return joined(found)


def _joined(rows: Iterable[_Row], gone: Sequence[Run]) -> Iterator[Gap]:
    """Join records to runs; one may reach over what is gone already, and over no other hole."""
    run: Gap | None = None
    for row in rows:
        reaches = run is not None and row.goes and _is_next(run.last, row.sequence, gone)
        if run is not None and not reaches:
            yield run
            run = None
        if row.goes:
            run = _longer(run, row)
    if run is not None:
        yield run


def _longer(run: Gap | None, row: _Row) -> Gap:
    if run is None:
        return Gap(row.sequence, row.sequence, row.prev, row.c, 1)
    return replace(run, last=row.sequence, hash=row.c, count=run.count + 1)


def _is_next(last: int, sequence: int, gone: Sequence[Run]) -> bool:
    return last + 1 == sequence or any(
        first <= last + 1 and sequence - 1 <= end for first, end in gone
    )


def _covers(runs: Sequence[Run], n: int) -> bool:
    return any(first <= n <= last for first, last in runs)


def _chunks(sequences: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    for at in range(0, len(sequences), size):
        yield sequences[at : at + size]
