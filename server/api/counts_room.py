"""Counts: how many are inside, and how many came and left when; also while locked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

from server import counting
from server.access.roles import Right
from server.api.app import Asked
from server.api.lots_room import own_lot
from server.api.operations import Operation, Room
from server.api.problems import Problem
from server.api.shapes import TIME, Many, Maybe, Text, Whole, Word, fields
from server.api.spoken import LOT
from server.counting import HOUR_US, HOURS_MAX
from server.store import lots
from server.store.database import Database

_ROWS_MAX = 100_000
_DAY_US = 24 * HOUR_US


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
            answer=fields(inside=Whole(), capacity=Maybe(Whole()), at=TIME),
            path_shapes={"lot": LOT},
        )
    )
    def occupancy(asked: Asked) -> Mapping[str, object]:
        lot, at = own_lot(asked.person, asked.path.octets("lot")), now()
        with database.read() as connection:
            known = lots.found(connection, lot)
            if known is None:
                raise Problem("not_found", "there is no such lot")
            inside = counting.inside(connection, lot, at)
        return {"inside": inside, "capacity": known.capacity, "at": at}

    @counts.answers(
        Operation(
            "read_counts",
            "GET",
            "/lots/{lot}/counts",
            Right.COUNT,
            "Entries and exits by hour (of UTC) and camera; a month at most, else the last day.",
            answer=fields(
                rows=Many(
                    fields(
                        begins=TIME,
                        camera=Text(64),
                        kind=Word(("entry", "exit")),
                        number=Whole(),
                    ),
                    _ROWS_MAX,
                )
            ),
            path_shapes={"lot": LOT},
            query={"first": TIME, "last": TIME},
        )
    )
    def hours(asked: Asked) -> Mapping[str, object]:
        lot = own_lot(asked.person, asked.path.octets("lot"))
        last = asked.query.whole("last") if "last" in asked.query else now() + 1
        first = asked.query.whole("first") if "first" in asked.query else max(0, last - _DAY_US)
        if last - first > HOURS_MAX * HOUR_US:
            raise Problem("wrong_field", "ask for a month at most", field="first")
        with database.read() as connection:
            found = counting.hours(connection, lot, first, last)
        return {"rows": [asdict(one) for one in found]}

    return counts
