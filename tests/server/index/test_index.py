"""The index: what it finds, page by page, and that it tells visits as the whole would."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
import pytz

from benchmarks.weeks import Scene, Weeks, drawn
from contract.event import Event
from contract.ids import uuid7
from lot.errors import Damaged, WrongUsage
from server.index import search
from server.index.asked import SORTS, FoundVisit, Order, PlateAsked, Query, Scope
from server.index.days import day_of
from server.index.ids import id_bytes
from server.index.index import Index
from server.index.packing import unpacked
from server.visits.darkness import darkness
from server.visits.lessons import plain
from server.visits.telling import visits
from server.visits.values import sighted

LOT, OTHER_LOT = b"l" * 16, b"m" * 16
DAY_US = 86_400_000_000
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


@pytest.mark.parametrize("by", ["at", "confidence", "stay"])
@pytest.mark.parametrize("descending", [True, False])
def test_a_page_begins_with_the_first_of_all_however_rows_lie_in_blocks(
    weeks: Weeks, monkeypatch: pytest.MonkeyPatch, by: str, *, descending: bool
) -> None:
    index, order = index_of(weeks), Order(by, descending)  # type: ignore[arg-type]  # drawn as str
    every = all_visits(index, order, limit=500)
    for block in (1, 7, len(every) - 1, len(every)):
        monkeypatch.setattr(search, "_BLOCK_ROWS", block)
        for limit in (1, 6, 7, 8, len(every) % 7 or 7, len(every) - 1):
            page = index.search_visits(SCOPE, Query(order=order, limit=limit))
            assert [*page.rows] == every[:limit], (block, limit)


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


@pytest.mark.parametrize("at_once", [1, 1000])
def test_segments_bring_back_the_same_index_in_any_order(weeks: Weeks, at_once: int) -> None:
    index = index_of(weeks)
    days = sorted(day for _, day in index.changed())
    again = Index({LOT: ZONE})
    segments = [index.segment(LOT, day) for day in reversed(days)]
    for first in range(0, len(segments), at_once):
        again.load(LOT, segments[first : first + at_once])
    assert all_visits(again, Order("at")) == all_visits(index, Order("at"))
    assert [again.coverage(LOT, day) for day in days] == [index.coverage(LOT, day) for day in days]
    assert not again.changed()


def test_a_day_is_due_only_when_something_of_it_is_told_otherwise(weeks: Weeks) -> None:
    index = index_of(weeks)
    days = {day for _, day in index.changed()}
    for day in days:
        index.written(LOT, day)
    index.add_events(LOT, weeks.events)
    assert not index.changed()

    index.teach(LOT, index.lessons(LOT))  # every visit is told anew, and as it was
    assert not index.changed()
    index.learn(LOT)
    assert index.changed() <= {(LOT, day) for day in days}


def test_a_segment_cut_or_lengthened_is_refused(weeks: Weeks) -> None:
    index = index_of(weeks, weeks.events[:3])
    day = min(day for _, day in index.changed())
    whole = index.segment(LOT, day)
    for at in range(0, len(whole), 3):
        with pytest.raises(Damaged):
            unpacked(whole[:at])
    with pytest.raises(Damaged):
        unpacked(whole + b"x")


@pytest.mark.parametrize("later_first", [False, True])
@pytest.mark.parametrize("at_once", [1, 99])
def test_of_an_event_in_two_segments_the_higher_revision_counts(
    weeks: Weeks, at_once: int, *, later_first: bool
) -> None:
    doubted = next(one for one in weeks.events if _sparse_of(one))
    read = next(one for one in weeks.events if one.plate and one.id != doubted.id)
    later = [
        replace(one, revision=one.revision + 1, plate="NEW1", characters=(990,) * 4)
        for one in (doubted, read)
    ]
    later = [replace(one, alternatives=(), others=(), flags=()) for one in later]
    earlier, newer = index_of(weeks), index_of(weeks, later)
    segments = [
        [one.segment(LOT, day) for day in sorted(day for _, day in one.changed())]
        for one in (earlier, newer)
    ]
    told = [one for some in (reversed(segments) if later_first else segments) for one in some]
    again = Index({LOT: ZONE})
    for first in range(0, len(told), at_once):
        again.load(LOT, told[first : first + at_once])
    assert len(again) == len(earlier)
    for one in later:
        found = again.event(SCOPE, one.id)
        assert found is not None
        assert (found.revision, found.plate) == (one.revision, "NEW1")
    assert again._columns.sparse_of(np.arange(len(again)))
    row = again._columns.row(doubted.id)
    assert row is not None
    assert again._columns.sparse(row) == []


def test_the_coverage_of_many_days_is_that_of_each(weeks: Weeks) -> None:
    index = index_of(weeks)
    days = sorted((day for _, day in index.changed()), reverse=True)
    asked = [days[0] + 1, *days, days[-1] - 1]
    assert index.coverages(LOT, asked) == [index.coverage(LOT, day) for day in asked]
    assert sum(one.count for one in index.coverages(LOT, asked)) == len(weeks.events) + len(
        weeks.blind
    )
    assert index.coverages(LOT, ()) == []


def test_a_segment_whose_rows_are_not_sorted_or_stand_twice_is_refused(weeks: Weeks) -> None:
    index = index_of(weeks)
    whole = index.segment(LOT, min(day for _, day in index.changed()))
    ids = unpacked(whole).ids
    assert len(ids) > 1
    first, second = ids[0].tobytes(), ids[1].tobytes()
    assert whole.count(first + second) == 1
    for other in (second + first, first + first):
        with pytest.raises(Damaged):
            unpacked(whole.replace(first + second, other))


@pytest.mark.parametrize("name", ["plate", "told", "visit", "partner", "camera"])
def test_a_segment_that_numbers_what_it_does_not_hold_is_refused(weeks: Weeks, name: str) -> None:
    index = index_of(weeks)
    whole = index.segment(LOT, min(day for _, day in index.changed()))
    column = unpacked(whole).column(name).tobytes()
    assert whole.count(column) >= 1
    with pytest.raises(Damaged):
        unpacked(whole.replace(column, b"\xff" * len(column)))


@pytest.mark.parametrize(
    ("sequence", "revision", "stay_s"),
    [(1, 1, 0), (255, 256, 1), (256, 65_535, 5_000), (65_536, 65_536, 5_000), (2**40, 2**31, 1)],
)
def test_large_numbers_come_back_as_they_were(
    weeks: Weeks, sequence: int, revision: int, stay_s: int
) -> None:
    index, first = Index({LOT: pytz.utc}), weeks.events[0].first_seen // DAY_US * DAY_US
    one = replace(weeks.events[0], first_seen=first, best_at=first, last_seen=first, kind="seen")
    other = replace(one, id=uuid7(first, 5), sequence=sequence, revision=revision)
    last = first + stay_s * 1_000_000
    index.add_events(LOT, (one, replace(other, last_seen=last, best_at=last)))
    found = unpacked(index.segment(LOT, day_of(first, pytz.utc)))
    told = {found.ids[n].tobytes(): n for n in range(2)}
    at = told[id_bytes(other.id)]
    assert int(found.column("sequence")[at]) == sequence
    assert int(found.column("revision")[at]) == revision
    assert (int(found.column("first")[at]), int(found.column("last")[at])) == (first, last)


def test_a_segment_with_numbers_of_another_size_is_refused(weeks: Weeks) -> None:
    index = index_of(weeks)
    whole = index.segment(LOT, min(day for _, day in index.changed()))
    begin = whole.index(b'"widths":[') + len(b'"widths":[')
    end = whole.index(b"]", begin)
    for at in range(begin, end, 2):
        for width in b"0359":
            with pytest.raises(Damaged):
                unpacked(whole[:at] + bytes([width]) + whole[at + 1 :])
    fewer = (int.from_bytes(whole[:4], "big") - 2).to_bytes(4, "big")
    with pytest.raises(Damaged):
        unpacked(fewer + whole[4 : end - 2] + whole[end:])


def test_room_that_is_made_for_what_follows_is_no_row(weeks: Weeks) -> None:
    index = index_of(weeks)
    days = sorted(day for _, day in index.changed())
    segments = [index.segment(LOT, day) for day in days]
    again = Index({LOT: ZONE})
    for number, segment in enumerate(segments):
        follow = -1 if number else 1 << 62  # whatever the web process says of it
        again.load(LOT, [segment], follow)
    assert all_visits(again, Order("at")) == all_visits(index, Order("at"))
    assert len(again) == len(weeks.events)


def _sparse_of(event: Event) -> bool:
    part = sighted(event)
    return part is not None and bool(part.doubts or part.others)
