"""The lot's zone, at the rim: inside the house every time is aware UTC."""

from __future__ import annotations

import contextlib
import os
from datetime import datetime, timezone, tzinfo
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


def local_text(time: datetime, lot_zone: tzinfo) -> str:
    """Write `time` as ISO 8601 in the lot's zone, to the millisecond."""
    return time.astimezone(lot_zone).isoformat(timespec="milliseconds")


def microseconds(time: datetime) -> int:
    """Return whole microseconds since 1970, UTC, without a float between."""
    since = time - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
