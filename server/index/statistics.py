"""A lot's numbers over a range: who came when, how many were there, for how long, how well read.

All of it is counted from the rows that a session may see, in the lot's own hours: in the night
that has two o'clock twice both count as two, and the one that lacks it has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np
from numpy.typing import NDArray

from lot.times import moment
from server.index.columns import (
    ENTRY,
    EXIT,
    NO_CONFIDENCE,
    UNOPENED,
    VEHICLE_WORDS,
    VOID,
    Columns,
    Numbers,
    word_of,
)
from server.index.counted import (
    MINUTE_US,
    HourOfWeek,
    Peak,
    ReadingQuality,
    Slice,
    Span,
    Statistics,
    StayCount,
    VehicleCount,
)
from server.index.search import CHECKED_OUT, MISSED_EXIT
from server.visits.darkness import Darkness

_QUARTER_US = 15 * MINUTE_US  # no zone's clock is put forward or back within one
_STAY_MINUTES = (15, 30, 60, 120, 240, 480, 720, 1440, 2880, 10_080)
_UNKNOWN = 2**62

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the numbers are counted from: rows, and what of the lot is no row."""

    columns: Columns
    rows: Rows  # those that may be seen, of one lot
    zone: tzinfo
    darkness: Darkness
    left: Mapping[int, int]  # checked out at the desk: a visit's first row, and when


def statistics(ground: Ground, span: Span) -> Statistics:
    """Count a range."""
    columns, rows = ground.columns, _counted(ground)
    decided, kind = columns.column("decided")[rows], columns.column("kind")[rows]
    what = np.where(decided > 0, decided, kind)
    at = np.where(what == EXIT, columns.column("last")[rows], columns.column("first")[rows])
    within = (at >= span.first) & (at < span.last)
    came, left = _stays(ground)
    rows, what, at = rows[within], what[within], at[within]
    local = local_time(at, ground.zone)
    stays = (left - came)[(left < _UNKNOWN) & (came >= span.first) & (came < span.last)]
    return Statistics(
        _slices(span, at, what, (came, left), ground.darkness),
        _hours(local, what),
        _peak(span, came, left),
        _lengths(stays),
        int(np.median(stays)) if len(stays) else None,
        _vehicles(columns.column("vehicle")[rows[what == ENTRY]]),
        _readings(columns, rows, local),
    )


def local_time(at: Numbers, zone: tzinfo) -> Numbers:
    """Return times as the wall's clock in a zone showed them, in microseconds."""
    quarters, place = np.unique(at // _QUARTER_US, return_inverse=True)
    shifts = [_shift(int(quarter) * _QUARTER_US, zone) for quarter in quarters]
    return at + np.array(shifts, np.int64)[place]


def _shift(at: int, zone: tzinfo) -> int:
    shift = moment(at).astimezone(zone).utcoffset()
    assert shift is not None  # a zone has one
    return round(shift.total_seconds()) * 1_000_000


def _counted(ground: Ground) -> Rows:
    kind = ground.columns.column("kind")[ground.rows]
    counted: Rows = ground.rows[(kind != UNOPENED) & (kind != VOID)]
    return counted


def _stays(ground: Ground) -> tuple[Numbers, Numbers]:
    """Return when each car came and left; one whose leaving nobody saw is left out."""
    columns, rows = ground.columns, ground.rows
    entered = columns.column("decided")[rows] == ENTRY
    first = rows[entered & (columns.column("visit")[rows] == rows + 1)]
    partner = columns.column("partner")[first].astype(np.int64)
    left = np.where(partner > 0, columns.column("last")[partner - 1], _UNKNOWN)
    for n in np.flatnonzero(columns.column("said")[first] & CHECKED_OUT):
        left[n] = min(int(left[n]), ground.left.get(int(first[n]), _UNKNOWN))
    lost = (columns.column("said")[first] & MISSED_EXIT > 0) & (left == _UNKNOWN)
    came = columns.column("first")[first]
    return came[~lost], np.maximum(left, came)[~lost]


def _slices(
    span: Span, at: Numbers, what: Numbers, stays: tuple[Numbers, Numbers], dark: Darkness
) -> tuple[Slice, ...]:
    edges = np.array([*span.begins, span.last], np.int64)
    entries = np.histogram(at[what == ENTRY], edges)[0]
    exits = np.histogram(at[what == EXIT], edges)[0]
    came, left = (np.sort(one) for one in stays)
    inside = np.searchsorted(came, edges, "right") - np.searchsorted(left, edges, "right")
    return tuple(
        Slice(begin, int(entries[n]), int(exits[n]), int(inside[n]), dark.within(begin, end))
        for n, (begin, end) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    )


def _hours(local: Numbers, what: Numbers) -> tuple[HourOfWeek, ...]:
    hour = local // (60 * MINUTE_US)
    of_week = (hour + 72) % 168  # 1970 began on a Thursday
    entries, exits = (np.bincount(of_week[what == one], minlength=168) for one in (ENTRY, EXIT))
    return tuple(
        HourOfWeek(n // 24, n % 24, int(entries[n]), int(exits[n]))
        for n in np.flatnonzero(entries + exits).tolist()
    )


def _peak(span: Span, came: Numbers, left: Numbers) -> Peak | None:
    """Count up and down through the range; who leaves as another comes leaves first."""
    there = (came < span.last) & (left > span.first)
    came, left = np.maximum(came[there], span.first), left[there]
    if not len(came):
        return None
    at = np.concatenate((left, came))
    step = np.repeat([-1, 1], len(came))
    order = np.lexsort((step, at))
    inside = np.cumsum(step[order])
    most = int(np.argmax(inside))
    return Peak(int(at[order][most]), int(inside[most]))


def _lengths(stays: Numbers) -> tuple[StayCount, ...]:
    ends = [minutes * MINUTE_US for minutes in _STAY_MINUTES]
    numbers = np.bincount(np.searchsorted(ends, stays, "right"), minlength=len(ends) + 1)
    return tuple(StayCount(e, int(n)) for e, n in zip([*ends, None], numbers, strict=True))


def _vehicles(codes: Numbers) -> tuple[VehicleCount, ...]:
    found, numbers = np.unique(codes, return_counts=True)
    return tuple(
        VehicleCount(word_of(VEHICLE_WORDS, int(code)), int(number))
        for code, number in zip(found, numbers, strict=True)
    )


def _readings(columns: Columns, rows: Rows, local: Numbers) -> tuple[ReadingQuality, ...]:
    hour = local // (60 * MINUTE_US) % 24
    key = columns.column("camera")[rows].astype(np.int64) * 24 + hour
    confidence = columns.column("confidence")[rows].astype(np.int64)
    unread = columns.column("plate")[rows] == 0
    return tuple(
        ReadingQuality(
            columns.words["camera"].word(one // 24) or "",
            one % 24,
            int((key == one).sum()),
            int((unread & (key == one)).sum()),
            _mean(confidence[(key == one) & ~unread & (confidence != NO_CONFIDENCE)]),
        )
        for one in np.unique(key).tolist()
    )


def _mean(numbers: Sequence[int] | Numbers) -> int | None:
    return round(float(np.mean(numbers))) if len(numbers) else None
