"""How full the lot is, what just happened at the gates, and what needs somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template

from gui import days, strip, values
from gui.carried import carried, server, settings
from gui.server_api import Problem
from gui.sides import Lot, frame
from gui.strip import Drawn, Slice
from gui.values import Alarm
from lot import times

blueprint = Blueprint("now", __name__)
ROWS = 20
_SEALED = frozenset({"locked", "forbidden"})


@dataclass(frozen=True, slots=True)
class Counted:
    """A lot as its counts tell it, also while locked."""

    lot: Lot
    inside: int
    capacity: int | None
    slices: tuple[Slice, ...]  # up to now
    day: Drawn
    alarms: tuple[Alarm, ...]

    @property
    def free(self) -> int | None:
        return None if self.capacity is None else max(0, self.capacity - self.inside)

    @property
    def entries(self) -> int:
        return sum(one.entries for one in self.slices)

    @property
    def exits(self) -> int:
        return sum(one.exits for one in self.slices)


@blueprint.get("/")
def page() -> str:
    """Show the lot as it stands; while locked the counts alone."""
    stands = frame("now")
    return render_template(
        "pages/now/now.html",
        frame=stands,
        counted=[_counted(lot) for lot in stands.lots],
        events=None if stands.locked else _events(),
    )


def _counted(lot: Lot) -> Counted:
    holder, path = carried().holder, f"/lots/{lot.id}"
    here: dict[str, Any] = server().get(f"{path}/occupancy", holder)
    begin, end = days.bounds(carried().clock.now.date(), settings().zone)
    begin -= begin % strip.HOUR_US
    said: dict[str, Any] = server().get(f"{path}/counts", holder, first=begin, last=end)
    alarms: dict[str, Any] = server().get(f"{path}/alarms", holder, which="standing")
    now = times.microseconds(carried().begun)
    slices = strip.by_hours(
        [(one["begins"], one["kind"], one["number"]) for one in said["rows"]],
        begin=begin,
        hours=-(-(end - begin) // strip.HOUR_US),
        inside=here["inside"],
        now=now,
    )
    return Counted(
        lot,
        here["inside"],
        here["capacity"],
        tuple(one for one in slices if one.first <= now),
        strip.drawn(slices, now=now),
        tuple(map(values.alarm, alarms["rows"])),
    )


def _events() -> tuple[values.Event, ...] | None:
    """Return the newest crossings; None where the role or a lock just now keeps them."""
    try:
        said: dict[str, Any] = server().get("/events", carried().holder, limit=ROWS)
    except Problem as problem:
        if problem.code in _SEALED:
            return None
        raise
    return values.events(said)
