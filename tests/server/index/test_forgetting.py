"""What is dropped is gone from every answer, every segment and the memory of the columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.weeks import Scene, Weeks, drawn
from contract.event import Spelling
from server.index.asked import Order, PlateAsked, Query
from server.index.columns import OTHER, Columns, Sparse, plate_key
from server.index.days import bounds
from server.index.index import Index
from server.index.packing import unpacked
from tests.server.index.test_index import LOT, OTHER_LOT, SCOPE, ZONE, all_visits, index_of


@pytest.fixture(scope="module")
def weeks() -> Weeks:
    return drawn(Scene(weeks=0.5, commuters=8, residents=3, visitors_a_day=6), seed=3)


def without(weeks: Weeks, gone: set[str]) -> Weeks:
    return Weeks([one for one in weeks.events if one.id not in gone], weeks.blind, weeks.truth)


def test_a_dropped_plate_is_as_if_it_had_never_come(weeks: Weeks) -> None:
    index = index_of(weeks)
    plate = next(one.plate for one in weeks.events if one.plate)
    gone = {one.id for one in weeks.events if one.plate == plate}
    for lot, day in index.changed():
        index.written(lot, day)
    index.drop_records(LOT, gone)
    assert all_visits(index, Order("at")) == all_visits(index_of(without(weeks, gone)), Order("at"))
    assert index.search_events(SCOPE, Query(plate=PlateAsked(plate, "partial"))).total == 0
    days = [day for _, day in index.changed()]
    assert days
    for day in days:
        assert plate.encode() not in index.segment(LOT, day)


def test_a_dropped_day_is_gone_and_its_neighbours_are_told_anew(weeks: Weeks) -> None:
    index = index_of(weeks)
    day = sorted(day for _, day in index.changed())[1]
    first, last = bounds(day, ZONE)
    found = index.search_events(SCOPE, Query(first=first, last=last, limit=500))
    gone = {one.id for one in found.rows}
    assert gone
    index.drop(LOT, day)
    assert index.search_events(SCOPE, Query(first=first, last=last)).total == 0
    assert len(index) == len(weeks.events) - len(gone)
    assert not len(unpacked(index.segment(LOT, day)).ids)
    assert (LOT, day) not in index.changed()
    kept = Weeks([e for e in weeks.events if e.id not in gone], [], weeks.truth)
    ends = {(one.visit.entry, one.visit.exit) for one in all_visits(index, Order("at"))}
    told = {(one.visit.entry, one.visit.exit) for one in all_visits(index_of(kept), Order("at"))}
    assert ends == told


def test_another_lot_s_records_are_not_dropped_by_name(weeks: Weeks) -> None:
    index: Index = index_of(weeks)
    before = all_visits(index, Order("at"))
    index.drop_records(OTHER_LOT, {one.id for one in weeks.events})
    assert all_visits(index, Order("at")) == before


def test_nothing_that_only_a_dropped_row_had_is_left_in_memory(weeks: Weeks) -> None:
    columns = Columns()
    for number, event in enumerate(weeks.events[:3]):
        trailer = Spelling(f"TRA1LE{number}", 900)
        columns.put(LOT, replace(event, others=(trailer,)))
    columns.remove(np.array([1]))
    others = [Sparse(OTHER, plate_key(f"TRA1LE{number}")) for number in range(3)]
    assert [columns.rows_with(one) for one in others] == [[0], [], [1]]
