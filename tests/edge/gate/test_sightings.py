"""Which passages are one car seen once: rules 2 to 5, each clause and each boundary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from edge.cameras import Camera
from edge.gate.ways import Ends
from edge.values import Box
from tests.edge.gate.street import (
    A_MICROSECOND,
    AT_BARRIER,
    BEHIND_IT,
    ENTRY,
    EXIT,
    HOUR,
    MINUTE,
    STREET_BELOW,
    Told,
    blind,
    car,
    events,
    outcome,
    said,
    unread,
)

A, B = "8ABC123", "BABC123"
ONE, TWO = Camera("one", gate="north"), Camera("two", gate="north")
CUT_BY_BORDER = Box(0.3, 0.4, 0.6, 1.0)


def passages_of_each(*told: Told, cameras: Iterable[Camera] = ()) -> list[list[str]]:
    """Return the passages of each event, by their names."""
    return [[name for _, name in v.passages] for v in events(*told, cameras=cameras)]


# Rule 4: the window


def test_less_than_a_window_apart_is_one_sighting() -> None:
    found = events(car(A).at(0).until(5), car(A).at(35 - A_MICROSECOND))
    assert said(found) == [f"entry {A}"]


def test_exactly_a_window_apart_are_two_sightings() -> None:
    found = events(car(A).at(0).until(5), car(A).at(35))
    assert said(found) == [f"entry {A}", f"exit {A}"]


def test_the_window_counts_from_last_seen_however_long_the_passage_was() -> None:
    found = events(car(A).at(0).until(HOUR), car(A).at(HOUR + 29))
    assert said(found) == [f"entry {A}"]


def test_a_chain_of_passages_is_one_sighting_however_long() -> None:
    assert said(events(*(car(A).at(30 * i) for i in range(40)))) == [f"entry {A}"]


def test_a_passage_joins_the_latest_sighting_of_its_plate_or_none() -> None:
    there = car(A).at(0).until(4).came("bottom").left("top").named("in")
    back = car(A).at(8).until(12).came("top").left("bottom").named("out")
    again = car(A).at(16).until(20).came("bottom").left("top").named("in again")
    assert passages_of_each(there, back, again) == [["in"], ["out"], ["in again"]]


def test_equal_goes_before_near() -> None:
    found = passages_of_each(
        car(B).at(0).until(1).named("equal"),
        car(A).at(0.5).until(2).named("near"),
        car(B).at(5).weakly(0, "8").named("x"),
    )
    assert found == [["equal", "x"], ["near"]]


def test_near_joins_within_the_window() -> None:
    found = events(car(A).at(0), car(B).at(20).weakly(0, "8"))
    assert said(found) == [f"entry {A}"]


def test_near_at_one_camera_at_once_is_two_cars() -> None:
    found = events(car(A).at(0).until(10), car(B).at(5).weakly(0, "8"))
    assert len(found) == 2


def test_near_at_different_gates_is_never_joined() -> None:
    found = events(
        car(A).at(0).until(10).by("a"),
        car(B).at(5).weakly(0, "8").by("b"),
        cameras=[Camera("a"), Camera("b")],
    )
    assert len(found) == 2


def test_near_at_two_cameras_of_a_gate_is_one_car() -> None:
    found = events(
        car(A).at(0).until(10).by("one"),
        car(B).at(5).weakly(0, "8").by("two"),
        cameras=[ONE, TWO],
    )
    assert said(found) == [f"entry {A}"]


@pytest.mark.parametrize("share", [0.08, 0.069])
def test_a_character_is_weak_below_nine_tenths(share: float) -> None:
    # 0.97 - 0.069 is 0.901, and one look is taken at its word
    found = events(car(A).at(0).read_at(1), car(B).at(20).weakly(0, "8", share).read_at(1))
    assert len(found) == (1 if share == 0.08 else 2)


def test_a_weak_character_without_the_other_among_its_runners_is_another_car() -> None:
    assert len(events(car(A).at(0), car(B).at(20).weakly(0, "6"))) == 2


def test_two_characters_apart_is_another_car() -> None:
    assert len(events(car("8ABC128"), car("BABC12B").at(20).weakly(0, "8").weakly(6, "8"))) == 2


def test_another_length_is_another_car() -> None:
    assert len(events(car("ABC123"), car("ABC1234").at(20).weakly(6, "3"))) == 2


def test_regions_read_strongly_that_differ_keep_near_spellings_apart() -> None:
    weak = car(B).at(20).weakly(0, "8")
    assert len(events(car(A).of("us-tx"), weak.of("us-ca"))) == 2
    assert len(events(car(A).of("us-tx"), weak)) == 1


def test_a_country_does_not_differ_from_its_state() -> None:
    assert len(events(car(A).of("us"), car(A).at(20).of("us-tx"))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("bottom", "top"), ("top", "bottom")),
        (("bottom", None), (None, "bottom")),
        (("bottom", "top"), ("top", None)),
        ((None, "left"), ("left", None)),
    ],
)
def test_opposite_ways_at_one_camera_are_two_sightings(one: Ends, other: Ends) -> None:
    assert len(events(replace(car(A), way=one), replace(car(A), way=other).at(20))) == 2


def test_the_same_way_twice_within_the_window_is_one_sighting() -> None:
    way = car(A).came("bottom").left("top")
    assert said(events(way.at(0), way.at(20))) == [f"entry {A}"]


def test_opposite_named_ways_at_two_cameras_are_two_sightings() -> None:
    cameras = [
        Camera("one", gate="north", street=frozenset({"bottom"})),
        Camera("two", gate="north", street=frozenset({"left"})),
    ]
    found = events(
        car(A).at(0).by("one").came("bottom").left("top"),
        car(A).at(20).by("two").came("right").left("left"),
        cameras=cameras,
    )
    assert said(found) == [f"entry {A}", f"exit {A}"]


def test_half_ways_that_are_named_are_opposite_too() -> None:
    found = events(
        car(A).at(0).came("bottom"), car(A).at(20).left("bottom"), cameras=[STREET_BELOW]
    )
    assert said(found) == [f"entry {A}", f"exit {A}"]
    assert [one.kind_by for one in found] == ["crossing", "crossing"]


def test_cameras_of_one_gate_join_within_the_window_unless_their_roles_are_opposite() -> None:
    told = [car(A).at(0).until(5).by("one"), car(A).at(25).by("two")]
    assert len(events(*told, cameras=[ONE, TWO])) == 1
    roles = [Camera("one", "north", "entry"), Camera("two", "north", "exit")]
    assert len(events(*told, cameras=roles)) == 2


def test_cameras_of_different_gates_join_only_if_the_times_overlap() -> None:
    cameras = [Camera("a"), Camera("b")]
    first = car(A).at(0).until(5).by("a")
    assert len(events(first, car(A).at(5).by("b"), cameras=cameras)) == 1
    assert len(events(first, car(A).at(5 + A_MICROSECOND).by("b"), cameras=cameras)) == 2


def test_an_unread_vehicle_is_the_only_sighting_that_another_camera_of_its_gate_has_in_view() -> (
    None
):
    found = events(car(A).at(0).until(10).by("one"), unread().at(5).by("two"), cameras=[ONE, TWO])
    assert said(found) == [f"entry {A}"]
    assert len(found[0].passages) == 2


def test_a_read_vehicle_is_the_unread_one_that_another_camera_has_in_view() -> None:
    found = events(unread().at(0).until(10).by("one"), car(A).at(5).by("two"), cameras=[ONE, TWO])
    assert said(found) == [f"entry {A}"]


def test_an_unread_vehicle_beside_two_in_view_is_neither() -> None:
    found = events(
        car(A).at(0).until(10).by("one"),
        car("OTHER11").at(1).until(10).by("one"),
        unread().at(5).by("two"),
        cameras=[ONE, TWO],
    )
    assert len(found) == 3


def test_an_unread_vehicle_is_not_one_that_its_own_camera_has_in_view_too() -> None:
    found = events(
        car(A).at(0).until(10).by("one"),
        car(A).at(1).until(10).by("two"),
        unread().at(5).by("two"),
        cameras=[ONE, TWO],
    )
    assert said(found) == [f"entry {A}", "seen unread"]


def test_unread_vehicles_of_one_camera_are_never_joined() -> None:
    assert len(events(unread().at(0), unread().at(10))) == 2


def test_an_unread_vehicle_at_another_gate_is_another_one() -> None:
    found = events(
        car(A).at(0).until(10).by("a"),
        unread().at(5).by("b"),
        cameras=[Camera("a"), Camera("b")],
    )
    assert len(found) == 2


def test_camera_by_camera_it_came_as_its_first_passage_and_left_as_its_last() -> None:
    (found,) = events(car(A).at(0).came("bottom"), car(A).at(10).left("top"))
    (way,) = found.ways
    assert (way.came, way.left) == ("bottom", "top")


def test_where_an_end_is_unseen_it_came_and_left_as_a_passage_seen_at_both() -> None:
    (found,) = events(car(A).at(0), car(A).at(10).came("bottom").left("top"), car(A).at(20))
    (way,) = found.ways
    assert (way.came, way.left) == ("bottom", "top")


def test_the_kind_is_from_the_camera_with_the_best_ground_then_with_the_widest_plate() -> None:
    exit_wide = car(A).at(1).until(9).by("exit").wide(200)
    told = [car(A).at(0).until(8).by("entry").wide(100), exit_wide]
    assert events(*told, cameras=[ENTRY, EXIT])[0].camera == "exit"
    named = Camera("entry", role="entry", street=frozenset({"bottom"}))
    told[0] = told[0].came("bottom").left("top")
    (found,) = events(*told, cameras=[named, EXIT])
    assert (found.camera, found.kind, found.kind_by) == ("entry", "entry", "direction")


# Rule 3: continuing


def stands(plate: str | None, begin: float, end: float, place: Box = AT_BARRIER) -> Told:
    one = unread() if plate is None else car(plate)
    return one.at(begin).until(end).standing(place)


def test_with_its_plate_a_car_continues_wherever_it_stands() -> None:
    assert len(events(stands(A, 0, 10, BEHIND_IT), stands(A, 200, 210, AT_BARRIER))) == 1


def test_a_car_that_did_not_stand_does_not_continue() -> None:
    assert len(events(car(A).at(0).until(10), stands(A, 200, 210))) == 2
    assert len(events(stands(A, 0, 10), car(A).at(200))) == 2


@pytest.mark.parametrize("places", [(CUT_BY_BORDER, AT_BARRIER), (AT_BARRIER, CUT_BY_BORDER)])
def test_a_box_at_the_border_stands_nowhere(places: tuple[Box, Box]) -> None:
    assert len(events(stands(A, 0, 10, places[0]), stands(A, 200, 210, places[1]))) == 2


def test_a_car_continues_at_most_ten_minutes_of_sight_later() -> None:
    assert len(events(stands(A, 0, 10), stands(A, 610, 620))) == 1
    assert len(events(stands(A, 0, 10), stands(A, 610 + A_MICROSECOND, 620))) == 2


def test_blind_time_is_not_sight() -> None:
    night = [blind(10, 10 + 8 * HOUR)]
    later = 10 + 8 * HOUR + 10 * MINUTE
    assert len(events(stands(A, 0, 10), stands(A, later, later + 9), blind=night)) == 1
    elsewhere = [blind(10, 10 + 8 * HOUR, "other")]
    assert len(events(stands(A, 0, 10), stands(A, later, later + 9), blind=elsewhere)) == 2


def test_unread_a_car_continues_in_the_same_place_within_ten_minutes_by_the_wall() -> None:
    assert len(events(stands(None, 0, 10), stands(None, 610, 620))) == 1
    assert len(events(stands(None, 0, 10), stands(None, 610 + A_MICROSECOND, 620))) == 2
    dark = [blind(10, 700)]
    assert len(events(stands(None, 0, 10), stands(None, 705, 720), blind=dark)) == 2


@pytest.mark.parametrize("plates", [(A, None), (None, A)])
def test_where_one_is_unread_the_place_tells(plates: tuple[str | None, str | None]) -> None:
    first = stands(plates[0], 0, 10)
    assert said(events(first, stands(plates[1], 100, 110))) == [f"entry {A}"]
    assert len(events(first, stands(plates[1], 100, 110, BEHIND_IT))) == 2


def test_two_plates_in_one_place_are_two_cars() -> None:
    assert len(events(stands(A, 0, 10), stands("OTHER11", 15, 20))) == 2


def test_a_passage_continues_an_equal_one_before_another_and_then_the_latest() -> None:
    equal, unread_later = stands(A, 0, 10).named("a"), stands(None, 20, 30).named("u")
    found = passages_of_each(equal, unread_later.standing(BEHIND_IT), stands(A, 60, 70).named("x"))
    assert found == [["a", "x"], ["u"]]
    first, second = stands(None, 0, 10).named("u1"), stands(None, 11, 20).named("u2")
    second = second.standing_first(BEHIND_IT)
    assert passages_of_each(first, second, stands(None, 60, 70).named("x")) == [
        ["u1"],
        ["u2", "x"],
    ]


def test_a_car_whose_plate_was_seen_elsewhere_since_does_not_continue() -> None:
    gone = car(A).at(50).until(60).by("other").came("top").left("bottom")
    told = [stands(None, 0, 10), gone, stands(A, 100, 110)]
    assert len(events(*told, cameras=[Camera("other")])) == 3


def test_an_unread_car_is_not_one_that_was_seen_elsewhere_while_it_stood() -> None:
    """That one's event may be final long before the plate is read where the unread one stood."""
    gone = car(A).at(5).until(8).by("other").came("top").left("bottom")
    told = [stands(None, 0, 10), gone, stands(A, 100, 110)]
    assert len(events(*told, cameras=[Camera("other")])) == 3


def test_a_queue_moves_up_and_each_car_is_one() -> None:
    found = passages_of_each(
        stands("AAA1111", 0, 20, AT_BARRIER).named("a"),
        stands("BBB2222", 5, 20, BEHIND_IT).named("b"),
        stands("BBB2222", 60, 90, AT_BARRIER).named("b2"),
    )
    assert found == [["a"], ["b", "b2"]]


def test_continuing_goes_before_opposite_ways() -> None:
    found = events(stands(A, 0, 10).came("bottom"), stands(A, 50, 60).left("bottom"))
    assert said(found) == [f"entry {A}", f"exit {A}"]
    assert [one.kind_by for one in found] == ["turn", "turn"]


# Rule 5, and what comes too late


def test_what_is_read_after_ten_minutes_speaks_only_from_then_on() -> None:
    long_unread = car(A).at(0).until(900).by("one").read_at(700).named("late")
    other = car("OTHER11").at(10).until(300).by("one").named("other")
    meanwhile = car(A).at(100).until(110).by("two").named("meanwhile")
    found = passages_of_each(long_unread, other, meanwhile, cameras=[ONE, TWO])
    assert sorted(found) == [["late"], ["meanwhile"], ["other"]]
    after = meanwhile.at(750).named("after")
    assert ["late", "after"] in passages_of_each(long_unread, other, after, cameras=[ONE, TWO])


def test_the_order_of_passages_first_seen_at_once_is_by_camera_and_id() -> None:
    told = [car(A).at(0).by(c).named(n) for c, n in (("two", "a"), ("one", "z"), ("one", "b"))]
    for order in (told, told[::-1]):
        assert passages_of_each(*order, cameras=[ONE, TWO]) == [["b", "z", "a"]]


def test_every_passage_is_of_one_event_or_counted() -> None:
    found = outcome(car(A), unread().at(100).far_off(), unread().at(200).never_moving())
    assert len(found.events) + sum(found.uncounted.values()) == 3
