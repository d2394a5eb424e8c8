"""When a recording began, and how we know: everything the gate concludes hangs on it.

The first that exists counts: what the operator said, the time in the file's name, the time
the file itself bears. A file without any has no place among others: its times then count
from the first day of 2000, and its events say `no_clock`.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from pathlib import Path
from typing import Literal

from edge.sources.naming import times_in_name
from lot.errors import WrongUsage
from lot.times import instants

Ground = Literal["told", "name", "container", "exif", "none"]

INVENTED_YEAR = 2000
_NO_CLOCK = datetime(INVENTED_YEAR, 1, 1)  # noqa: DTZ001  # midnight in the lot's zone, whichever that is
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d\d:?\d\d)?"
)


@dataclass(frozen=True, slots=True)
class Start:
    """The moment of a recording's first frame, aware UTC."""

    at: datetime
    ground: Ground
    # The same wall clock an hour on, in the night that repeats an hour; else None.
    or_at: datetime | None = None

    @property
    def known(self) -> bool:
        """Whether the recording has a place in time beside others."""
        return self.ground != "none"


def start_of(path: Path, *, told: datetime | None, borne: datetime | None, zone: tzinfo) -> Start:
    """Settle when `path` began; `told` by the operator, `borne` by the file itself."""
    if told is not None:
        return Start(told, "told")
    if named := times_in_name(path.name, zone):
        return Start(named[0], "name", named[1] if len(named) > 1 else None)
    if borne is not None:
        return Start(borne, "container")
    return Start(instants(_NO_CLOCK, zone)[0], "none")


def told(text: str, zone: tzinfo) -> datetime:
    """Read what stands behind --started-at: `2024-05-01 13:45:00`, by the lot's clock or UTC."""
    moment = iso_time(text.strip(), zone)
    if moment is None:
        raise WrongUsage(
            f"--started-at {text} is no time",
            then='write it as "2024-05-01 13:45:00", with Z or +02:00 behind it if not lot time',
        )
    return moment


def borne_by_container(tags: dict[str, str]) -> datetime | None:
    """Return the creation time among a container's tags, if it is one that a clock wrote."""
    # Apple's own tag bears the zone of the phone; the plain one is UTC by the standard.
    for tag in ("com.apple.quicktime.creationdate", "creation_time"):
        moment = iso_time(tags.get(tag, ""), timezone.utc)
        # An unset field reads as 1904 or 1970, a camera that lost its clock as 2000-01-01.
        if moment is not None and moment.year > 2000:
            return moment
    return None


def iso_time(text: str, zone: tzinfo) -> datetime | None:
    """Read an ISO 8601 time, in `zone` where it names none; None if it is not one.

    Written here because Python 3.10 reads neither a final Z nor an offset without a colon.
    """
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    *parts, fraction, offset = found.groups(default="")
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in parts)
        micros = int(fraction[:6].ljust(6, "0"))
        wall = datetime(year, month, day, hour, minute, second, micros)  # noqa: DTZ001  # a wall time
        if not offset:
            return instants(wall, zone)[0]
        aware = datetime.strptime(offset.replace(":", ""), "%z").tzinfo
    except (ValueError, OverflowError):
        return None
    return wall.replace(tzinfo=aware).astimezone(timezone.utc)
