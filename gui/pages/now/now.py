"""How full the lot is, what just happened at the gates, and what needs somebody."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, current_app, render_template

from gui import days, strip, values
from gui.alike import Alike
from gui.carried import carried, server, settings
from gui.pages.desk.values import Hit, hits
from gui.server_api import problem_said
from gui.sides import Lot, check_signed_in, framed
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
    hits: tuple[Hit, ...]  # none while locked

    @property
    def free(self) -> int | None:
        return None if self.capacity is None else max(0, self.capacity - self.inside)

    @property
    def entries(self) -> int:
        return sum(one.entries for one in self.slices)

    @property
    def exits(self) -> int:
        return sum(one.exits for one in self.slices)


@dataclass(frozen=True, slots=True)
class Shown:
    """What one answer of the server's shows, and how it stands, for the frame around that."""

    stands: dict[str, Any]
    inside: str  # HTML, as the template made it


@blueprint.get("/")
def page() -> str:
    """Show the lot as it stands; while locked the counts alone."""
    check_signed_in()
    begin, end = days.bounds(carried().clock.now.date(), settings().zone)
    begin -= begin % strip.HOUR_US
    alike = cast("Alike[Shown]", current_app.extensions["alike"])
    with alike.look():
        said = server().blob("/now", carried().holder, first=begin, last=end, limit=ROWS).content
        shown = alike.drawn(
            (said, carried().words.language), lambda: _shown(json.loads(said), begin, end)
        )
    stands = framed("now", shown.stands)
    return render_template("pages/now/now.html", frame=stands, shown=shown.inside)


def _shown(said: dict[str, Any], begin: int, end: int) -> Shown:
    events = _rows(said["events"])
    names = {one["lot"]: one["name"] for one in said["status"]["lots"]}
    inside = render_template(
        "pages/now/shown.html",
        counted=[
            _counted(Lot(one["lot"], names[one["lot"]]), one, begin, end) for one in said["lots"]
        ],
        events=None if events is None else [*map(values.event, events)],
    )
    return Shown(said["status"], inside)


def _counted(lot: Lot, said: dict[str, Any], begin: int, end: int) -> Counted:
    here, now = said["occupancy"], times.microseconds(carried().begun)
    slices = strip.by_hours(
        [(one["begins"], one["kind"], one["number"]) for one in said["counts"]["rows"]],
        begin=begin,
        hours=-(-(end - begin) // strip.HOUR_US),
        inside=here["inside"],
        now=now,
    )
    listed = _rows(said["hits"]) or ()
    return Counted(
        lot,
        here["inside"],
        here["capacity"],
        tuple(one for one in slices if one.first <= now),
        strip.drawn(slices, now=now),
        tuple(map(values.alarm, said["alarms"]["rows"])),
        tuple(one for one in hits(listed) if one.known.alarm),
    )


def _rows(part: dict[str, Any]) -> list[Any] | None:
    """Return a part's rows; None where the role or a lock keeps them, which is no fault."""
    problem = part["problem"]
    if problem is None:
        rows: list[Any] = part["rows"]
        return rows
    said = problem_said(problem, problem["status"], retry_s=problem.get("retry_s"))
    if said.code not in _SEALED:
        raise said
    return None
