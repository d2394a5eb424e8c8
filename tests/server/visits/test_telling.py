"""Visits out of events and statements: what holds for every list, then the cases by name."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.weeks import Scene, drawn
from contract.blind import Blind
from contract.ids import uuid7
from server.records.statements import (
    CheckedOut,
    Joined,
    KindCorrected,
    PlateCorrected,
    Saying,
    Settled,
    Split,
    Statement,
    Voided,
    Withdrawn,
)
from server.visits.darkness import darkness
from server.visits.learning import learned
from server.visits.lessons import HOUR, Lessons, plain
from server.visits.offers import offers
from server.visits.telling import visits
from server.visits.values import Doubt, Sighted, SightedKind, Visit, sighted

NOON = 1_780_000_000_000_000
EDGE = "a" * 32


def seen(
    number: int,
    kind: SightedKind,
    hours: float,
    plate: str | None = "8ABC123",
    by: str | None = "role",
    doubts: tuple[Doubt, ...] = (),
) -> Sighted:
    at = NOON + round(hours * HOUR)
    return Sighted(
        uuid7(at, number),
        EDGE,
        number + 1,
        kind,
        by,  # type: ignore[arg-type]  # a word of them, as str
        plate,
        at,
        at + 5_000_000,
        "gate",
        doubts=doubts,
    )


def say(number: int, what: Saying, hours: float = 50) -> Statement:
    at = NOON + round(hours * HOUR)
    return Statement(uuid7(at, 10_000 + number), at, bytes(16), None, what)


def told(*events: Sighted, said: tuple[Statement, ...] = ()) -> list[Visit]:
    return visits(events, said, plain())


@st.composite
def lists(draw: st.DrawFn) -> list[Sighted]:
    count = draw(st.integers(0, 12))
    return [
        seen(
            number,
            draw(st.sampled_from(("entry", "exit", "seen"))),
            draw(st.integers(0, 90)),
            draw(st.sampled_from(("8ABC123", "BABC123", "XYZ9876", None))),
            draw(st.sampled_from(("role", "turns", "crossing", "person"))),
            draw(st.sampled_from(((), (Doubt(0, "B", 500),)))),
        )
        for number in range(count)
    ]


@given(lists(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_no_entry_and_no_exit_is_lost_or_doubled_and_arrival_does_not_matter(
    events: list[Sighted], random: Random
) -> None:
    found = visits(events, (), plain())
    ends = [end for visit in found for end in (visit.entry, visit.exit) if end]
    assert len(ends) == len(set(ends))
    crossings = {one.id for one in events if one.kind != "seen" and one.witnessed}
    assert crossings <= set(ends)
    free = {one.id for one in events if one.kind in ("entry", "exit")}
    assert free <= set(ends) | {d for visit in found for d in visit.during}
    assert visits(random.sample(events, len(events)), (), plain()) == found


@given(lists())
@settings(max_examples=60, deadline=None)
def test_a_witnessed_kind_is_never_decided_otherwise(events: list[Sighted]) -> None:
    found = visits(events, (), plain())
    entries = {visit.entry for visit in found}
    exits = {visit.exit for visit in found}
    for one in events:
        if one.witnessed and one.kind != "seen":
            assert one.id in (entries if one.kind == "entry" else exits)


@given(lists())
@settings(max_examples=40, deadline=None)
def test_statements_count_once_however_often_they_come(events: list[Sighted]) -> None:
    words = [say(n, KindCorrected(one.id, "exit")) for n, one in enumerate(events)]
    once = visits(events, words, plain())
    assert visits(events, [*words, *reversed(words)], plain()) == once


def test_in_and_out_is_one_certain_visit() -> None:
    (visit,) = told(seen(0, "entry", 0), seen(1, "exit", 2))
    assert (visit.sureness, visit.flags, visit.inside) == ("certain", (), False)
    assert visit.id == seen(0, "entry", 0).id


def test_who_came_and_did_not_leave_is_inside() -> None:
    (visit,) = told(seen(0, "entry", 0))
    assert visit.inside
    assert visit.left_at is None


def test_an_exit_without_an_entry_is_flagged() -> None:
    (visit,) = told(seen(0, "exit", 0))
    assert visit.flags == ("missed_entry",)


def test_an_entry_after_an_entry_closes_the_first_as_missed_exit() -> None:
    first, second = told(seen(0, "entry", 0), seen(1, "entry", 24))
    assert (first.flags, first.inside, second.inside) == (("missed_exit",), False, True)


def test_an_exit_one_weak_character_off_finds_its_entry_and_says_so() -> None:
    (visit,) = told(
        seen(0, "entry", 0), seen(1, "exit", 2, "BABC123", doubts=(Doubt(0, "8", 600),))
    )
    assert visit.plate == "8ABC123"
    assert "near_match" in visit.flags


def test_two_cars_that_look_alike_stay_two_when_both_have_their_own_ends() -> None:
    found = told(
        seen(0, "entry", 0),
        seen(1, "entry", 0.1, "BABC123"),
        seen(2, "exit", 2),
        seen(3, "exit", 2.1, "BABC123"),
    )
    assert [visit.plate for visit in found] == ["8ABC123", "BABC123"]
    assert all(visit.exit and not visit.flags for visit in found)


def test_blind_time_in_a_stay_is_flagged_and_less_than_a_window_is_not() -> None:
    events = (seen(0, "entry", 0), seen(1, "exit", 2))

    def flags(seconds: int) -> tuple[str, ...]:
        dark = Blind("gate", NOON + HOUR, NOON + HOUR + seconds * 1_000_000, "no_frames")
        return visits(events, (), plain(), darkness([dark]))[0].flags

    assert "blind" in flags(30)
    assert "blind" not in flags(29)


def test_a_corrected_plate_joins_what_it_bears() -> None:
    events = seen(0, "entry", 0), seen(1, "exit", 2, "XYZ9876")
    (visit,) = told(*events, said=(say(0, PlateCorrected(events[1].id, "8abc-123")),))
    assert visit.exit == events[1].id
    assert visit.flags == ("corrected",)


def test_a_person_decides_a_kind_that_a_role_gave() -> None:
    events = seen(0, "entry", 0), seen(1, "entry", 2)
    (visit,) = told(*events, said=(say(0, KindCorrected(events[1].id, "exit")),))
    assert visit.exit == events[1].id


def test_a_voided_event_is_in_no_visit_and_a_withdrawal_brings_it_back() -> None:
    event = seen(0, "entry", 0)
    void = say(0, Voided(event.id))
    assert told(event, said=(void,)) == []
    assert len(told(event, said=(void, say(1, Withdrawn(void.id), 51)))) == 1


def test_join_and_split_are_people_s() -> None:
    events = seen(0, "entry", 0), seen(1, "exit", 2, "XYZ9876")
    join = say(0, Joined(events[0].id, events[1].id))
    (visit,) = told(*events, said=(join,))
    assert (visit.entry, visit.exit) == (events[0].id, events[1].id)
    own = seen(0, "entry", 0), seen(1, "exit", 2)
    first, second = told(*own, said=(say(0, Split(own[0].id, own[1].id)),))
    assert "missed_exit" in first.flags
    assert "missed_entry" in second.flags


def test_a_car_that_a_person_knows_to_be_gone_is_not_inside() -> None:
    event = seen(0, "entry", 0)
    (visit,) = told(event, said=(say(0, Settled(event.id, "out")),))
    assert not visit.inside
    assert "missed_exit" in visit.flags


def test_check_out_ends_a_visit_at_the_desk() -> None:
    event = seen(0, "entry", 0)
    (visit,) = told(event, said=(say(0, CheckedOut(event.id, NOON + HOUR)),))
    assert visit.left_at == NOON + HOUR
    assert "checked_out" in visit.flags


def test_an_unread_entry_is_offered_to_the_exit_that_lacks_one() -> None:
    unread, gone = seen(0, "entry", 0, None), seen(1, "exit", 2)
    found = told(unread, gone)
    (exit_visit,) = [visit for visit in found if visit.exit]
    assert [one.id for one in offers(exit_visit, found, plain())] == [unread.id]
    (joined,) = told(unread, gone, said=(say(0, Joined(unread.id, gone.id)),))
    assert joined.plate == "8ABC123"


def test_a_clock_put_back_an_hour_does_not_turn_a_stay() -> None:
    (visit,) = told(seen(0, "entry", 2), seen(1, "exit", 1.5))
    assert visit.exit == seen(1, "exit", 1.5).id
    assert "missed_exit" not in visit.flags


@pytest.mark.parametrize(
    ("scene", "share"),
    [
        (Scene(weeks=1.5, commuters=25, visitors_a_day=10), 0.02),
        (Scene(weeks=1.5, commuters=25, visitors_a_day=10, from_hour=12), 0.03),
        (Scene(weeks=1.5, commuters=25, visitors_a_day=10, cameras=2, ways_seen=0.0), 0.05),
    ],
)
def test_a_camera_that_nobody_configured_comes_right_by_itself(scene: Scene, share: float) -> None:
    weeks = drawn(scene, seed=5)
    sightings = [part for event in weeks.events if (part := sighted(event))]
    dark = darkness(weeks.blind)
    kinds: dict[str | None, str] = {}
    for visit in visits(sightings, (), learned(sightings, dark), dark):
        kinds |= {visit.entry: "entry", visit.exit: "exit"}
    wrong = sum(kinds.get(one.id, "seen") != weeks.truth[one.id].kind for one in sightings)
    before = sum(one.kind != weeks.truth[one.id].kind for one in sightings)
    assert wrong <= share * len(sightings) < before


@cache
def learned_by_the_clock() -> Lessons:
    """Return the lessons of a lot whose camera shows no border."""
    weeks = drawn(Scene(weeks=1.5, commuters=25, visitors_a_day=10, ways_seen=0.0), seed=5)
    sightings = [part for event in weeks.events if (part := sighted(event))]
    return learned(sightings, darkness(weeks.blind))


def by_turns(gaps: list[int], began: int) -> list[Sighted]:
    """Return what a gate says of a car that only its turns tell of, so many hours apart."""
    at, found = began, []
    for number, gap in enumerate(gaps):
        at += gap * HOUR
        kind: SightedKind = "exit" if number % 2 else "entry"
        one = seen(number, kind, 0, by="turns")
        found.append(
            replace(
                one, id=uuid7(at, number), first_seen=at, last_seen=at + 5_000_000, camera="north"
            )
        )
    return found


GAPS = st.lists(st.integers(1, 47), min_size=1, max_size=90)


@given(GAPS)
@example([8, 10] + [14, 10] * 40)
@settings(max_examples=40, deadline=None)
def test_who_may_have_been_there_when_it_began_is_never_certain_by_turns_alone(
    gaps: list[int],
) -> None:
    lessons = learned_by_the_clock()
    assert lessons.since is not None
    for taught in (lessons, plain()):
        found = visits(by_turns(gaps, lessons.since), (), taught)
        assert all(visit.sureness != "certain" for visit in found)


def test_who_was_first_seen_later_than_a_longest_stay_is_certain_by_the_clock() -> None:
    lessons = learned_by_the_clock()
    assert lessons.since is not None
    (visit,) = visits(by_turns([10 * 24 + 12, 1], lessons.since), (), lessons)
    assert visit.sureness == "certain"


def test_one_word_of_a_person_makes_a_car_certain_that_only_the_clock_told_of() -> None:
    lessons = learned_by_the_clock()
    assert lessons.since is not None
    events = by_turns([8, 10] + [14, 10] * 10, lessons.since)
    word = say(1, KindCorrected(events[10].id, "exit"))
    found = visits(events, (word,), lessons)
    assert {visit.exit for visit in found if visit.sureness == "certain"} >= {
        one.id for one in events[2:20:2]
    }
