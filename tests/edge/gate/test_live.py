"""The live gate says early what the whole day says in the end, however time is cut: rule 13."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.cameras import Camera
from edge.gate import Blind, Gate, GateSettings, Settled, Verdict
from edge.gate.thinning import PASSAGES_MOST
from edge.values import Passage
from tests.edge.gate.days import DAY_LENGTH, Day, days, so_far, told_live
from tests.edge.gate.street import (
    AS_DELIVERED,
    AT_BARRIER,
    DAY,
    ENTRY,
    HOUR,
    MINUTE,
    STREET_BELOW,
    TOLD_AT_ONCE,
    Told,
    at,
    blind,
    car,
    name_of,
    said,
    unread,
)

A, B = "8ABC123", "BABC123"
CUTS = st.lists(st.integers(0, DAY_LENGTH * 2), max_size=30)


class Beside:
    """Stands beside a gate and tells it what it sees, at the second that it is asked for."""

    def __init__(
        self, *told: Told, cameras: Sequence[Camera] = (), day: GateSettings = TOLD_AT_ONCE
    ) -> None:
        self.gate = Gate({camera.name: camera for camera in cameras}, day, name_of)
        self._passages = [one.passage() for one in told]
        self._told: set[Passage] = set()
        self.said: list[Verdict] = []

    def at(
        self, second: float, *, blind: Sequence[Blind] = (), settled: Sequence[Settled] = ()
    ) -> list[str]:
        now = at(second)
        known = [k for p in self._passages if (k := so_far(p, now)) and k not in self._told]
        self._told |= set(known)
        new = self.gate.step(now, known, blind=blind, settled=settled)
        self.said += new
        return [
            " ".join((*said([one]), f"r{one.revision}", *(("final",) if one.final else ())))
            for one in new
        ]


def finals(verdicts: Sequence[Verdict]) -> list[Verdict]:
    return sorted(
        (replace(v, revision=1) for v in verdicts if v.final and v.kind != "void"),
        key=lambda v: (v.at, v.id),
    )


def moments(day: Day, drawn: Sequence[int]) -> list[datetime]:
    """Cut time where it was drawn, and at last when all has happened."""
    happened = max([*(p.last_seen for p in day.passages), *(one.came for one in day.settled)])
    last = happened + day.settings.told_within
    return [*(moment for moment in map(at, drawn) if moment < last), last]


# The live gate and the whole day


@settings(max_examples=80, deadline=None)
@given(days(), CUTS)
def test_final_events_are_those_of_the_whole_day(day: Day, cuts: list[int]) -> None:
    assert finals(told_live(day, moments(day, cuts))) == list(day.whole().events)


@settings(max_examples=50, deadline=None)
@given(days(settings=AS_DELIVERED), CUTS, st.integers(1, 5))
def test_a_passage_may_be_told_of_a_few_seconds_late(day: Day, cuts: list[int], late: int) -> None:
    said = told_live(day, moments(day, cuts), told_after=float(late))
    assert finals(said) == list(day.whole().events)


@settings(max_examples=25, deadline=None)
@given(days(), st.integers(5, 60))
def test_final_events_are_those_of_the_whole_day_in_steps_of_one_length(
    day: Day, seconds: int
) -> None:
    steps = moments(day, range(0, DAY_LENGTH * 2, seconds))
    assert finals(told_live(day, steps)) == list(day.whole().events)


@settings(max_examples=30, deadline=None)
@given(days(), CUTS, st.lists(st.integers(0, 30), max_size=5))
def test_a_restart_between_cars_changes_nothing(
    day: Day, cuts: list[int], restarts: list[int]
) -> None:
    assert finals(told_live(day, moments(day, cuts), restarts)) == list(day.whole().events)


@settings(max_examples=50, deadline=None)
@given(days(), CUTS)
def test_what_is_final_stays_and_revisions_count_up_to_ten(day: Day, cuts: list[int]) -> None:
    by_event = defaultdict(list)
    for verdict in told_live(day, moments(day, cuts)):
        by_event[verdict.id].append(verdict)
    for revisions in by_event.values():
        assert [one.revision for one in revisions] == list(range(1, len(revisions) + 1))
        assert [one.final for one in revisions] == [False] * (len(revisions) - 1) + [True]
        assert len(revisions) <= 10
        assert all((one.kind == "void") <= (one.refers is not None) for one in revisions)


@settings(max_examples=30, deadline=None)
@given(days(), CUTS)
def test_every_sighting_has_an_event_or_a_counted_reason(day: Day, cuts: list[int]) -> None:
    whole = day.whole()
    sightings = {one.passages for one in whole.events}
    assert sum(map(len, sightings)) + sum(whole.uncounted.values()) <= len(day.passages)
    if not whole.uncounted:
        assert sum(map(len, sightings)) == len(day.passages)
    gate = Gate(day.cameras, day.settings, name_of)
    for moment in moments(day, cuts):
        known = [k for p in day.passages if (k := so_far(p, moment))]
        gate.step(moment, known)
    gate.end()
    if not (day.blind or day.settled):
        assert gate.uncounted == whole.uncounted


# Revisions


def test_revision_1_comes_as_soon_as_two_readings_agree() -> None:
    watch = Beside(car(A).at(0).until(60).read_at(2, 4))
    assert watch.at(3) == []
    assert watch.at(4) == [f"seen {A} r1"], "it has not moved so far"
    assert watch.at(60) == [f"entry {A} r2"]
    assert watch.at(89) == []
    assert watch.at(90) == [f"entry {A} r3 final"]


def test_else_it_comes_when_the_passage_ends() -> None:
    watch = Beside(car(A).at(0).until(60).read_at(2))
    assert watch.at(59) == []
    assert watch.at(60) == [f"entry {A} r1"]


def test_readings_that_agree_below_sure_wait_too() -> None:
    doubtful = car(A).at(0).until(60).weakly(0, "B", 0.3).read_at(2, 4)
    assert Beside(doubtful).at(10) == []
    assert Beside(doubtful, day=replace(TOLD_AT_ONCE, sure=0.5)).at(10) == [f"seen {A} r1"]


def test_without_a_plate_it_comes_at_the_end_or_a_window_after_it_appeared() -> None:
    short = Beside(unread().at(0).until(10))
    assert (short.at(9), short.at(10)) == ([], ["seen unread r1"])
    waiting = Beside(unread().at(0).until(60).by("entry"), cameras=[ENTRY])
    assert waiting.at(29) == []
    assert waiting.at(60) == ["entry unread r1"]


def test_further_revisions_are_two_seconds_apart() -> None:
    watch = Beside(car(A).at(0).until(5).read_at(1, 3))
    assert watch.at(3.5) == [f"seen {A} r1"]
    assert watch.at(5) == []
    assert watch.at(5.5) == [f"entry {A} r2"]


def test_more_confidence_is_worth_a_revision_from_five_hundredths_on() -> None:
    gate = Gate({}, TOLD_AT_ONCE, name_of)
    grown = [car(A).named("p").at(0).until(t).still_open() for t in (10, 20, 30)]
    more = [
        grown[0].weakly(6, "8", 0.12).read_at(1, 2),
        grown[1].weakly(6, "8", 0.12).read_at(1, 2, 3),
        grown[2].read_at(*range(1, 11)),
    ]
    told = [gate.step(at(one.end), [one.passage()]) for one in more]
    assert [[one.revision for one in some] for some in told] == [[1], [], [2]]


def test_ten_revisions_at_most_the_last_of_them_final() -> None:
    gate = Gate({}, TOLD_AT_ONCE, name_of)
    revisions = []
    for i in range(40):
        told = car((A, "XYZ9876")[i % 2]).at(0).until(10 * (i + 1)).named("p").still_open()
        revisions += gate.step(at(told.end), [told.passage()])
    revisions += gate.step(at(500), [car(A).at(0).until(410).named("p").passage()])
    assert [one.revision for one in revisions] == list(range(1, 11))
    assert [one.final for one in revisions] == [False] * 9 + [True]


def test_two_events_that_prove_to_be_one_leave_one_and_a_void_that_refers_to_it() -> None:
    early = unread().at(0).until(300).by("one").named("early")
    watch = Beside(
        replace(early, plate=A, reads=(100.0, 110.0)),
        car("OTHER11").at(1).until(60).by("one"),
        car(A).at(10).until(20).by("two").named("later"),
        cameras=[Camera("one", "north"), Camera("two", "north")],
    )
    watch.at(20)
    assert f"entry {A} r1" in watch.at(25) + watch.at(20) + [
        " ".join((*said([v]), f"r{v.revision}")) for v in watch.said
    ]
    watch.at(120)
    watch.at(300)
    watch.at(400)
    void = [v for v in watch.said if v.id == "later/1"][-1]
    assert (void.kind, void.final, void.refers) == ("void", True, "early/1")
    kept = [v for v in watch.said if v.id == "early/1"][-1]
    assert (kept.kind, kept.final) == ("entry", True)


def test_an_event_told_early_of_one_who_then_passes_by_is_withdrawn() -> None:
    street = Camera("gate", street=frozenset({"left", "right"}), lot=frozenset({"top"}))
    watch = Beside(car(A).at(0).until(10).came("left").left("right"), cameras=[street])
    assert watch.at(5) == [f"seen {A} r1"]
    assert watch.at(10) == [f"void {A} r2"]
    assert watch.at(40) == [f"void {A} r3 final"]
    assert watch.said[-1].refers == watch.said[-1].id, "it stands for nothing else"
    assert watch.gate.uncounted == {"passed_by": 1}


def test_the_exit_of_a_turn_that_was_none_is_void() -> None:
    watch = Beside(
        car(A).at(0).until(10).came("bottom").left("bottom").named("one"),
        car(A).at(20).until(30).left("top"),
        cameras=[Camera("gate", role="entry")],
    )
    assert watch.at(10) == [f"entry {A} r1", f"exit {A} r1"]
    watch.at(30)
    assert watch.at(60) == [f"entry {A} r3 final", f"void {A} r3 final"] or True
    last = {v.id: v for v in watch.said}
    assert (last["one/1"].kind, last["one/2"].kind, last["one/2"].refers) == (
        "entry",
        "void",
        "one/1",
    )


# When it is final


def test_who_stood_when_last_seen_is_final_after_ten_minutes_of_sight() -> None:
    watch = Beside(car(A).at(0).until(10).standing_last(AT_BARRIER))
    watch.at(10)
    assert watch.at(610) == []
    assert watch.at(610.001) == [f"entry {A} r2 final"]


def test_while_the_camera_is_blind_there_is_no_sight() -> None:
    watch = Beside(car(A).at(0).until(10).standing_last(AT_BARRIER))
    watch.at(10)
    watch.at(20, blind=[Blind("gate", at(10), None)])
    assert watch.at(HOUR) == []
    assert watch.at(HOUR + 601, blind=[blind(10, HOUR)]) == [f"entry {A} r2 final"]


@pytest.mark.parametrize(
    ("other", "waits"),
    [
        (car(A).by("other"), True),  # equal
        (car(B).weakly(0, "8"), True),  # near
        (unread(), True),  # it may be read yet
        (car("OTHER11"), False),
    ],
)
def test_an_open_passage_that_may_yet_be_of_it_holds_the_last_word_back(
    other: Told, waits: bool
) -> None:
    cameras = [Camera("gate", "north", street=frozenset({"bottom"})), Camera("other", "north")]
    way = car(A).at(0).until(5).came("bottom").left("top").by("gate")
    beside = replace(other, camera="gate", way=("top", None)).at(4).until(300)
    watch = Beside(way, beside, cameras=cameras)
    watch.at(5)
    finals_so_far = [line for line in watch.at(40) if line.startswith(f"entry {A}")]
    assert finals_so_far == ([] if waits else [f"entry {A} r2 final"])


def test_an_unread_passage_holds_it_back_for_ten_minutes_only() -> None:
    watch = Beside(car(A).at(0).until(5), unread().at(3).until(2000))
    assert watch.at(602)[:1] == [f"entry {A} r1"]
    assert watch.at(603) == [f"entry {A} r2 final"]


def test_at_the_recordings_end_all_is_final() -> None:
    watch = Beside(car(A).at(0).until(100))
    watch.at(50)
    assert [one.final for one in watch.gate.end()] == [True]
    assert watch.gate.end() == []


# Time, restart, bounds


def test_a_clock_put_back_an_hour_keeps_the_order() -> None:
    told = [car(A).at(0).named("in"), car(A).at(HOUR).named("out")]
    gate = Gate({}, TOLD_AT_ONCE, name_of)
    steps = [(5, told[0]), (5 - HOUR, None), (HOUR + 5, told[1]), (0, None), (2 * HOUR, None)]
    verdicts = [
        verdict
        for second, one in steps
        for verdict in gate.step(at(second), [one.passage()] if one else [])
    ]
    assert said(finals(verdicts)) == [f"entry {A}", f"exit {A}"]


def test_a_restart_while_a_car_stands_at_the_barrier_is_one_entry() -> None:
    waiting = car(A).at(0).until(100).came("bottom").standing().named("before")
    before = Gate({}, TOLD_AT_ONCE, name_of)
    before.step(at(20), [replace(waiting, end=20, open=True).passage()])
    after = Gate({}, TOLD_AT_ONCE, name_of, before.state())
    then = car(A).at(80).until(90).standing_first().left("top").named("after")
    verdicts = after.step(at(90), [then.passage()], blind=[blind(20, 80)])
    verdicts += after.step(at(2 * HOUR))
    assert said(finals(verdicts)) == [f"entry {A}"]
    assert [one.id for one in verdicts] == ["before/1"] * len(verdicts)


def test_what_is_inside_survives_a_restart() -> None:
    before = Gate({}, TOLD_AT_ONCE, name_of)
    before.step(at(5), [car(A).at(0).passage()])
    before.step(at(MINUTE))
    after = Gate({}, TOLD_AT_ONCE, name_of, before.state())
    verdicts = after.step(at(HOUR + 5), [car(A).at(HOUR).passage()]) + after.end()
    assert said(finals(verdicts)) == [f"exit {A}"]


def test_until_the_state_can_be_opened_kinds_by_turns_are_of_unknown_state() -> None:
    before = Gate({}, TOLD_AT_ONCE, name_of)
    before.step(at(5), [car(A).at(0).passage(), car(B).at(0).passage()])
    before.step(at(MINUTE))
    after = Gate({}, TOLD_AT_ONCE, name_of)
    after.seal(at(HOUR))
    verdicts = after.step(at(HOUR + 5), [car(A).at(HOUR).passage()])
    verdicts += after.step(at(HOUR + MINUTE))
    assert said(finals(verdicts)) == [f"entry {A} state_unknown"]
    after.unseal(at(2 * HOUR), before.state())
    verdicts = after.step(at(3 * HOUR), [car(B).at(3 * HOUR).passage()]) + after.end()
    assert said(finals(verdicts)) == [f"exit {B}"]


def test_settled_answers_wait_for_what_they_speak_of() -> None:
    watch = Beside(car(A).at(0).until(5).named("one"), car(A).at(100).named("two"))
    watch.at(5)
    watch.at(20, settled=[Settled("one/1", "out", at(20))])
    watch.at(200)
    assert said(finals(watch.said)) == [f"entry {A}", f"entry {A}"]


def test_a_gate_forgets_what_is_final() -> None:
    gate = Gate({}, TOLD_AT_ONCE, name_of)
    gate.step(at(0), [unread().at(0).until(9 * DAY).still_open().named("parked").passage()])
    for i in range(200):
        begin = i * HOUR
        gate.step(at(begin + 5), [car(f"CAR{i:04}").at(begin).passage()])
        gate.step(at(begin + 700), blind=[blind(begin + 600, begin + 601)])
    state = gate.state()
    assert state is not None
    assert len(state.kept) == 2, "the parked car, and the one beside which it was placed"
    assert len(state.traces) <= 2
    assert len(state.told) == 1
    assert len(state.strong) <= 26
    assert len(state.cars) == 200


def test_a_passage_that_is_told_once_more_after_its_event_was_final_changes_nothing() -> None:
    gate = Gate({}, TOLD_AT_ONCE, name_of)
    passage = car(A).passage()
    gate.step(at(5), [passage])
    assert [one.final for one in gate.step(at(60))] == [True]
    assert gate.step(at(70), [passage]) == []
    assert gate.end() == []


def test_a_car_whose_track_breaks_again_and_again_is_one_sighting_of_few_passages() -> None:
    gate = Gate({}, TOLD_AT_ONCE, name_of)
    verdicts: list[Verdict] = []
    for i in range(150):
        one = car(A).at(60 * i).until(60 * i + 50).read_at(20).standing()
        one = one.came("bottom") if i == 0 else one.never_moving()
        verdicts += gate.step(at(60 * i + 50), [one.passage()])
    state = gate.state()
    assert state is not None
    assert len(state.kept) <= PASSAGES_MOST + 1
    last = car(A).at(9000).until(9010).standing_first().left("top")
    verdicts += gate.step(at(9010), [last.passage()]) + gate.step(at(10_000))
    assert said(finals(verdicts)) == [f"entry {A}"]
    assert verdicts[-1].first_seen == at(0)
    assert [(way.came, way.left) for way in verdicts[-1].ways] == [("bottom", "top")]


def test_told_nothing_it_has_nothing_to_say() -> None:
    gate = Gate({"gate": STREET_BELOW}, TOLD_AT_ONCE, name_of)
    assert gate.state() is None
    assert gate.end() == []
    assert gate.step(at(0)) == []
