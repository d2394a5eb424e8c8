"""What the rows say of a day: which records its segment should hold, to compare with the index.

A record counts as soon as its text is there: before that nothing of it can be in the index.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select

from server.index.days import bounds, day_of
from server.index.ids import id_bytes
from server.index.segments import Coverage, coverage
from server.store.tables import parts, records, texts

TYPES = ("event", "blind", "note")
_TEXTS = ("event", "note")
_AT_ONCE = 500


def days_with_rows(read: Connection, lot: bytes, zone: tzinfo) -> Iterator[int]:
    """Yield the days on which anything of a lot happened, rising: a step down an index each."""
    c, since = records.c, 0
    while True:
        mine = (c.lot == lot, c.type.in_(TYPES), c.at >= since)
        at = read.scalar(select(func.min(c.at)).where(*mine))
        if at is None:
            return
        day = day_of(at, zone)
        yield day
        since = bounds(day, zone)[1]


def newest_of_day(read: Connection, lot: bytes, day: int, zone: tzinfo) -> list[Row[Any]]:
    """Return the day's records in their highest revision: id, revision and how they lie."""
    first, last = bounds(day, zone)
    c = records.c
    of_day = (c.lot == lot, c.type.in_(TYPES), c.at >= first, c.at < last)
    rows = read.execute(_with_text(c.id, c.revision, c.writer, c.sequence).where(*of_day)).all()
    highest = _highest(read, lot, sorted({row.id for row in rows}))
    return [row for row in rows if row.revision == highest[row.id]]


def covered(rows: Sequence[Row[Any]]) -> Coverage:
    """Return what a segment of these rows covers."""
    return coverage({(id_bytes(row.id), row.revision) for row in rows})


def _highest(read: Connection, lot: bytes, ids: Sequence[str]) -> dict[str, int]:
    """Return the highest revision of each id, on whatever day it is."""
    found: dict[str, int] = {}
    c = records.c
    for at in range(0, len(ids), _AT_ONCE):
        wanted = _with_text(c.id, func.max(c.revision).label("highest"))
        wanted = wanted.where(c.lot == lot, c.id.in_(ids[at : at + _AT_ONCE])).group_by(c.id)
        found |= {row.id: row.highest for row in read.execute(wanted)}
    return found


def _with_text(*columns: Any) -> Select[Any]:
    r, p, t = records.c, parts.c, texts.c
    named = and_(p.lot == r.lot, p.writer == r.writer, p.sequence == r.sequence, p.name.in_(_TEXTS))
    joined = records.join(parts, named).join(texts, (t.lot == p.lot) & (t.hash == p.hash))
    return select(*columns).select_from(joined)
