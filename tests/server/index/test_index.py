"""The index: what it finds, page by page, and that it tells visits as the whole would."""

from __future__ import annotations

from random import Random

import pytest
import pytz

from benchmarks.weeks import Scene, Weeks, drawn
from contract.event import Event
from contract.ids import uuid7
from lot.errors import Damaged, WrongUsage
from server.index.asked import SORTS, FoundVisit, Order, PlateAsked, Query, Scope
from server.index.index import Index
from server.index.packing import unpacked
from server.visits.darkness import darkness
from server.visits.lessons import plain
from server.visits.telling import visits
from server.visits.values import sighted

LOT, OTHER_LOT = b"l" * 16, b"m" * 16
ZONE = pytz.timezone("America/Chicago")
SCOPE = Scope(frozenset({LOT}))


@pytest.fixture(scope="module")
def weeks() -> Weeks:
    return drawn(Scene(weeks=0.7, commuters=12, residents=4, visitors_a_day=8), seed=7)


def index_of(weeks: Weeks, events: list[Event] | None = None, *, step: int = 40) -> Index:
    index = Index({LOT: ZONE, OTHER_LOT: ZONE})
    told = weeks.events if events is None else events
    for begin in range(0, len(told), step):
        index.add_events(LOT, told[begin : begin + step])
        index.settle()
    for number, blind in enumerate(weeks.blind):
        index.add_blind(LOT, uuid7(blind.first, number), blind.last, blind)
    return index


def all_visits(index: Index, order: Order, limit: int = 17) -> list[FoundVisit]:
    found: list[FoundVisit] = []
    cursor = None
    while True:
        page = index.search_visits(SCOPE, Query(order=order, cursor=cursor, limit=limit))
        found += page.rows
        cursor = page.cursor
        if cursor is None:
            assert page.total == len(found)
            return found


def test_told_bit_by_bit_and_in_any_order_the_visits_are_those_of_the_whole(
    weeks: Weeks,
) -> None:
    parts = [part for event in weeks.events if (part := sighted(event))]
    whole = visits(parts, (), plain(), darkness(weeks.blind))
    shuffled = Random(1).sample(weeks.events, len(weeks.events))  # noqa: S311 - drawn alike
    for events in (weeks.events, shuffled):
        found = [one.visit for one in all_visits(index_of(weeks, events), Order("at"))]
        assert sorted(found, key=lambda one: (one.at, one.id)) == whole


@pytest.mark.parametrize("by", SORTS)
@pytest.mark.parametrize("descending", [True, False])
def test_pages_show_each_visit_once(weeks: Weeks, by: str, *, descending: bool) -> None:
    index = index_of(weeks)
    found = all_visits(index, Order(by, descending))  # type: ignore[arg-type]  # drawn as str
    assert len({one.visit.id for one in found}) == len(found)


def test_an_event_sent_again_changes_nothing(weeks: Weeks) -> None:
    index = index_of(weeks)
    before = all_visits(index, Order("at"))
    index.add_events(LOT, weeks.events)
    assert all_visits(index, Order("at")) == before


def test_a_plate_is_found_whole_in_part_and_with_one_wrong_character(weeks: Weeks) -> None:
    index = index_of(weeks)
    plate = next(event.plate for event in weeks.events if event.plate)
    assert plate is not None
    exact = index.search_events(SCOPE, Query(plate=PlateAsked(plate))).total
    assert exact == sum(event.plate == plate for event in weeks.events)
    part = index.search_events(SCOPE, Query(plate=PlateAsked(plate[2:6], "partial"))).total
    assert part == sum(plate[2:6] in (event.plate or "") for event in weeks.events)
    wrong = plate[:3] + ("0" if plate[3] != "0" else "1") + plate[4:]
    assert index.search_events(SCOPE, Query(plate=PlateAsked(wrong, "near"))).total >= exact


def test_another_lot_is_out_of_scope(weeks: Weeks) -> None:
    index = index_of(weeks)
    other = Scope(frozenset({OTHER_LOT}))
    assert index.search_events(other, Query()).total == 0
    assert index.event(other, weeks.events[0].id) is None
    assert index.visit(other, weeks.events[0].id) is None


def test_a_cursor_of_another_order_is_refused(weeks: Weeks) -> None:
    index = index_of(weeks)
    cursor = index.search_visits(SCOPE, Query(limit=3)).cursor
    for wrong in (cursor, "nonsense"):
        with pytest.raises(WrongUsage):
            index.search_visits(SCOPE, Query(order=Order("plate"), cursor=wrong, limit=3))


def test_segments_bring_back_the_same_index_in_any_order(weeks: Weeks) -> None:
    index = index_of(weeks)
    days = sorted(day for _, day in index.changed())
    again = Index({LOT: ZONE})
    again.load(LOT, [index.segment(LOT, day) for day in reversed(days)])
    assert all_visits(again, Order("at")) == all_visits(index, Order("at"))
    assert [again.coverage(LOT, day) for day in days] == [index.coverage(LOT, day) for day in days]
    assert not again.changed()


def test_a_segment_cut_or_lengthened_is_refused(weeks: Weeks) -> None:
    index = index_of(weeks, weeks.events[:3])
    day = min(day for _, day in index.changed())
    whole = index.segment(LOT, day)
    for at in range(0, len(whole), 3):
        with pytest.raises(Damaged):
            unpacked(whole[:at])
    with pytest.raises(Damaged):
        unpacked(whole + b"x")
