"""What is asked for, and no more: every filter against the same question put in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmarks.weeks import Scene, Weeks, drawn
from contract.event import Spelling
from server.index.asked import INSIDE_ONLY, FoundVisit, Order, PlateAsked, Query, Scope
from server.index.index import Index
from server.visits.values import LIKELY
from tests.server.index.test_index import LOT, SCOPE, all_visits, index_of

HOUR = 3_600_000_000
Holds = Callable[[FoundVisit], bool]


@pytest.fixture(scope="module")
def weeks() -> Weeks:
    scene = Scene(weeks=0.8, commuters=12, residents=4, visitors_a_day=8, missed=0.08)
    return drawn(replace(scene, misread_weak=0.1), seed=5)


@pytest.fixture(scope="module")
def index(weeks: Weeks) -> Index:
    return index_of(weeks)


def bears(one: FoundVisit, flag: str) -> bool:
    """Say whether a visit has a flag, or one of its ends has it from the edge."""
    ends = [end.flags for end in (one.entry, one.exit) if end]
    return any(flag in flags for flags in (one.visit.flags, *ends))


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        (Query(side="in"), lambda one: one.visit.inside),
        (Query(side="out"), lambda one: not one.visit.inside),
        (Query(stay_min=2 * HOUR), lambda one: (one.visit.stay or 0) >= 2 * HOUR),
        (
            Query(stay_max=2 * HOUR),
            lambda one: one.visit.stay is not None and one.visit.stay <= 2 * HOUR,
        ),
        (Query(flagged=False), lambda one: not one.visit.flags),
        (Query(flags=frozenset({"missed_exit"})), lambda one: bears(one, "missed_exit")),
        (Query(flags=frozenset({"near_match"})), lambda one: bears(one, "near_match")),
        (Query(sureness=frozenset({"open"})), lambda one: one.visit.probability < LIKELY),
    ],
)
def test_visits_that_a_filter_leaves(index: Index, query: Query, holds: Holds) -> None:
    every = all_visits(index, Order("at"))
    wanted = {one.visit.id for one in every if holds(one)}
    assert wanted
    assert len(wanted) < len(every)
    found = index.search_visits(SCOPE, replace(query, limit=500))
    assert {one.visit.id for one in found.rows} == wanted
    assert found.total == len(wanted)


@pytest.mark.parametrize("when", ["came", "left", "there"])
def test_a_range_is_of_coming_of_leaving_or_of_being_there(index: Index, when: str) -> None:
    every = all_visits(index, Order("at"))
    middle = sorted(one.visit.at for one in every)[len(every) // 2]
    first, last = middle - 3 * HOUR, middle + 3 * HOUR

    def holds(one: FoundVisit) -> bool:
        visit = one.visit
        if when == "came":
            return first <= visit.at < last
        if when == "left":
            return visit.left_at is not None and first <= visit.left_at < last
        end = visit.left_at if visit.left_at is not None else None
        if end is None:
            end = visit.at if "missed_exit" in visit.flags else 2**62
        return visit.at < last and end >= first

    query = Query(first=first, last=last, when=when, limit=500)  # type: ignore[arg-type]  # drawn words
    found = index.search_visits(SCOPE, query)
    assert {one.visit.id for one in found.rows} == {o.visit.id for o in every if holds(o)}


def test_an_attendant_sees_today_and_who_is_inside_with_the_entry_of_each(index: Index) -> None:
    every = all_visits(index, Order("at"))
    since = sorted(one.visit.at for one in every)[len(every) * 3 // 4]
    scope = Scope(frozenset({LOT}), since)
    seen = {one.visit.id for one in index.search_visits(scope, Query(limit=500)).rows}

    def today(one: FoundVisit) -> bool:
        times = [end.at for end in (one.entry, one.exit) if end]
        return one.visit.inside or max(times) >= since

    assert {one.visit.id for one in every if today(one)} <= seen
    old = [one for one in every if not today(one) and not one.visit.during]
    assert old
    assert not seen & {one.visit.id for one in old}
    for one in old:
        assert index.visit(scope, one.visit.id) is None
        assert index.event(scope, one.visit.id) is None


def test_who_may_see_the_inside_alone_sees_nobody_who_left(index: Index) -> None:
    scope = Scope(frozenset({LOT}), INSIDE_ONLY)
    found = index.search_visits(scope, Query(limit=500)).rows
    assert found
    assert all(one.visit.inside for one in found)
    assert len(found) == index.inside(scope) == index.inside(SCOPE)


def test_a_trailer_s_plate_keeps_its_car_one_visit(weeks: Weeks) -> None:
    """The gate sees the car's plate on the way in, and only the trailer's on the way out."""
    came, left = (next(e for e in weeks.events if e.kind == kind) for kind in ("entry", "exit"))
    came = replace(came, others=(Spelling("TRA1LER", 900),))
    left = replace(
        left,
        plate="TRA1LER",
        characters=(900,) * 7,
        alternatives=(),
        refers=None,
        sequence=2,
        first_seen=came.last_seen + HOUR,
        best_at=came.last_seen + HOUR,
        last_seen=came.last_seen + HOUR + 1_000_000,
    )
    (visit,) = all_visits(index_of(weeks, [came, left]), Order("at"))
    assert (visit.visit.entry, visit.visit.exit) == (came.id, left.id)


def test_a_plate_of_either_end_finds_the_visit(index: Index) -> None:
    near = [one for one in all_visits(index, Order("at")) if "near_match" in one.visit.flags]
    assert near
    for one in near:
        for end in (one.entry, one.exit):
            assert end is not None
            assert end.plate is not None
            found = index.search_visits(SCOPE, Query(plate=PlateAsked(end.plate), limit=500))
            assert one.visit.id in {row.visit.id for row in found.rows}
