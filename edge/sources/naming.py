"""The time in a recording's name: cameras, phones and recorders write when they began.

Two ways of writing are known, with the parts of either joined or set apart:
`20240501_134500` and `2024-05-01 13.45.00`. The time is the lot's own, except where the
name itself says UTC: by a final Z, or as the phones that begin their names with PXL do.
"""

import re
from datetime import datetime, timezone, tzinfo

from lot.times import instants

_JOINED = r"(\d{4})(\d\d)(\d\d)[_T-]?(\d\d)(\d\d)(\d\d)"
_APART = r"(\d{4})-(\d\d)-(\d\d)[_ T](\d\d)[-.:](\d\d)[-.:](\d\d)"
# Three more digits are milliseconds (phones); any other number of them is no time at all.
_TIME = re.compile(rf"(?<!\d)(?:{_JOINED}|{_APART})(?:[.,]?(\d{{3}}))?(Z?)(?!\d)")
_YEARS = range(1990, 2100)  # outside them it is a serial number


def times_in_name(name: str, zone: tzinfo) -> tuple[datetime, ...]:
    """Return the first time that `name` bears, as aware UTC; nothing where it bears none.

    Two times, the earlier first, if the lot's clocks showed it twice that night.
    """
    for found in _TIME.finditer(name):
        *parts, milliseconds, utc = found.groups()
        year, month, day, hour, minute, second = (int(part) for part in parts if part)
        micros = int(milliseconds or 0) * 1000
        try:
            wall = datetime(year, month, day, hour, minute, second, micros)  # noqa: DTZ001  # a wall time
        except ValueError:  # a 13th month, a 61st minute
            continue
        if wall.year not in _YEARS:
            continue
        if utc or name.startswith("PXL_"):
            return (wall.replace(tzinfo=timezone.utc),)
        return instants(wall, zone)
    return ()
