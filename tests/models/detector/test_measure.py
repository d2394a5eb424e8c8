"""What the card's figures mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.values import Box, Detection, Kind
from models.detector.measure import (
    Looked,
    average_precision,
    matched,
    plate_figures,
    vehicle_figures,
)

PLATE = Box(0.40, 0.50, 0.60, 0.60)
SHIFTED = Box(0.48, 0.50, 0.68, 0.60)  # covers it with IoU 0.43
ELSEWHERE = Box(0.0, 0.0, 0.1, 0.1)


def looked(
    given: list[tuple[str, Box]], found: list[tuple[Kind, Box, float]], pixels: int = 640
) -> Looked:
    return Looked("set", tuple(given), tuple(Detection(b, k, s) for k, b, s in found), pixels)


def test_a_plate_found_askew_counts_at_three_tenths_and_not_at_half() -> None:
    figures = plate_figures([looked([("plate", PLATE)], [("plate", SHIFTED, 0.9)])], 0.25)
    assert (figures.recall_50, figures.recall_30, figures.false_a_picture) == (0.0, 1.0, 0.0)


def test_what_is_found_where_no_plate_is_given_is_false_and_below_the_threshold_nothing() -> None:
    picture = looked([("plate", PLATE)], [("plate", PLATE, 0.3), ("plate", ELSEWHERE, 0.2)])
    assert plate_figures([picture], 0.1).false_a_picture == 1.0
    assert plate_figures([picture], 0.25).false_a_picture == 0.0
    assert plate_figures([picture], 0.5).recall_50 == 0.0


def test_one_plate_found_twice_is_one_right_and_one_false() -> None:
    picture = looked([("plate", PLATE)], [("plate", PLATE, 0.9), ("plate", PLATE, 0.8)])
    figures = plate_figures([picture], 0.25)
    assert (figures.recall_50, figures.false_a_picture) == (1.0, 1.0)
    assert average_precision([picture], "plate") == 1.0  # the better one is the right one


def test_narrow_plates_are_counted_by_themselves_at_the_networks_size() -> None:
    wide = looked([("plate", PLATE)], [("plate", PLATE, 0.9)], pixels=640)
    narrow = looked([("plate", PLATE)], [], pixels=100)  # the plate is 20 pixels there
    figures = plate_figures([wide, narrow], 0.25)
    assert (figures.narrow, figures.recall_30_narrow, figures.recall_30) == (1, 0.0, 0.5)


def test_a_vehicle_found_as_another_kind_is_found() -> None:
    picture = looked([("truck", PLATE), ("car", ELSEWHERE)], [("car", PLATE, 0.9)])
    figures = vehicle_figures([picture], 0.35)
    assert (figures.vehicles, figures.found, figures.same_kind) == (2, 0.5, 0.0)


def test_average_precision_is_one_when_all_right_come_first_and_falls_with_false_ones() -> None:
    right: tuple[Kind, Box, float] = ("plate", PLATE, 0.6)
    clean = looked([("plate", PLATE)], [right, ("plate", ELSEWHERE, 0.1)])
    spoiled = looked([("plate", PLATE)], [("plate", ELSEWHERE, 0.9), right])
    assert average_precision([clean], "plate") == 1.0
    assert average_precision([spoiled], "plate") == pytest.approx(0.5)
    assert average_precision([], "plate") == 0.0


UNIT = st.floats(0.0, 1.0, allow_nan=False)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, right = sorted((draw(UNIT), draw(UNIT)))
    top, bottom = sorted((draw(UNIT), draw(UNIT)))
    return Box(left, top, right, bottom)


@given(st.lists(boxes(), max_size=6), st.lists(boxes(), max_size=6))
def test_no_box_is_matched_twice_and_every_match_covers_enough(
    given_boxes: list[Box], found: list[Box]
) -> None:
    pairs = matched(given_boxes, found, 0.3)
    assert len(set(pairs.values())) == len(pairs)
    assert all(given_boxes[at].iou(found[of]) >= 0.3 for at, of in pairs.items())
