"""What holds for every day, whatever happens on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.gate import Verdict
from tests.edge.gate.days import Day, days

LATER = timedelta(days=9)


@settings(max_examples=50, deadline=None)
@given(days(swaps=True), st.randoms(use_true_random=False))
def test_the_order_in_which_passages_come_does_not_matter(day: Day, random: Random) -> None:
    shuffled = replace(
        day,
        passages=tuple(random.sample(day.passages, len(day.passages))),
        blind=day.blind[::-1],
        settled=day.settled[::-1],
    )
    assert shuffled.whole() == day.whole()


@settings(max_examples=25, deadline=None)
@given(days(swaps=True))
def test_only_differences_of_time_matter(day: Day) -> None:
    moved = replace(
        day,
        passages=tuple(
            replace(
                one,
                first_seen=one.first_seen + LATER,
                last_seen=one.last_seen + LATER,
                looks=tuple(replace(look, at=look.at + LATER) for look in one.looks),
            )
            for one in day.passages
        ),
        blind=tuple(
            replace(one, first=one.first + LATER, last=one.last and one.last + LATER)
            for one in day.blind
        ),
        settled=tuple(replace(one, came=one.came + LATER) for one in day.settled),
    )
    assert [(v.kind, v.flags, v.at) for v in moved.whole().events] == [
        (v.kind, v.flags, v.at + LATER) for v in day.whole().events
    ]


@settings(max_examples=60, deadline=None)
@given(days(settled=False, swaps=True))
def test_without_flags_a_kind_never_repeats_that_of_its_cars_last(day: Day) -> None:
    by_id = {one.id: one for one in day.whole().events}
    last: dict[str, str] = {}  # by plate
    trailers: dict[str, frozenset[str]] = {}  # by the truck that each last came or left with
    for event in sorted(by_id.values(), key=partial(_order, day)):
        if event.kind not in ("entry", "exit") or event.plate is None:
            continue
        read = _plates(event)
        before = {last[plate] for plate in read if plate in last}
        if not set(event.flags) - {"two_plates", "wrong_way", "doubtful"}:
            assert before != {event.kind}, event
        touched = read | trailers.get(event.plate, frozenset())
        for truck in [t for t, pulled in trailers.items() if pulled & read and t != event.plate]:
            if event.kind == "exit":
                touched |= {truck} | trailers[truck]
            trailers[truck] -= read
        if len(read) > 1:
            trailers[event.plate] = read - {event.plate}
        meant = by_id.get(event.refers or "")
        last |= dict.fromkeys(touched | (_plates(meant) if meant else frozenset()), event.kind)


def _plates(event: Verdict) -> frozenset[str]:
    assert event.plate is not None
    return frozenset({event.plate, *(plate for plate, _ in event.others)})


def _order(day: Day, event: Verdict) -> tuple[object, ...]:
    """Order as the gate rules: when first seen, or when read at last; the exit of a turn after."""
    passages = {(one.camera, one.id): one for one in day.passages}
    looks = [look.at for key in event.passages for look in passages[key].looks]
    read = min(looks, default=event.first_seen)
    at = read if read - event.first_seen >= timedelta(minutes=10) else event.first_seen
    return at, *event.passages[0], event.id.rpartition("/")[2]


@settings(max_examples=50, deadline=None)
@given(days(swaps=True))
def test_no_passage_is_of_two_sightings_and_none_is_lost(day: Day) -> None:
    whole = day.whole()
    sightings = {one.passages for one in whole.events}
    keys = [key for passages in sightings for key in passages]
    assert len(keys) == len(set(keys))
    counted = sum(whole.uncounted.values())
    assert len(keys) + counted <= len(day.passages)
    assert counted or len(keys) == len(day.passages)


@settings(max_examples=50, deadline=None)
@given(days(swaps=True))
def test_an_event_says_only_what_it_can_know(day: Day) -> None:
    for event in day.whole().events:
        assert event.final
        assert (event.plate is None) == (event.reason is not None)
        assert (event.refers is not None) == ("near_match" in event.flags)
        assert event.first_seen <= event.best_at <= event.last_seen
        if event.kind_by is None:
            assert event.kind == "seen"
        if event.plate is None:
            assert event.kind_by in (None, "turn", "direction", "role")
