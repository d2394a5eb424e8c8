"""Which cars a rule tells of: each once, only what it lets be told, and what is news."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.desk import noticing
from server.desk.matching import hits, likeness
from server.desk.noticing import ARRIVES_US, NAMED_MAX, Noticed, Telling
from server.desk.values import Known
from server.visits.values import Visit
from tests.server.desk.cars import HOUR, MINUTE, NOON, known, visit

LISTED = Telling("listed", None, 30, plates=True)
OVERSTAY = Telling("overstay", 24, 30, plates=True)


def told(
    rule: Telling,
    visits: list[Visit],
    now: int,
    listed: Collection[Known] = (),
    before: Collection[bytes] = (),
) -> list[Noticed]:
    return noticing.noticed(rule, visits, listed, before, str.encode, now)


def plates(found: list[Noticed]) -> list[str | None]:
    return [None if one.named is None else one.named.plate for one in found]


def test_a_listed_car_is_told_when_it_comes_and_once() -> None:
    came, other = visit("8ABC123", NOON), visit("7XYZ999", NOON, number=2)
    (hit,) = told(LISTED, [came, other], NOON + MINUTE, [known("8ABC123"), known("8ABC123")])
    assert (hit.named and hit.named.plate, hit.mark) == ("8ABC123", came.id.encode())
    assert told(LISTED, [came], NOON + MINUTE, [known("8ABC123")], [hit.mark]) == []


def test_one_that_came_and_left_between_two_looks_is_told_too() -> None:
    gone = visit("8ABC123", NOON, NOON + MINUTE)
    assert len(told(LISTED, [gone], NOON + 2 * MINUTE, [known("8ABC123")])) == 1


@pytest.mark.parametrize(("after", "news"), [(-1, True), (0, False)])
def test_what_came_in_quiet_time_is_still_news_after_it(after: int, *, news: bool) -> None:
    now = NOON + ARRIVES_US + 30 * MINUTE + after
    assert bool(told(LISTED, [visit("8ABC123", NOON)], now, [known("8ABC123")])) == news


def test_who_is_on_a_list_that_alarms_nobody_is_not_told() -> None:
    silent = Known(b"k" * 16, 1, "staff", "8ABC123", None, None, None, alarm=False, note=None)
    assert told(LISTED, [visit("8ABC123", NOON)], NOON, [silent]) == []


def test_who_stays_for_long_is_told_once_the_longest_first() -> None:
    long, longer, gone = visit("A", NOON), visit("B", NOON - HOUR, number=2), visit("C", 0, NOON)
    at = NOON + 24 * HOUR
    assert plates(told(OVERSTAY, [long, longer, gone], at - 1)) == ["B"]
    assert plates(told(OVERSTAY, [long, longer, gone], at)) == ["B", "A"]
    assert plates(told(OVERSTAY, [long, longer], at, before=[longer.id.encode()])) == ["A"]


def test_a_rule_without_plates_tells_how_many_and_no_more() -> None:
    bare = Telling("overstay", 24, 30, plates=False)
    late = [visit(f"{number}ABC", NOON - number, number=number) for number in range(9)]
    found = told(bare, late, NOON + 48 * HOUR)
    assert [one.named for one in found] == [None] * 9
    named = told(OVERSTAY, late, NOON + 48 * HOUR)
    assert [one.named is not None for one in named] == [True] * NAMED_MAX + [False] * 4


_PLATES = st.text("8B0OA", min_size=1, max_size=4)


@given(st.lists(_PLATES, max_size=6), st.lists(_PLATES, max_size=6))
def test_hits_are_all_pairs_that_are_alike_however_many_there_are(
    listed: list[str], came: list[str]
) -> None:
    visits = [visit(plate, NOON, number=number) for number, plate in enumerate(came)]
    found = hits([known(plate) for plate in listed], visits)
    alike = [(a, b) for a in listed for b in came if likeness(a, b)]
    assert sorted((hit.known.plate, hit.visit.plate or "") for hit in found) == sorted(alike)
