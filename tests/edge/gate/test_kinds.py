"""Entry, exit or seen, and why: rules 6 to 11 and 14, each clause and each boundary."""

from __future__ import annotations

import pytest

from contract.plates import formats
from edge.cameras import Camera, Lane
from edge.gate import GateSettings, Sealed, Settled
from edge.values import Border
from tests.edge.gate.street import (
    A_MICROSECOND,
    DAY,
    ENTRY,
    EXIT,
    HOUR,
    MINUTE,
    NOON,
    STREET_BELOW,
    Told,
    at,
    blind,
    car,
    events,
    outcome,
    said,
    unread,
)

A, B = "8ABC123", "BABC123"
ENTRY_HERE, EXIT_HERE = Camera("gate", role="entry"), Camera("gate", role="exit")
LANE = Lane("1", ((0.1, 0.4), (0.9, 0.4), (0.9, 0.9)), ((0.5, 0.9), (0.5, 0.4)))
WITH_LANE = Camera("gate", lanes=(LANE,))
PASSING = Camera("gate", street=frozenset({"left", "right"}), lot=frozenset({"top"}))


def way(came: Border | None, left: Border | None, plate: str | None = A) -> Told:
    one = unread() if plate is None else car(plate)
    one = one.came(came) if came else one
    return one.left(left) if left else one


# Rule 6: what counts


def test_one_that_never_moved_is_seen_if_it_has_a_plate_else_nothing() -> None:
    found = outcome(car(A).never_moving(), unread().at(100).never_moving())
    assert said(found.events) == [f"seen {A}"]
    assert found.uncounted == {"stood_unread": 1}


def test_where_lanes_are_drawn_who_touches_none_makes_no_event() -> None:
    found = outcome(car(A), car("OTHER11").along("1", "touched"), cameras=[WITH_LANE])
    assert said(found.events) == ["entry OTHER11"]
    assert found.uncounted == {"no_lane": 1}


@pytest.mark.parametrize(
    ("came", "left", "counts"),
    [
        ("left", "right", False),
        ("left", "bottom", False),  # bottom is not named where both sides are
        ("left", "top", True),
        ("top", "bottom", True),
        ("left", None, True),  # seen at one end only
        ("left", "left", True),  # a turn apart
    ],
)
def test_where_sides_are_named_who_passes_the_lot_by_makes_no_event(
    came: Border, left: Border | None, counts: bool
) -> None:
    found = outcome(way(came, left), cameras=[PASSING])
    assert bool(found.events) == counts
    assert found.uncounted == ({} if counts else {"passed_by": 1})


def test_one_side_named_the_rest_is_the_other() -> None:
    assert said(events(way("left", "bottom"), cameras=[STREET_BELOW])) == [f"exit {A} missed_entry"]
    lot_above = Camera("gate", lot=frozenset({"top"}))
    assert outcome(way("left", "right"), cameras=[lot_above]).uncounted == {"passed_by": 1}


def test_back_by_its_side_without_having_gone_its_own_length_is_no_event() -> None:
    for cameras in ([], [STREET_BELOW], [ENTRY_HERE]):
        found = outcome(way("bottom", "bottom").not_its_length(), cameras=cameras)
        assert found.events == ()
        assert found.uncounted == {"went_back": 1}


def test_what_passes_by_one_camera_and_enters_by_another_counts() -> None:
    cameras = [
        Camera("road", "north", street=frozenset({"left", "right"})),
        Camera("drive", "north", street=frozenset({"bottom"})),
    ]
    found = events(
        way("left", "right").by("road"), way("bottom", "top").at(3).by("drive"), cameras=cameras
    )
    assert said(found) == [f"entry {A}"]


# Rule 7a: turns


def test_a_turn_from_the_street_is_an_entry_and_an_exit_also_within_the_window() -> None:
    found = events(way("bottom", "bottom").at(0).until(9), cameras=[STREET_BELOW])
    assert said(found) == [f"entry {A}", f"exit {A}"]
    assert [(one.at - NOON).total_seconds() for one in found] == [0, 9]
    assert len({one.id for one in found}) == 2


def test_a_turn_from_the_lot_is_seen_and_turned_back() -> None:
    (found,) = events(way("top", "top"), cameras=[STREET_BELOW])
    assert said([found]) == [f"seen {A} turned_back"]
    assert found.kind_by == "turn"


def test_out_of_the_lot_and_into_it_by_another_border_is_a_turn_too() -> None:
    assert said(events(way("top", "left"), cameras=[STREET_BELOW])) == [f"seen {A} turned_back"]


@pytest.mark.parametrize(("camera", "count"), [(ENTRY_HERE, 2), (EXIT_HERE, 1)])
def test_where_the_side_is_unnamed_the_role_says_where_a_turn_began(
    camera: Camera, count: int
) -> None:
    assert len(events(way("bottom", "bottom"), cameras=[camera])) == count


def test_else_a_turn_began_where_the_car_was() -> None:
    found = events(way("bottom", "bottom"), car(A).at(HOUR), way("top", "top").at(2 * HOUR))
    assert said(found)[2:] == [f"entry {A}", f"seen {A} turned_back"]


def test_a_turn_from_the_street_of_a_car_inside_has_a_missed_exit_and_leaves_it_outside() -> None:
    found = events(
        car(A),
        way("bottom", "bottom").at(HOUR),
        way("bottom", "top").at(DAY),
        cameras=[STREET_BELOW],
    )
    assert said(found)[1:] == [f"entry {A} missed_exit", f"exit {A}", f"entry {A}"]


# Rule 7b and 7c: directions and roles


@pytest.mark.parametrize(
    ("told", "camera", "kind"),
    [
        (way("bottom", "top"), STREET_BELOW, "entry"),
        (way("top", "bottom"), STREET_BELOW, "exit"),
        (car(A).along("1", "along"), WITH_LANE, "entry"),
        (car(A).along("1", "against"), WITH_LANE, "exit"),
    ],
)
def test_a_whole_way_or_an_arrow_is_a_direction(told: Told, camera: Camera, kind: str) -> None:
    (found,) = events(told, cameras=[camera])
    assert (found.kind, found.kind_by) == (kind, "direction")
    assert found.direction == ("in" if kind == "entry" else "out")


def test_a_direction_against_the_role_is_the_wrong_way() -> None:
    one_way = Camera("gate", role="entry", street=frozenset({"bottom"}))
    found = events(way("bottom", "top"), way("top", "bottom").at(HOUR), cameras=[one_way])
    assert said(found) == [f"entry {A}", f"exit {A} wrong_way"]


def test_a_role_says_what_no_way_said() -> None:
    (found,) = events(car(A).by("entry"), cameras=[ENTRY])
    assert (found.kind, found.kind_by) == ("entry", "role")


def test_a_lane_is_named_in_the_event() -> None:
    (found,) = events(car(A).along("1"), cameras=[WITH_LANE])
    assert found.lane == "1"


# Rule 7d: crossings


@pytest.mark.parametrize(
    ("came", "left", "kind"),
    [
        ("bottom", None, "entry"),
        (None, "top", "entry"),
        ("top", None, "exit"),
        (None, "bottom", "exit"),
    ],
)
def test_half_a_way_at_named_sides_says_what_it_can(
    came: Border | None, left: Border | None, kind: str
) -> None:
    (found,) = events(way(came, left), cameras=[STREET_BELOW])
    assert (found.kind, found.kind_by) == (kind, "crossing")


def test_unnamed_the_same_way_as_last_time_is_that_kind_and_the_opposite_the_other() -> None:
    found = events(
        way("bottom", "top"),  # entry, whose turn it was
        way("bottom", None).at(DAY),  # left while nobody looked
        way("top", None).at(DAY + HOUR),
    )
    assert said(found) == [f"entry {A}", f"entry {A} missed_exit", f"exit {A}"]
    assert [one.kind_by for one in found] == ["turns", "crossing", "crossing"]


def test_another_way_says_nothing() -> None:
    assert events(way("bottom", "top"), way("left", "top").at(HOUR))[1].kind_by == "turns"


def test_a_habit_is_of_one_plate_and_one_camera() -> None:
    told = [way("bottom", "top"), way("bottom", "top", "OTHER11").at(HOUR)]
    assert [one.kind_by for one in events(*told)] == ["turns", "turns"]
    elsewhere = way("bottom", "top").at(HOUR).by("other")
    assert events(told[0], elsewhere)[1].kind_by == "turns"


def test_a_habit_is_forgotten_when_the_stay_is_overdue() -> None:
    found = events(way("bottom", "top"), way("top", "bottom").at(3 * DAY))
    assert said(found)[1] == f"entry {A} missed_exit"
    assert found[1].kind_by == "turns"


def test_an_entry_by_crossing_of_a_car_inside_whose_coming_was_not_seen_is_seen() -> None:
    found = events(way("bottom", "top"), way(None, "top").at(HOUR), cameras=[STREET_BELOW])
    assert said(found) == [f"entry {A}", f"seen {A}"]
    unnamed = events(way("bottom", "top"), way(None, "top").at(HOUR))
    assert said(unnamed) == [f"entry {A}", f"seen {A}"]


# Rule 7e, 8 and 10: turns, and who is inside


def test_turns_alternate() -> None:
    found = events(*(car(A).at(i * HOUR) for i in range(4)))
    assert said(found) == [f"entry {A}", f"exit {A}"] * 2


def test_seen_only_renews_when_the_car_was_last_seen() -> None:
    renewed = [car(A), car(A).at(1.5 * DAY).never_moving(), car(A).at(3 * DAY)]
    assert said(events(*renewed)) == [f"entry {A}", f"seen {A}", f"exit {A}"]
    assert said(events(renewed[0], renewed[2]))[1] == f"entry {A} missed_exit"


def test_impossible_sequences_are_kept_and_flagged() -> None:
    found = events(
        car(A).by("entry"),
        car(A).at(HOUR).by("entry"),
        car(A).at(2 * HOUR).by("exit"),
        car(A).at(3 * HOUR).by("exit"),
        cameras=[ENTRY, EXIT],
    )
    assert said(found) == [
        f"entry {A}",
        f"entry {A} missed_exit",
        f"exit {A}",
        f"exit {A} missed_entry",
    ]


def test_what_was_settled_holds_for_sightings_first_seen_after_it_came() -> None:
    told = [car(A).at(0).named("one"), car(A).at(HOUR)]
    out = [Settled("one/1", "out", at(HOUR - 1))]
    assert said(events(*told, settled=out)) == [f"entry {A}", f"entry {A}"]
    late = [Settled("one/1", "out", at(HOUR))]
    assert said(events(*told, settled=late)) == [f"entry {A}", f"exit {A}"]


def test_who_is_settled_in_is_inside_and_no_longer_doubted() -> None:
    told = [
        car(A).at(0).named("a"),
        car(B).at(MINUTE).named("b"),
        car(B).at(HOUR).weakly(0, "8"),
        car(A).at(2 * HOUR),
        car(B).at(3 * HOUR),
    ]
    statements = [Settled("a/1", "in", at(1.5 * HOUR)), Settled("b/1", "out", at(1.5 * HOUR))]
    assert said(events(*told, settled=statements))[3:] == [f"exit {A}", f"entry {B}"]


def test_of_two_statements_of_one_moment_the_same_holds_in_either_order() -> None:
    told = [car(A).at(0).named("one"), car(A).at(HOUR)]
    both = [Settled("one/1", side, at(MINUTE)) for side in ("in", "out")]
    assert said(events(*told, settled=both)) == said(events(*told, settled=both[::-1]))


def test_a_statement_about_an_unknown_event_changes_nothing() -> None:
    assert said(events(car(A), settled=[Settled("gone/1", "in", at(-1))])) == [f"entry {A}"]


def test_until_the_state_is_open_kinds_by_turns_and_crossings_are_of_unknown_state() -> None:
    sealed = [Sealed(at(HOUR), at(2 * HOUR))]
    told = [
        car(A).at(0),
        car(A).at(HOUR),
        car("ROLE123").at(HOUR + 60).by("entry"),
        car(A).at(3 * HOUR),
    ]
    assert said(events(*told, sealed=sealed, cameras=[ENTRY])) == [
        f"entry {A}",
        f"exit {A} state_unknown",
        "entry ROLE123",
        f"entry {A}",
    ]


def test_at_a_gate_each_plates_first_within_the_longest_stay_of_the_first_start_is_too() -> None:
    settings = GateSettings(first_start=NOON)
    told = [car(A).at(HOUR), car(A).at(2 * HOUR), car(B).at(2 * DAY)]
    assert said(events(*told, settings=settings)) == [
        f"entry {A} state_unknown",
        f"exit {A}",
        f"entry {B}",
    ]


# Rule 2: who leaves


def test_a_near_car_that_is_overdue_is_not_meant() -> None:
    assert said(events(car(A), car(B).at(3 * DAY).weakly(0, "8")))[1] == f"entry {B}"


def test_a_near_car_that_was_in_view_meanwhile_is_not_meant() -> None:
    found = events(
        car(A).at(0),
        car(A).at(HOUR).until(HOUR + 60).by("other").never_moving(),
        car(B).at(HOUR + 20).weakly(0, "8"),
        cameras=[Camera("other")],
    )
    assert said(found)[2] == f"entry {B}"


def test_a_weak_spelling_lately_read_strongly_is_its_own_car() -> None:
    regular = [car(B).at(0), car(B).at(HOUR)]
    weak = car(B).at(2 * HOUR).weakly(0, "8")
    found = events(*regular, car(A).at(1.5 * HOUR), weak)
    assert said(found)[3] == f"entry {B}"
    days_later = events(*regular, car(A).at(DAY + HOUR), weak.at(DAY + 2 * HOUR))
    assert said(days_later)[3] == f"exit {B} near_match"


def test_a_strong_reading_vouches_for_24_hours() -> None:
    told = [car(B).at(0).never_moving(), car(A).at(10 * HOUR)]
    weak = car(B).weakly(0, "8")
    assert said(events(*told, weak.at(DAY)))[2] == f"entry {B}"
    assert said(events(*told, weak.at(DAY + A_MICROSECOND)))[2] == f"exit {B} near_match"


def test_an_entry_misread_where_its_spelling_is_a_car_of_its_own_is_not_looked_for() -> None:
    found = events(
        car(B).at(-2 * HOUR),
        car(B).at(-HOUR),
        car(B).at(0).weakly(0, "8"),  # vouched for: it is B
        car(A).at(HOUR),
    )
    assert said(found)[3] == f"entry {A}"


def test_several_near_cars_are_candidates_and_all_stay_inside() -> None:
    found = events(
        car(A).at(0),
        car(B).at(MINUTE),
        car("6ABC123").at(HOUR).weakly(0, "8").weakly(0, "B", 0.2),
        car(A).at(2 * HOUR),
        car(B).at(3 * HOUR),
    )
    assert said(found)[2:] == [
        "exit 6ABC123 two_candidates",
        f"exit {A} two_candidates",
        f"exit {B} two_candidates",
    ]


def test_being_seen_bears_the_doubt_and_does_not_end_it() -> None:
    found = events(
        car(A).at(0),
        car(B).at(MINUTE),
        car(B).at(HOUR).weakly(0, "8"),
        car(A).at(2 * HOUR).never_moving(),
        car(A).at(3 * HOUR),
        car(A).at(4 * HOUR),
    )
    assert said(found)[3:] == [
        f"seen {A} two_candidates",
        f"exit {A} two_candidates",
        f"entry {A}",
    ]


def test_an_exit_by_role_looks_for_a_near_car_too() -> None:
    found = events(
        car(A).by("entry"), car(B).at(HOUR).weakly(0, "8").by("exit"), cameras=[ENTRY, EXIT]
    )
    assert said(found)[1] == f"exit {B} near_match"


def test_an_entry_by_role_does_not() -> None:
    found = events(car(A).by("entry"), car(B).at(HOUR).weakly(0, "8").by("entry"), cameras=[ENTRY])
    assert said(found)[1] == f"entry {B}"


def test_after_a_near_match_that_car_is_outside_under_either_spelling() -> None:
    told = [car(A), car(B).at(HOUR).weakly(0, "8")]
    assert said(events(*told, car(A).at(2 * HOUR)))[2] == f"entry {A}"
    assert said(events(*told, car(B).at(2 * HOUR)))[2] == f"entry {B}"


# Rule 9: blindness


def test_in_view_when_blindness_began_and_there_soon_after_is_seen_and_changes_nothing() -> None:
    found = events(
        car(A).at(0).until(20),
        car(A).at(100 + 29).until(140),
        car(A).at(HOUR),
        blind=[blind(20, 100)],
    )
    assert said(found) == [f"entry {A}", f"seen {A} after_blind", f"exit {A}"]


def test_back_a_window_after_the_views_return_is_an_exit() -> None:
    found = events(car(A).at(0).until(20), car(A).at(130), blind=[blind(20, 100)])
    assert said(found) == [f"entry {A}", f"exit {A} after_blind"]


def test_back_within_the_window_by_the_wall_is_the_same_sighting() -> None:
    found = events(car(A).at(0).until(20), car(A).at(45), blind=[blind(20, 44)])
    assert said(found) == [f"entry {A}"]


def test_with_evidence_of_its_way_it_is_what_the_way_says() -> None:
    found = events(
        way("bottom", None).at(0).until(20),
        way("top", "bottom").at(105),
        blind=[blind(20, 100)],
        cameras=[STREET_BELOW],
    )
    assert said(found) == [f"entry {A}", f"exit {A}"]


def test_there_means_at_that_camera() -> None:
    found = events(car(A).at(0).until(20), car(A).at(105).by("other"), blind=[blind(20, 100)])
    assert said(found) == [f"entry {A}", f"exit {A} after_blind"]


@pytest.mark.parametrize(("each", "flagged"), [(15.0, True), (14.0, False)])
def test_a_window_of_blindness_of_all_cameras_together_is_a_doubt(
    each: float, flagged: bool
) -> None:
    dark = [blind(100, 100 + each, "gate"), blind(500, 500 + each, "other")]
    found = events(car(A).at(0), car(A).at(HOUR), blind=dark)
    assert found[1].flags == (("after_blind",) if flagged else ())


def test_blindness_before_the_car_was_last_seen_is_none() -> None:
    assert said(events(car(A).at(0), car(A).at(HOUR), blind=[blind(-HOUR, -1)]))[1] == f"exit {A}"


def test_for_a_car_never_seen_the_last_longest_stay_counts() -> None:
    assert said(events(car(A), blind=[blind(-DAY, -DAY + 60)])) == [f"entry {A} after_blind"]
    assert said(events(car(A), blind=[blind(-3 * DAY, -2.5 * DAY)])) == [f"entry {A}"]


def test_a_kind_by_role_is_not_doubted_after_blindness() -> None:
    found = events(car(A).by("entry"), blind=[blind(-600, -10, "entry")], cameras=[ENTRY])
    assert said(found) == [f"entry {A}"]


# Rule 11: unread vehicles, trailers, signs


def test_an_unread_vehicle_counts_if_a_plate_would_have_been_legible() -> None:
    found = outcome(unread().because("dark"), unread().at(HOUR).because("too_small").far_off())
    assert said(found.events) == ["seen unread"]
    assert found.events[0].reason == "dark"
    assert found.uncounted == {"illegible": 1}


@pytest.mark.parametrize(
    ("told", "camera", "lines"),
    [
        (way("bottom", "top", None), STREET_BELOW, ["entry unread"]),
        (way("bottom", None, None), STREET_BELOW, ["seen unread"]),
        (way("bottom", "bottom", None), STREET_BELOW, ["entry unread", "exit unread"]),
        (way("top", "top", None), STREET_BELOW, ["seen unread turned_back"]),
        (way("bottom", "bottom", None), ENTRY_HERE, ["entry unread", "exit unread"]),
        (way("bottom", "bottom", None), Camera("gate"), ["seen unread"]),
        (way(None, None, None), EXIT_HERE, ["exit unread"]),
        (way(None, None, None), Camera("gate"), ["seen unread"]),
    ],
)
def test_an_unread_vehicles_kind_needs_no_knowledge_of_who_it_is(
    told: Told, camera: Camera, lines: list[str]
) -> None:
    assert said(events(told, cameras=[camera])) == lines


def test_another_plate_read_less_than_strongly_is_none() -> None:
    assert said(events(car("TRUCK1").pulling("TRAIL2", 0.89))) == ["entry TRUCK1"]


def test_a_truck_that_leaves_alone_takes_its_trailer_out_with_it() -> None:
    found = events(car("TRUCK1").pulling("TRAIL2"), car("TRUCK1").at(HOUR), car("TRAIL2").at(DAY))
    assert said(found)[1:] == ["exit TRUCK1", "entry TRAIL2"]


def test_a_glimpse_takes_no_trailer_from_the_truck_that_it_is_inside_with() -> None:
    found = events(
        car("TRUCK1").pulling("TRAIL2"),
        car("TRUCK9").at(HOUR).pulling("TRAIL2").never_moving(),
        car("TRAIL2").at(2 * HOUR),
    )
    assert said(found)[2] == "exit TRAIL2"


def test_another_trucks_coming_with_the_trailer_leaves_its_first_truck_inside() -> None:
    found = events(
        car("TRUCK1").pulling("TRAIL2").by("entry"),
        car("TRUCK9").at(HOUR).pulling("TRAIL2").by("entry"),
        car("TRUCK1").at(2 * HOUR).by("entry"),
        cameras=[ENTRY],
    )
    assert said(found)[1:] == ["entry TRUCK9 missed_exit two_plates", "entry TRUCK1 missed_exit"]


def test_a_trailers_plate_read_first_joins_its_truck() -> None:
    found = events(car("TRAIL2").at(0), car("TRUCK1").at(10).pulling("TRAIL2"))
    assert len(found) == 1


def test_a_sign_makes_no_event_and_is_counted_as_doubtful() -> None:
    settings = GateSettings(formats=formats(["us-tx"]))
    on_the_wall = car("PARKING").never_moving()
    on_a_shirt = car("CALLME1").at(100).without_vehicle()
    found = outcome(on_the_wall, on_a_shirt, settings=settings)
    assert found.events == ()
    assert found.uncounted == {"doubtful": 2}


def test_of_no_format_on_a_moving_vehicle_is_doubtful_and_an_event() -> None:
    settings = GateSettings(formats=formats(["us-tx"]))
    assert said(events(car("PARKING1"), settings=settings)) == ["entry PARKING1 doubtful"]
    assert said(events(car("BKC1234"), settings=settings)) == ["entry BKC1234"]


# Rule 14: restless plates


def test_ten_in_three_hours_are_events_and_the_eleventh_is_seen() -> None:
    told = [car(A).at(i * 15 * MINUTE) for i in range(11)]
    assert said(events(*told))[9:] == [f"exit {A}", f"seen {A} restless"]


def test_the_eleventh_after_three_hours_is_an_event() -> None:
    told = [car(A).at(i * 18 * MINUTE) for i in range(11)]
    assert said(events(*told))[10] == f"entry {A}"


def test_restless_sightings_count_and_change_nothing() -> None:
    told = [car(A).at(i * 15 * MINUTE) for i in range(30)]
    assert said(events(*told, car(A).at(2 * DAY)))[-1] == f"entry {A}"


def test_kinds_by_role_are_never_restless() -> None:
    told = [car(A).at(i * MINUTE).by("entry") for i in range(20)]
    assert all(one.kind == "entry" for one in events(*told, cameras=[ENTRY]))
