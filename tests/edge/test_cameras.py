"""What an owner says of a camera answers which side a border is and what a lane holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cameras import BORDERS, Camera, Lane, foot, within
from edge.values import Border, Box

SQUARE = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
ARROW = ((0.5, 0.8), (0.5, 0.2))


def test_a_camera_is_a_gate_of_its_own_unless_it_shares_one() -> None:
    assert Camera("north").gate == "north"
    assert Camera("north", gate="main").gate == "main"


def test_where_one_side_is_named_the_rest_is_the_other() -> None:
    street = Camera("north", street=frozenset[Border](["bottom"]))
    assert [street.side(b) for b in BORDERS] == ["lot", "lot", "lot", "street"]
    lot = Camera("north", lot=frozenset[Border](["top"]))
    assert [lot.side(b) for b in BORDERS] == ["street", "lot", "street", "street"]


def test_where_both_are_named_the_rest_is_neither_and_where_none_is_nothing_is_known() -> None:
    both = Camera("north", street=frozenset[Border](["bottom"]), lot=frozenset[Border](["top"]))
    assert [both.side(b) for b in BORDERS] == [None, "lot", None, "street"]
    assert {Camera("north").side(b) for b in BORDERS} == {None}


def test_a_border_cannot_be_street_and_lot() -> None:
    sides = frozenset[Border](["left"])
    with pytest.raises(ValueError, match="north: left is street and lot"):
        Camera("north", street=sides, lot=sides)


@pytest.mark.parametrize(
    ("polygon", "arrow", "why"),
    [
        (SQUARE[:2], ARROW, "three corners"),
        (SQUARE, (ARROW[0], ARROW[0]), "no length"),
        ((*SQUARE[:3], (2.0, 80.0)), ARROW, "fractions"),
    ],
)
def test_a_lane_that_cannot_be_is_refused(
    polygon: tuple[tuple[float, float], ...],
    arrow: tuple[tuple[float, float], tuple[float, float]],
    why: str,
) -> None:
    with pytest.raises(ValueError, match=f"lane 1.*{why}"):
        Lane("1", polygon, arrow)


def test_two_lanes_of_one_name_and_a_region_in_pixels_are_refused() -> None:
    lane = Lane("1", SQUARE, ARROW)
    with pytest.raises(ValueError, match="two lanes"):
        Camera("north", lanes=(lane, lane))
    with pytest.raises(ValueError, match="region"):
        Camera("north", region=((0, 0), (1920, 0), (0, 1080)))


def test_a_lane_drawn_to_the_border_holds_a_car_cut_by_it() -> None:
    whole = Lane("1", ((0, 0), (1, 0), (1, 1), (0, 1)), ARROW)
    assert whole.holds(foot(Box(0.4, 0.8, 0.6, 1.0)))


def test_a_thing_counts_by_where_its_foot_is() -> None:
    camera = Camera("north", region=SQUARE)
    assert camera.regards(Box(0.4, 0.1, 0.6, 0.7))
    assert not camera.regards(Box(0.4, 0.1, 0.6, 0.9))
    assert Camera("south").regards(Box(0.0, 0.0, 0.01, 0.01))


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_square_holds_what_is_between_its_sides(x: float, y: float) -> None:
    if min(abs(x - 0.2), abs(x - 0.8), abs(y - 0.2), abs(y - 0.8)) < 1e-9:
        return
    assert within((x, y), SQUARE) == (0.2 < x < 0.8 and 0.2 < y < 0.8)
    assert within((x, y), SQUARE[::-1]) == within((x, y), SQUARE)
