"""Bookings find their car by themselves, and lists theirs."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.desk.matching import EARLY_US, GRACE_US, hits, stands
from server.visits.values import Visit
from tests.server.desk.cars import HOUR, MINUTE, NOON, booking, known, visit


@pytest.mark.parametrize(
    ("now", "standing"),
    [
        (NOON - HOUR, "expected"),
        (NOON + GRACE_US - 1, "expected"),
        (NOON + GRACE_US, "late"),
        (NOON + 4 * HOUR - 1, "late"),
        (NOON + 4 * HOUR, "no_show"),
    ],
)
def test_who_does_not_come_is_late_and_then_did_not_show(now: int, standing: str) -> None:
    (found,) = stands([booking()], [], now)
    assert (found.standing, found.visit) == (standing, None)


def test_a_booked_plate_that_comes_is_there_and_then_gone() -> None:
    inside, left = visit("8ABC123"), visit("8ABC123", left=NOON + HOUR)
    assert stands([booking()], [inside], NOON)[0].standing == "came"
    assert stands([booking()], [left], NOON + HOUR)[0].standing == "left"


@pytest.mark.parametrize(
    ("came", "fits"),
    [
        (NOON - EARLY_US - 1, False),
        (NOON - EARLY_US, True),
        (NOON + 4 * HOUR - 1, True),
        (NOON + 4 * HOUR, False),
    ],
)
def test_only_who_comes_around_the_time_is_the_one_who_booked(came: int, *, fits: bool) -> None:
    (found,) = stands([booking()], [visit("8ABC123", came)], NOON)
    assert (found.visit is not None) is fits


def test_a_letter_that_cameras_confuse_fits_and_is_said_to_another_does_not() -> None:
    (found,) = stands([booking()], [visit("BABC123")], NOON)
    assert (found.standing, found.likeness) == ("came", "near")
    assert stands([booking()], [visit("8XBC123")], NOON)[0].visit is None


def test_an_equal_plate_goes_before_one_that_is_only_like_it() -> None:
    exact, like = visit("8ABC123", NOON + MINUTE, number=1), visit("BABC123", NOON, number=2)
    (found,) = stands([booking()], [like, exact], NOON + HOUR)
    assert (found.visit, found.likeness) == (exact, "same")


def test_what_the_desk_said_decides_whatever_the_plate() -> None:
    seen = visit("KLM4421", NOON - 9 * HOUR)
    (found,) = stands([booking(event=seen.entry)], [seen, visit("8ABC123", number=2)], NOON)
    assert (found.standing, found.visit) == ("came", seen)


def test_a_cancelled_booking_takes_no_car() -> None:
    first, second = booking(state="cancelled"), booking(number=2)
    found = {one.booking.id: one for one in stands([first, second], [visit("8ABC123")], NOON)}
    assert found[first.id].standing == "cancelled"
    assert found[second.id].standing == "came"


VISITS = st.builds(
    lambda plate, after, number: visit(plate, NOON + after * MINUTE, number=number),
    st.sampled_from(["8ABC123", "BABC123", "KLM4421", None]),
    st.integers(-200, 200),
    st.integers(1, 1 << 40),
)


@given(st.lists(VISITS, max_size=6, unique_by=lambda one: one.id), st.randoms())
def test_no_car_is_given_to_two_bookings_in_whichever_order_they_are_told(
    seen: list[Visit], random: object
) -> None:
    booked = [booking(number=n, begins=NOON + n * HOUR) for n in range(1, 4)]
    found = stands(booked, seen, NOON)
    given_ = Counter(one.visit.id for one in found if one.visit is not None)
    assert all(number == 1 for number in given_.values())
    assert stands(booked[::-1], seen[::-1], NOON) == found


def test_a_plate_on_a_list_is_hit_while_it_is_on_it() -> None:
    from_noon = known("8ABC123", begins=NOON, ends=NOON + HOUR)
    came = [visit("8ABC123", NOON + at, number=at + 2) for at in (-1, 0, HOUR - 1, HOUR)]
    assert [hit.visit for hit in hits([from_noon], came)] == [came[2], came[1]]


def test_a_plate_that_is_like_one_on_a_list_is_said_to_be_only_that() -> None:
    (hit,) = hits([known("8ABC123")], [visit("8A8C123")])
    assert hit.likeness == "near"
