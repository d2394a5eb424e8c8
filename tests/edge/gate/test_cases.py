"""The cases that the gate was designed for, each under its own name."""

from __future__ import annotations

import pytest

from edge.cameras import Camera
from tests.edge.gate.street import (
    A_MICROSECOND,
    AT_BARRIER,
    DAY,
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


def going_in(plate: str = A) -> Told:
    return car(plate).came("bottom").left("top")


def going_out(plate: str = A) -> Told:
    return car(plate).came("top").left("bottom")


def test_in_parks_out_of_view_out_after_two_hours() -> None:
    found = events(car(A).at(0), car(A).at(2 * HOUR))
    assert said(found) == [f"entry {A}", f"exit {A}"]
    assert [one.kind_by for one in found] == ["turns", "turns"]


def test_two_minutes_at_the_barrier_are_one_entry() -> None:
    assert said(events(car(A).at(0).until(2 * MINUTE))) == [f"entry {A}"]


def test_the_same_hidden_60_seconds_by_a_van_is_one_entry() -> None:
    found = events(
        car(A).at(0).until(30).came("bottom").standing_last(),
        car(A).at(90).until(120).standing_first().left("top"),
    )
    assert said(found) == [f"entry {A}"]


def test_parks_in_view_an_hour_and_leaves_as_it_came() -> None:
    found = events(car(A).at(0).until(HOUR).came("bottom").left("bottom"))
    assert said(found) == [f"entry {A}", f"exit {A}"]
    assert [one.kind_by for one in found] == ["turn", "turn"]
    assert (found[1].at - found[0].at).total_seconds() == HOUR


def test_a_car_inside_shows_itself_and_drives_back_in() -> None:
    found = events(going_in().at(0), car(A).at(HOUR).came("top").left("top"))
    assert said(found) == [f"entry {A}", f"seen {A} turned_back"]
    later = events(going_in().at(0), car(A).at(HOUR).came("top").left("top"), car(A).at(2 * HOUR))
    assert said(later)[-1] == f"exit {A}", "it stays inside"


def test_in_and_out_within_25_seconds_are_two_where_the_ways_differ() -> None:
    assert said(events(going_in().at(0), going_out().at(20))) == [f"entry {A}", f"exit {A}"]


def test_in_and_out_within_25_seconds_are_one_entry_where_no_way_is_seen() -> None:
    assert said(events(car(A).at(0), car(A).at(20))) == [f"entry {A}"]


def test_a_strong_look_alike_of_a_car_inside_is_another_car() -> None:
    assert said(events(car(A).at(0), car(B).at(HOUR))) == [f"entry {A}", f"entry {B}"]


def test_a_weak_look_alike_of_a_car_inside_is_that_car_leaving() -> None:
    inside = car(A).at(0).named("came")
    found = events(inside, car(B).at(HOUR).weakly(0, "8"))
    assert said(found) == [f"entry {A}", f"exit {B} near_match"]
    assert found[1].refers == "came/1"
    assert A in dict(found[1].alternatives)


def test_both_inside_and_a_weak_reading_at_the_exit_are_two_candidates() -> None:
    both = [car(A).at(0), car(B).at(MINUTE)]
    found = events(*both, car(B).at(HOUR).weakly(0, "8"))
    assert said(found)[2] == f"exit {B} two_candidates"
    assert found[2].refers is None


def test_candidates_stay_inside_and_the_next_event_of_each_says_so() -> None:
    found = events(
        car(A).at(0),
        car(B).at(MINUTE),
        car(B).at(HOUR).weakly(0, "8"),
        car(A).at(2 * HOUR),
        car(B).at(3 * HOUR),
        car(A).at(4 * HOUR),
    )
    assert said(found)[3:] == [
        f"exit {A} two_candidates",
        f"exit {B} two_candidates",
        f"entry {A}",
    ]


def test_misread_weakly_on_entry_is_found_at_the_exit_which_keeps_its_own_spelling() -> None:
    found = events(car(B).at(0).weakly(0, "8").named("came"), car(A).at(HOUR))
    assert said(found) == [f"entry {B}", f"exit {A} near_match"]
    assert found[1].refers == "came/1"
    assert B in dict(found[1].alternatives)


def test_tailgating_is_two_events() -> None:
    assert said(events(car("AAA1111").at(0), car("BBB2222").at(1))) == [
        "entry AAA1111",
        "entry BBB2222",
    ]


@pytest.mark.parametrize("way", ["sides", "roles"])
def test_left_while_blind_and_back_next_day_is_an_entry_where_sides_or_roles_are_known(
    way: str,
) -> None:
    camera = STREET_BELOW if way == "sides" else Camera("gate", role="entry")
    plates = ["AAA1111", "BBB2222", "CCC3333"]
    today = [going_in(p).at(10 * MINUTE * i) for i, p in enumerate(plates)]
    tomorrow = [going_in(p).at(DAY + 10 * MINUTE * i) for i, p in enumerate(plates)]
    found = events(
        *today, *tomorrow, cameras=[camera], blind=[blind(2 * HOUR, 2 * HOUR + 10 * MINUTE)]
    )
    assert said(found)[3:] == [f"entry {p} missed_exit" for p in plates]


def test_left_while_blind_and_back_next_day_is_else_an_exit_after_blind() -> None:
    dark = [blind(2 * HOUR, 2 * HOUR + 10 * MINUTE)]
    found = events(car(A).at(0), car(A).at(DAY), blind=dark)
    assert said(found) == [f"entry {A}", f"exit {A} after_blind"]


def test_what_blindness_turned_over_is_healed_by_the_longest_stay() -> None:
    dark = [blind(2 * HOUR, 2 * HOUR + 10 * MINUTE)]
    found = events(
        car(A).at(0),  # leaves while nobody sees it
        car(A).at(DAY),  # comes, taken for leaving
        car(A).at(DAY + HOUR),  # leaves, taken for coming
        car(A).at(4 * DAY),
        car(A).at(4 * DAY + HOUR),
        blind=dark,
    )
    assert said(found)[3:] == [f"entry {A} missed_exit", f"exit {A}"]


def test_restart_while_a_car_stands_at_the_barrier_is_one_entry() -> None:
    found = events(
        car(A).at(0).until(20).came("bottom").standing_last(),
        car(A).at(80).until(90).standing_first().left("top"),
        blind=[blind(20, 80)],
    )
    assert said(found) == [f"entry {A}"]


def test_out_of_view_before_a_nights_blindness_and_leaving_right_after_is_an_exit() -> None:
    night = blind(HOUR, 9 * HOUR)
    found = events(car(A).at(HOUR - 10).until(HOUR - 5), car(A).at(9 * HOUR + 10), blind=[night])
    assert said(found) == [f"entry {A}", f"exit {A} after_blind"]


def test_unreadable_in_and_readable_out_by_roles() -> None:
    found = events(
        unread().at(0).by("entry").because("blurred"),
        car(A).at(HOUR).by("exit"),
        cameras=[ENTRY, EXIT],
    )
    assert said(found) == ["entry unread", f"exit {A} missed_entry"]
    assert found[0].reason == "blurred"


def test_first_read_by_the_exit_camera() -> None:
    assert said(events(car(A).by("exit"), cameras=[EXIT])) == [f"exit {A} missed_entry"]


@pytest.mark.parametrize("gate", ["", "north"])
def test_entry_and_exit_camera_see_one_car_at_once(gate: str) -> None:
    cameras = [Camera("entry", gate, "entry"), Camera("exit", gate, "exit")]
    found = events(
        car(A).at(0).until(8).by("entry"), car(A).at(2).until(10).by("exit"), cameras=cameras
    )
    assert said(found) == [f"entry {A}"]


@pytest.mark.parametrize("gate", ["", "north"])
def test_entry_camera_and_20_seconds_later_exit_camera(gate: str) -> None:
    cameras = [Camera("entry", gate, "entry"), Camera("exit", gate, "exit")]
    found = events(car(A).at(0).until(5).by("entry"), car(A).at(25).by("exit"), cameras=cameras)
    assert said(found) == [f"entry {A}", f"exit {A}"]


def test_files_of_a_day_in_any_order_give_the_same_events() -> None:
    told = [car(f"CAR{i % 7}00{i % 3}").at(i * 700).named(f"n{i}") for i in range(60)]
    in_order = events(*told)
    for other_order in (
        told[::-1],
        told[::2] + told[1::2],
        sorted(told, key=lambda t: str(t.plate)),
    ):
        assert events(*other_order) == in_order


def test_a_trailer_is_one_event_with_two_plates() -> None:
    (found,) = events(car("TRUCK1").pulling("TRAIL2"))
    assert said([found]) == ["entry TRUCK1 two_plates"]
    assert found.others == (("TRAIL2", 0.95),)


@pytest.mark.parametrize("read", ["TRUCK1", "TRAIL2"])
def test_either_plate_finds_the_trailer_inside(read: str) -> None:
    found = events(car("TRUCK1").pulling("TRAIL2"), car(read).at(HOUR), car("TRUCK1").at(2 * HOUR))
    assert said(found)[1:] == [f"exit {read}", "entry TRUCK1"]


def test_the_same_text_in_two_states_both_read_strongly_is_two_cars() -> None:
    found = events(car(A).of("us-tx"), car(A).at(10).of("us-ca"))
    assert said(found) == [f"entry {A}", f"entry {A}"]
    assert [one.region for one in found] == ["us-tx", "us-ca"]


def test_who_never_leaves_makes_no_event() -> None:
    assert said(events(car(A), car("OTHER1").at(5 * DAY))) == [f"entry {A}", "entry OTHER1"]


def test_who_never_left_and_shows_after_the_longest_stay_has_a_missed_exit() -> None:
    assert said(events(car(A), car(A).at(2 * DAY + 6)))[1] == f"entry {A} missed_exit"


def test_the_longest_stay_is_reached_only_beyond_it() -> None:
    first = car(A).at(0).until(5)
    assert said(events(first, car(A).at(5 + 2 * DAY)))[1] == f"exit {A}"
    assert said(events(first, car(A).at(5 + 2 * DAY + A_MICROSECOND)))[1].startswith("entry")


def test_400_passes_a_day_make_none_where_the_sides_are_named() -> None:
    street = Camera("gate", street=frozenset({"left", "right"}), lot=frozenset({"top"}))
    passing = [car(A).at(i * DAY / 400).came("left").left("right") for i in range(400)]
    found = outcome(*passing, cameras=[street])
    assert found.events == ()
    assert found.uncounted == {"passed_by": 400}


@pytest.mark.parametrize("ways", [True, False])
def test_400_passes_a_day_make_else_ten_then_seen_and_restless(ways: bool) -> None:
    passing = [car(A).at(i * DAY / 400) for i in range(400)]
    if ways:
        passing = [one.came("left").left("right") for one in passing]
    found = events(*passing)
    assert [one.kind in ("entry", "exit") for one in found] == [True] * 10 + [False] * 390
    assert said(found[10:]) == [f"seen {A} restless"] * 390


def test_parked_from_first_frame_to_last_is_seen() -> None:
    (found,) = events(car(A).at(0).until(HOUR).never_moving().standing(AT_BARRIER))
    assert said([found]) == [f"seen {A}"]
    assert found.kind_by is None
