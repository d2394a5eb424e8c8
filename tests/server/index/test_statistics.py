"""A lot's numbers: by hand on a few cars, and against the visits on drawn weeks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.weeks import Scene, Weeks, drawn
from contract.event import Event
from contract.ids import uuid7
from lot.errors import WrongUsage
from lot.times import microseconds, moment
from server.index.asked import Order, Scope
from server.index.counted import MINUTE_US, Span
from server.index.index import Index
from server.index.statistics import local_time
from server.records.statements import CheckedOut, Statement
from tests.server.index.test_index import LOT, OTHER_LOT, SCOPE, ZONE, all_visits, index_of

HOUR_US = 60 * MINUTE_US


@pytest.fixture(scope="module")
def weeks() -> Weeks:
    return drawn(Scene(weeks=0.6, commuters=10, residents=4, visitors_a_day=8), seed=11)


def span_of(weeks: Weeks) -> Span:
    first = min(one.first_seen for one in weeks.events) // HOUR_US * HOUR_US
    return Span(first, max(one.last_seen for one in weeks.events) + 1)


def _moved(event: Event, at: int) -> Event:
    """Return an event as if it had happened at another time."""
    return replace(event, id=uuid7(at, 1), first_seen=at, best_at=at, last_seen=at)


def test_entries_and_exits_are_those_of_the_visits_however_they_are_cut(weeks: Weeks) -> None:
    index = index_of(weeks)
    found = index.statistics(SCOPE, LOT, span_of(weeks))
    told = [one.visit for one in all_visits(index, Order("at"))]
    entries, exits = sum(v.entry is not None for v in told), sum(v.exit is not None for v in told)
    assert sum(one.entries for one in found.slices) == entries
    assert sum(one.exits for one in found.slices) == exits
    assert sum(one.entries for one in found.hours) == entries
    assert sum(one.entries for one in found.vehicles) == entries
    stays = [v.stay for v in told if v.stay is not None]
    assert sum(one.number for one in found.stays) == len(stays)
    assert found.median_stay_us == int(np.median(stays))
    assert sum(one.events for one in found.readings) == len(weeks.events)


def test_inside_is_counted_at_each_slice_s_begin_and_the_peak_is_the_most(weeks: Weeks) -> None:
    index, span = index_of(weeks), span_of(weeks)
    found = index.statistics(SCOPE, LOT, span)
    stays = [
        (v.entered_at, v.left_at)
        for v in (one.visit for one in all_visits(index, Order("at")))
        if v.entered_at is not None and (v.left_at is not None or v.inside)
    ]

    def inside(at: int) -> int:
        return sum(came <= at and (left is None or left > at) for came, left in stays)

    assert [one.inside for one in found.slices] == [inside(begin) for begin in span.begins]
    assert found.peak is not None
    assert found.peak.inside == max(inside(came) for came, _ in stays)
    assert inside(found.peak.at) == found.peak.inside


def test_a_range_counts_who_came_before_it_and_left_in_it_or_was_checked_out(weeks: Weeks) -> None:
    index, whole = index_of(weeks), span_of(weeks)
    hours = len(whole.begins)
    some = Span(whole.begins[hours // 2], whole.begins[hours // 2 + 24])
    came, left = some.first - 2 * HOUR_US, some.first + 3 * HOUR_US + 1
    event = next(one for one in weeks.events if one.kind == "entry" and one.plate)
    gone = _moved(replace(event, plate="Z" * len(event.characters)), came)
    index.add_events(LOT, [gone])
    said = Statement(uuid7(left, 1), left, bytes(16), None, CheckedOut(gone.id, left))
    index.add_statements(LOT, [said])
    every, found = (index.statistics(SCOPE, LOT, one).slices for one in (whole, some))
    assert found == every[hours // 2 : hours // 2 + 24]
    assert {one.inside for one in found} != {0}


def test_blind_time_is_told_by_the_slice(weeks: Weeks) -> None:
    found = index_of(weeks).statistics(SCOPE, LOT, span_of(weeks))
    assert any(one.blind_us for one in found.slices) == bool(weeks.blind)


@pytest.mark.parametrize(
    ("utc", "hour"),
    [
        ("2026-11-01T06:30:00+00:00", 1),  # the first of two half past ones
        ("2026-11-01T07:30:00+00:00", 1),
        ("2026-11-01T08:30:00+00:00", 2),
        ("2026-03-08T07:59:00+00:00", 1),
        ("2026-03-08T08:01:00+00:00", 3),  # there was no two o'clock
    ],
)
def test_nights_that_lack_or_double_an_hour_count_by_the_wall(utc: str, hour: int) -> None:
    at = microseconds(moment(0).fromisoformat(utc))
    assert local_time(np.array([at]), ZONE)[0] // HOUR_US % 24 == hour


def test_the_weekday_is_the_lot_s_own(weeks: Weeks) -> None:
    sunday_evening = microseconds(moment(0).fromisoformat("2026-03-09T03:00:00+00:00"))
    event = next(one for one in weeks.events if one.kind == "entry")
    index = Index({LOT: ZONE})
    moved = _moved(event, sunday_evening)
    index.add_events(LOT, [moved])
    span = Span(sunday_evening, sunday_evening + HOUR_US)
    (found,) = index.statistics(SCOPE, LOT, span).hours
    assert (found.weekday, found.hour, found.entries) == (6, 22, 1)


def test_what_is_out_of_scope_is_not_counted(weeks: Weeks) -> None:
    index, span = index_of(weeks), span_of(weeks)
    other = index.statistics(Scope(frozenset({OTHER_LOT})), LOT, span)
    assert not any(one.entries or one.exits or one.inside for one in other.slices)
    assert other.peak is None
    today = Scope(frozenset({LOT}), span.last - 24 * HOUR_US)
    few = index.statistics(today, LOT, span)
    everything = index.statistics(SCOPE, LOT, span)
    assert sum(one.exits for one in few.slices) < sum(one.exits for one in everything.slices)


@pytest.mark.parametrize("slice_us", [0, -1, 1])
def test_slices_without_end_are_refused(slice_us: int) -> None:
    with pytest.raises(WrongUsage):
        Span(0, 24 * HOUR_US, slice_us)
