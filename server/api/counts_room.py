"""Counts: how many are inside, and how many came and left when; also while locked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

from sqlalchemy import Connection

from lot.web.problems import Problem
from lot.web.shapes import TIME, Given, Many, Maybe, Text, Whole, Word, fields
from server.access.roles import Right
from server.api.app import Asked
from server.api.lots_room import own_lot
from server.api.operations import Operation, Room
from server.api.spoken import LOT
from server.records import counting
from server.records.counting import HOUR_US, HOURS_MAX
from server.store import lots
from server.store.database import Database
from server.store.lots import Lot

_ROWS_MAX = 100_000
_DAY_US = 24 * HOUR_US
OCCUPANCY = fields(inside=Whole(), capacity=Maybe(Whole()), at=TIME)
HOURS = fields(
    rows=Many(
        fields(begins=TIME, camera=Text(64), kind=Word(("entry", "exit")), number=Whole()),
        _ROWS_MAX,
    )
)


def room(database: Database, now: Callable[[], int]) -> Room:
    """Return the room."""
    counts = Room("counts", "Counts, also while locked")

    @counts.answers(
        Operation(
            "read_occupancy",
            "GET",
            "/lots/{lot}/occupancy",
            Right.COUNT,
            "Entries less exits, and what people counted by hand.",
            answer=OCCUPANCY,
            path_shapes={"lot": LOT},
            is_presence=False,
        )
    )
    def occupancy(asked: Asked) -> Mapping[str, object]:
        lot, at = own_lot(asked.person, asked.path.octets("lot")), now()
        with database.read() as connection:
            known = lots.found(connection, lot)
            if known is None:
                raise Problem("not_found", "there is no such lot")
            return occupancy_said(connection, known, at)

    @counts.answers(
        Operation(
            "read_counts",
            "GET",
            "/lots/{lot}/counts",
            Right.COUNT,
            "Entries and exits by hour (of UTC) and camera; a month at most, else the last day.",
            answer=HOURS,
            path_shapes={"lot": LOT},
            query={"first": TIME, "last": TIME},
            is_presence=False,
        )
    )
    def hours(asked: Asked) -> Mapping[str, object]:
        lot = own_lot(asked.person, asked.path.octets("lot"))
        first, last = span(asked.query, now())
        with database.read() as connection:
            return hours_said(connection, lot, first, last)

    return counts


def span(asked: Given, now: int) -> tuple[int, int]:
    """Return which hours are asked for; Problem where they are too many."""
    last = asked.whole("last") if "last" in asked else now + 1
    first = asked.whole("first") if "first" in asked else max(0, last - _DAY_US)
    if last - first > HOURS_MAX * HOUR_US:
        raise Problem("wrong_field", "ask for a month at most", field="first")
    return first, last


def occupancy_said(read: Connection, lot: Lot, at: int) -> dict[str, object]:
    """Return how full a lot is as JSON."""
    return {"inside": counting.inside(read, lot.lot, at), "capacity": lot.capacity, "at": at}


def hours_said(read: Connection, lot: bytes, first: int, last: int) -> dict[str, object]:
    """Return a lot's counts by hour as JSON."""
    return {"rows": [asdict(one) for one in counting.hours(read, lot, first, last)]}
