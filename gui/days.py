"""A day of the lot: when it begins and ends by the lot's own clock."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from lot import times


def bounds(day: date, zone: tzinfo) -> tuple[int, int]:
    """Return the first moment of a day and of the next one, in µs UTC."""
    return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)


def _midnight(day: date, zone: tzinfo) -> int:
    """The first moment of a day; where the clocks skip midnight, the first that there is."""
    for hour in range(4):
        found = times.instants(datetime.combine(day, time(hour)), zone)
        if found:
            return times.microseconds(found[0])
    raise AssertionError("no zone skips four hours")
