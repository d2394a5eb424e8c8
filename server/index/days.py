"""A lot's own days: segments are by them, since what is forgotten is forgotten by them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from lot.times import instants, microseconds, moment

_FIRST = date(1970, 1, 1)


def day_of(at: int, zone: tzinfo) -> int:
    """Return the number of the lot's day, counted from 1970."""
    return (moment(at).astimezone(zone).date() - _FIRST).days


def bounds(day: int, zone: tzinfo) -> tuple[int, int]:
    """Return when a day begins and when the next one does."""
    begin = datetime(1970, 1, 1) + timedelta(days=day)  # noqa: DTZ001 - the wall's, without a zone
    return _begin(begin, zone), _begin(begin + timedelta(days=1), zone)


def _begin(wall: datetime, zone: tzinfo) -> int:
    return microseconds(instants(wall, zone)[0])
