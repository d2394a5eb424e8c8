"""Times and spans as people say them, in the lot's zone."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from gui.words import Clock, Words, chosen
from lot import times

CHICAGO = times.zone("America/Chicago")
NOON = datetime(2026, 11, 25, 18, 0, tzinfo=timezone.utc)
CLOCK = Clock(CHICAGO, NOON, Words("en"))


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(hours=2, minutes=20), "9:40"),
        (timedelta(hours=18), "yesterday 18:00"),
        (timedelta(days=3), "2026-11-22 12:00"),
        (timedelta(days=-1), "tomorrow 12:00"),
    ],
)
def test_a_time_is_as_long_as_it_must_be(before: timedelta, said: str) -> None:
    assert CLOCK.short(times.microseconds(NOON - before)) == said


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=8), "8 s"),
        (timedelta(minutes=12, seconds=59), "12 min"),
        (timedelta(hours=3, minutes=5), "3 h 05"),
        (timedelta(days=2, hours=4), "2 d 4 h"),
        (timedelta(seconds=-3), "0 s"),
    ],
)
def test_a_span_is_said_in_its_largest_units(length: timedelta, said: str) -> None:
    assert CLOCK.span(length) == said


def test_both_hours_of_a_dst_night_bear_their_own_offset() -> None:
    first, second = (datetime(2026, 11, 1, hour, 30, tzinfo=timezone.utc) for hour in (6, 7))
    assert CLOCK.full(times.microseconds(first)) == "2026-11-01T01:30:00-05:00"
    assert CLOCK.full(times.microseconds(second)) == "2026-11-01T01:30:00-06:00"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("es-MX,es;q=0.9,en;q=0.5", "es"),
        ("de,en;q=0.4,es;q=0.3", "en"),
        (";q=x", "en"),
    ],
)
def test_the_browsers_language_is_taken_where_there_is_one(
    accepted: str | None, language: str
) -> None:
    assert chosen(accepted) == language
