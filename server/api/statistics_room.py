"""A lot's numbers over a range, out of the visits; only while the vault is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import get_args

from contract.event import Vehicle
from lot.web.problems import Problem
from lot.web.shapes import TIME, Many, Maybe, Named, Text, Whole, Word, fields
from server.access.roles import Right
from server.api.app import Asked
from server.api.lots_room import own_lot
from server.api.operations import Operation, Room
from server.api.spoken import LOT, THOUSANDTHS
from server.index.counted import MINUTE_US, SLICES_MAX, Span
from server.keys.holder import calls
from server.keys.holder.client import Keyholder

_DAY_MINUTES = 24 * 60
_HOUR = Whole(0, 23, "Of the lot's own day.")
_READINGS_MAX = 100_000

STATISTICS = Named(
    "Statistics",
    fields(
        slices=Many(
            fields(begins=TIME, entries=Whole(), exits=Whole(), inside=Whole(), blind_us=Whole()),
            SLICES_MAX,
        ),
        hours=Many(
            fields(weekday=Whole(0, 6, "0 is Monday."), hour=_HOUR, entries=Whole(), exits=Whole()),
            7 * 24,
        ),
        peak=Maybe(fields(at=TIME, inside=Whole())),
        stays=Many(fields(below_us=Maybe(Whole()), number=Whole()), 100),
        median_stay_us=Maybe(Whole()),
        vehicles=Many(fields(vehicle=Maybe(Word(get_args(Vehicle))), entries=Whole()), 100),
        readings=Many(
            fields(
                camera=Text(64),
                hour=_HOUR,
                events=Whole(),
                unread=Whole(),
                confidence=Maybe(THOUSANDTHS),
            ),
            _READINGS_MAX,
        ),
    ),
)


def room(keyholder: Keyholder, now: Callable[[], int]) -> Room:
    """Return the room."""
    counted = Room("statistics", "Statistics")

    @counted.answers(
        Operation(
            "read_statistics",
            "GET",
            "/lots/{lot}/statistics",
            Right.COUNT,
            "Occupancy, hours, peak, stays, vehicles and quality of reading; else the last day.",
            answer=STATISTICS,
            path_shapes={"lot": LOT},
            query={
                "first": TIME,
                "last": TIME,
                "slice_minutes": Whole(1, 31 * _DAY_MINUTES, "How long each slice is; else 60."),
            },
            problems=("locked", "too_fast"),
        )
    )
    def statistics(asked: Asked) -> Mapping[str, object]:
        lot, query = own_lot(asked.person, asked.path.octets("lot")), asked.query
        last = query.whole("last") if "last" in query else now() + 1
        first = query.whole("first") if "first" in query else last - _DAY_MINUTES * MINUTE_US
        minutes = query.whole("slice_minutes") if "slice_minutes" in query else 60
        slices = -(-(last - first) // (minutes * MINUTE_US))
        if not 1 <= slices <= SLICES_MAX:
            raise Problem("wrong_field", f"ask for 1 to {SLICES_MAX} slices", field="slice_minutes")
        span = Span(max(0, first), last, minutes * MINUTE_US)
        return asdict(keyholder.statistics(calls.CountUp(asked.person.by, lot, span)))

    return counted
