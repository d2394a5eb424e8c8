"""Records as they lie, with all that it takes to open them: what the keyholder is handed.

They are gathered in batches that its frames can carry, so a year is opened a few at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, Row, Select, and_, func, select

from contract import record, sealing
from contract.record import Part
from server.access.rows import HOLD
from server.index.ids import id_bytes
from server.keys.holder.calls import SealedRecord, SealedRow
from server.store import private_rows
from server.store.tables import records, texts, writers

# Half of a frame: its JSON, and a last record with a clip in it, come on top.
_BATCH_BYTES_MAX = 8 * 1024 * 1024
_BATCH_MAX = 200
_ROWS_AT_ONCE = 200


class Kept(Protocol):
    """Files named by a hash, as pictures and wraps are."""

    def get(self, lot: bytes, name: bytes, /) -> bytes | None:
        """Return a file's bytes, None where there is none."""


Wanted = Callable[[str], bool]  # by a part's name


def everything(_: str) -> bool:
    return True


def only(*names: str) -> Wanted:
    """Want an event's text, and of its pictures those that are named."""
    wanted = {"event", "note", *(sealing.picture(name) for name in names)}
    return lambda part: part in wanted


@dataclass(frozen=True, slots=True)
class Lying:
    """A record with its place, as it lies."""

    lot: bytes
    writer: bytes
    sequence: int
    sealed: SealedRecord


class Shelf:
    """Where records, their parts and wraps lie."""

    def __init__(self, read: Connection, pictures: Kept, wraps: Kept) -> None:
        self._read = read
        self._pictures = pictures
        self._wraps = wraps
        self._certificates: dict[bytes, bytes] = {}

    def batches(self, rows: Iterable[Row[Any]], wanted: Wanted) -> Iterator[list[Lying]]:
        """Yield records in the order of their rows (lot, writer, sequence, envelope, signature)."""
        batch: list[Lying] = []
        size = 0
        for row in rows:
            one = self._lying(row, wanted)
            batch.append(one)
            size += sum(map(len, one.sealed.parts.values())) + len(one.sealed.record)
            if size >= _BATCH_BYTES_MAX or len(batch) >= _BATCH_MAX:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _lying(self, row: Row[Any], wanted: Wanted) -> Lying:
        envelope = record.decoded(row.envelope)
        chosen = [part for part in envelope.parts if wanted(part.name)]
        parts = {p.name: d for p in chosen if (d := self._part(row.lot, p)) is not None}
        keys = sorted({part.key for part in chosen if part.name in parts})
        found = [d for key in keys if (d := self._wraps.get(row.lot, key)) is not None]
        signed = row.envelope + row.signature
        hold = self._hold(row.lot, envelope.head.id) if len(found) < len(keys) else None
        sealed = SealedRecord(signed, self._certificate(row.writer), tuple(found), parts, hold)
        return Lying(row.lot, row.writer, row.sequence, sealed)

    def _hold(self, lot: bytes, event: str) -> SealedRow | None:
        """Return what holds an event whose wraps are gone."""
        row = private_rows.found(self._read, lot, HOLD, id_bytes(event))
        return None if row is None else SealedRow(HOLD, row.id, row.version, row.box)

    def _part(self, lot: bytes, part: Part) -> bytes | None:
        if sealing.class_of(part.name) == "P":
            return self._pictures.get(lot, part.hash)
        wanted = select(texts.c.sealed).where(texts.c.lot == lot, texts.c.hash == part.hash)
        found: bytes | None = self._read.scalar(wanted)
        return found

    def _certificate(self, writer: bytes) -> bytes:
        if writer not in self._certificates:
            wanted = select(writers.c.certificate).where(writers.c.writer == writer)
            self._certificates[writer] = self._read.scalar(wanted) or b""
        return self._certificates[writer]


def newest_events(lot: bytes, first: int | None, last: int | None) -> Select[Any]:
    """Select the highest revision of each event of a lot within [first, last), by time."""
    c = records.c
    inner = records.alias()
    higher = select(func.max(inner.c.revision)).where(
        inner.c.lot == c.lot, inner.c.writer == c.writer, inner.c.id == c.id
    )
    wanted = _columns().where(c.lot == lot, c.type == "event")
    wanted = wanted.where(c.revision == higher.scalar_subquery())
    if first is not None:
        wanted = wanted.where(c.at >= first)
    if last is not None:
        wanted = wanted.where(c.at < last)
    return wanted.order_by(c.at, c.id).execution_options(yield_per=_ROWS_AT_ONCE)


def named_events(lot: bytes, ids: Sequence[str]) -> Select[Any]:
    """Select every revision of these events, the highest last."""
    c = records.c
    wanted = _columns().where(and_(c.lot == lot, c.id.in_(list(ids))))
    return wanted.order_by(c.id, c.revision)


def every_record() -> Select[Any]:
    """Select all records that have parts, in the order of their chains."""
    c = records.c
    wanted = _columns().where(c.type.in_(("event", "blind", "note")))
    wanted = wanted.order_by(c.lot, c.writer, c.sequence)
    return wanted.execution_options(yield_per=_ROWS_AT_ONCE)


def _columns() -> Select[Any]:
    c = records.c
    return select(c.lot, c.writer, c.sequence, c.id, c.revision, c.envelope, c.signature)
