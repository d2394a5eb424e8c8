"""The lot's zone, at the rim: inside the house every time is aware UTC."""

from __future__ import annotations

import contextlib
import os
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path

import pytz

from lot.errors import WrongUsage


def zone(name: str) -> tzinfo:
    """Return the zone of that name, as `America/Chicago`."""
    try:
        return pytz.timezone(name)
    except pytz.UnknownTimeZoneError as error:
        raise WrongUsage(
            f"LOT_TIMEZONE={name} is no time zone",
            then="write one as America/Chicago, Europe/Madrid or UTC",
        ) from error


def system_zone(etc: Path = Path("/etc")) -> tzinfo:
    """Return the zone this machine is set to, UTC where it does not say."""
    for name in _names_of_system_zone(etc):
        if name in pytz.all_timezones_set:
            return pytz.timezone(name)
    return pytz.utc


def _names_of_system_zone(etc: Path) -> list[str]:
    names = [os.environ.get("TZ", "").lstrip(":")]
    with contextlib.suppress(OSError):  # not every distribution writes it
        names.append((etc / "timezone").read_text(encoding="utf-8").strip())
    target = str((etc / "localtime").resolve())
    if "zoneinfo/" in target:
        names.append(target.split("zoneinfo/", 1)[1])
    return names


def instants(wall: datetime, lot_zone: tzinfo) -> tuple[datetime, ...]:
    """Return when the lot's clocks show `wall` (a time without a zone), as aware UTC.

    Two moments in the night that repeats an hour, the earlier first. For the hour that a
    spring night leaves out, one: that of a clock which was not put forward.
    """
    as_utc = wall.replace(tzinfo=timezone.utc)
    day = timedelta(days=1)  # no zone changes its clocks twice within two days
    before, after = ((as_utc + d).astimezone(lot_zone).utcoffset() for d in (-day, day))
    moments = sorted({as_utc - offset for offset in (before, after) if offset is not None})
    shown = [m for m in moments if m.astimezone(lot_zone).replace(tzinfo=None) == wall]
    return tuple(shown) or (as_utc - (before or timedelta()),)


def midnight(at: int, lot_zone: tzinfo) -> int:
    """Return when the day began that a moment is of by the lot's clocks; both in µs UTC."""
    day = moment(at).astimezone(lot_zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return microseconds(instants(day.replace(tzinfo=None), lot_zone)[0])


def local_text(time: datetime, lot_zone: tzinfo) -> str:
    """Write `time` as ISO 8601 in the lot's zone, to the millisecond."""
    return time.astimezone(lot_zone).isoformat(timespec="milliseconds")


def microseconds(time: datetime) -> int:
    """Return whole microseconds since 1970, UTC, without a float between."""
    since = time - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment(since_1970: int) -> datetime:
    """Return the aware UTC time of whole microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=since_1970)


_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
