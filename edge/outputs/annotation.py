"""What was seen of a recording, laid out in time: which overlay each of its frames bears.

The eyes look at some frames only; between two looks a box is moved evenly. Across a longer
gap it is shown only if it is where it was, for then nothing moved and nobody needed to look.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from contract.event import Event
from edge.outputs.drawing import Notice, Overlay, Shown
from edge.outputs.parts import Spelled
from edge.values import Box, Kind
from lot.times import moment

_GAP_MAX = timedelta(seconds=1)  # a car at walking pace is then still within its interpolated box
_STOOD_IOU = 0.5  # the gate asks the same of a vehicle that stands
_NOTICE = timedelta(seconds=6)  # to read a plate and a line of words twice


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something was in one frame that the eyes looked at."""

    time: datetime
    box: Box
    score: float


@dataclass(frozen=True, slots=True)
class Trail:
    """One track: its marks in the order of time, and its plate, if that is known by now."""

    track: int
    kind: Kind
    marks: tuple[Mark, ...]
    plate: Spelled | None = None


class Annotation:
    """Gives each moment its overlay."""

    def __init__(
        self,
        trails: Iterable[Trail],
        events: Iterable[Event],
        *,
        zone: tzinfo,
        end: datetime,
        clock_known: bool = True,
    ) -> None:
        """Take what is final: of a recording that ends at `end`, so that no notice is cut off."""
        self._trails = sorted((t for t in trails if t.marks), key=lambda t: t.marks[0].time)
        told = (_Timed.of(event, zone, end) for event in sorted(events, key=lambda e: e.at))
        self._coming = deque(told)  # in the order of their own first moments as well
        self._standing: list[_Timed] = []
        self._zone = zone
        self._clock_known = clock_known
        self._current: list[tuple[Trail, list[datetime]]] = []
        self._next = 0

    def at(self, time: datetime) -> Overlay:
        """Return the overlay of the frame at `time`; asked in the order of the frames."""
        while self._next < len(self._trails) and self._trails[self._next].marks[0].time <= time:
            trail = self._trails[self._next]
            self._current.append((trail, [mark.time for mark in trail.marks]))
            self._next += 1
        self._current = [(t, times) for t, times in self._current if times[-1] >= time]
        shown = (_shown(trail, times, time) for trail, times in self._current)
        while self._coming and self._coming[0].first <= time:
            self._standing.append(self._coming.popleft())
        self._standing = [one for one in self._standing if time < one.last]
        return Overlay(
            tuple(one for one in shown if one is not None),
            tuple(one.notice for one in reversed(self._standing)),
            clock_text(time, self._zone, dated=self._clock_known),
        )


@dataclass(frozen=True, slots=True)
class _Timed:
    first: datetime
    last: datetime
    notice: Notice

    @staticmethod
    def of(event: Event, zone: tzinfo, end: datetime) -> _Timed:
        """Tell an event from the moment it happened on, or sooner where the recording ends."""
        at = moment(event.at)
        first = min(at, end - _NOTICE)
        return _Timed(first, first + _NOTICE, Notice(event, f"{at.astimezone(zone):%H:%M:%S}"))


def clock_text(time: datetime, zone: tzinfo, *, dated: bool) -> str:
    """Return date and time by the lot's clock, to the tenth of a second.

    Without a known start a recording's times count from midnight, and the date says nothing.
    """
    local = time.astimezone(zone)
    date = f"{local:%Y-%m-%d} " if dated else ""
    return f"{date}{local:%H:%M:%S}.{local.microsecond // 100_000}"


def _shown(trail: Trail, times: Sequence[datetime], time: datetime) -> Shown | None:
    before = trail.marks[bisect_right(times, time) - 1]
    if before.time == time or before is trail.marks[-1]:
        return _of(trail, before.box, before.score)
    after = trail.marks[bisect_right(times, time)]
    stood = before.box.iou(after.box) >= _STOOD_IOU
    if after.time - before.time > _GAP_MAX and not stood:
        return None
    share = (time - before.time) / (after.time - before.time)
    return _of(trail, _between(before.box, after.box, share), before.score)


def _of(trail: Trail, box: Box, score: float) -> Shown:
    return Shown(box, trail.kind, score, trail.track, trail.plate)


def _between(one: Box, other: Box, share: float) -> Box:
    return Box(
        one.left + (other.left - one.left) * share,
        one.top + (other.top - one.top) * share,
        one.right + (other.right - one.right) * share,
        one.bottom + (other.bottom - one.bottom) * share,
    )
