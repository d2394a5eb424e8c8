"""How many came, left and are there: from what stands in clear, so also while locked.

A guess beside what visits say once unlocked: a missed exit counts a car inside until somebody
takes it away by hand.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from server.store import counts
from server.store.tables import records

HOUR_US = 3_600_000_000
HOURS_MAX = 24 * 32  # a month, asked for at a time

_CROSSINGS = ("entry", "exit")


@dataclass(frozen=True, slots=True)
class Hour:
    """What one camera counted in one hour (of UTC)."""

    begins: int  # µs UTC
    camera: str
    kind: str
    number: int


def inside(read: Connection, lot: bytes, now: int) -> int:
    """Return entries less exits, and what people added or took away; never below none."""
    rows = read.execute(
        select(records.c.kind, func.count()).where(_newest(lot)).group_by(records.c.kind)
    )
    numbers = {kind: int(number) for kind, number in rows.tuples()}
    by_hand = counts.total(read, lot, 0, now + 1)
    return max(0, numbers.get("entry", 0) - numbers.get("exit", 0) + by_hand)


def hours(read: Connection, lot: bytes, first: int, last: int) -> list[Hour]:
    """Return what was counted in [first, last), by hour, camera and kind."""
    hour = (records.c.at - records.c.at % HOUR_US).label("begins")
    rows = read.execute(
        select(hour, records.c.camera, records.c.kind, func.count())
        .where(_newest(lot), records.c.at >= first, records.c.at < last)
        .group_by(hour, records.c.camera, records.c.kind)
        .order_by(hour, records.c.camera, records.c.kind)
    )
    return [Hour(int(begins), camera, kind, int(number)) for begins, camera, kind, number in rows]


def _newest(lot: bytes) -> ColumnElement[bool]:
    """Pick the newest revision of each event, where that is an entry or an exit."""
    later = records.alias()
    is_older = (
        select(later.c.sequence)
        .where(
            later.c.lot == records.c.lot,
            later.c.writer == records.c.writer,
            later.c.id == records.c.id,
            later.c.revision > records.c.revision,
        )
        .exists()
    )
    return (
        (records.c.lot == lot)
        & (records.c.type == "event")
        & records.c.kind.in_(_CROSSINGS)
        & ~is_older
    )
