"""A lot's numbers as charts and tables, over a day, a week or four; counts alone while locked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request

from gui import charts, days
from gui.carried import carried, server, settings
from gui.pages.analytics import numbers
from gui.pages.analytics.numbers import Numbers
from gui.server_api import Problem
from gui.sides import Lot, frame
from lot import times

blueprint = Blueprint("analytics", __name__)
SPANS = {1: 1, 7: 1, 28: 4}  # days, and how many hours a step is: 168 steps at most
_HOURS = [str(hour) for hour in range(24)]


@blueprint.get("/day/analytics")
def page() -> str:
    """Show the numbers of some days up to one."""
    stands = frame("day")
    span = next((one for one in SPANS if str(one) == request.args.get("days")), 7)
    last_day = _day(request.args.get("until", ""))
    lot = next((one for one in stands.lots if one.id == request.args.get("lot")), None)
    lot = lot or next(iter(stands.lots), None)
    found = None if lot is None else _numbers(lot, last_day, span, locked=stands.locked)
    _ = carried().words
    weekdays = [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]
    capacity = _capacity(lot) if lot else None
    return render_template(
        "pages/analytics/analytics.html",
        frame=stands,
        lot=lot,
        span=span,
        spans=tuple(SPANS),
        until=last_day,
        today=carried().clock.now.date(),
        found=found,
        capacity=capacity,
        weekdays=weekdays,
        inside=found and charts.shape([one.inside for one in found.steps], capacity),
        week=found and charts.grid(found.entries + found.exits, weekdays, _HOURS),
        by_hour=found and charts.bars([(hour, _in_hour(found, int(hour))) for hour in _HOURS]),
        unread=found and _unread(found),
    )


def _numbers(lot: Lot, last_day: date, span: int, *, locked: bool) -> Numbers:
    zone, holder, path = settings().zone, carried().holder, f"/lots/{lot.id}"
    first, _ = days.bounds(last_day - timedelta(days=span - 1), zone)
    _, end = days.bounds(last_day, zone)
    last = min(end, times.microseconds(carried().begun))
    if not locked:
        try:
            said = server().get(
                f"{path}/statistics", holder, first=first, last=last, slice_minutes=60 * SPANS[span]
            )
            return numbers.of_statistics(said)
        except Problem as problem:
            if problem.code != "locked":
                raise
    here: dict[str, Any] = server().get(f"{path}/occupancy", holder)
    now = times.microseconds(carried().begun)
    since: dict[str, Any] = server().get(f"{path}/counts", holder, first=first, last=now)
    return numbers.of_counts(
        [one for one in since["rows"] if one["begins"] < last],
        first=first,
        last=last,
        inside=here["inside"] - _after(since["rows"], last),
        hours=SPANS[span],
        local=carried().clock.local,
    )


def _after(rows: list[dict[str, Any]], last: int) -> int:
    """Return by how many more came than left since."""
    later = [one for one in rows if one["begins"] >= last]
    return sum(one["number"] if one["kind"] == "entry" else -one["number"] for one in later)


def _capacity(lot: Lot) -> int | None:
    said: dict[str, Any] = server().get(f"/lots/{lot.id}/occupancy", carried().holder)
    capacity: int | None = said["capacity"]
    return capacity


def _in_hour(found: Numbers, hour: int) -> int:
    return sum(found.entries[day, hour] + found.exits[day, hour] for day in range(7))


def _unread(found: Numbers) -> tuple[charts.Row, ...]:
    """Return how many of each camera's cars nobody could read, by the hour of the day."""
    cameras = sorted({one.camera for one in found.readings})
    shares = {
        (cameras.index(one.camera), one.hour): round(100 * one.unread / one.events)
        for one in found.readings
        if one.events
    }
    return charts.grid(shares, cameras, _HOURS) if cameras else ()


def _day(text: str) -> date:
    """Return the day that an address names, else today; none lies ahead or beyond a clock."""
    today = carried().clock.now.date()
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return today
    return found if date(2000, 2, 1) <= found <= today else today
