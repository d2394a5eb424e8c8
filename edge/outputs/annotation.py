"""What was seen of a recording, laid out in time: which overlay each of its frames bears.

The eyes look at some frames only; between two looks a box is moved evenly. Across a longer
gap it is shown only if it is where it was, for then nothing moved and nobody needed to look.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

from contract.event import Event
from edge.outputs.drawing import Notice, Overlay, Shown
from edge.outputs.trails import Mark, Trail
from edge.values import Box
from lot.times import moment

_GAP_MAX = timedelta(seconds=1)  # a car at walking pace is then still within its interpolated box
_STOOD_IOU = 0.5  # the gate asks the same of a vehicle that stands
NOTICE = timedelta(seconds=6)  # to read a plate and a line of words twice
_BEFORE_ALL = datetime.min.replace(tzinfo=timezone.utc)
_AFTER_ALL = datetime.max.replace(tzinfo=timezone.utc)


class Annotation:
    """Gives each moment its overlay."""

    def __init__(
        self,
        tracks: Mapping[int, Trail],
        marks: Iterable[Mark],
        events: Iterable[Event],
        *,
        zone: tzinfo,
        clock_known: bool = True,
    ) -> None:
        """Take what is final: tracks by number, and all marks of these in the order of time.

        The marks are drawn from their source as the frames go by.
        """
        self._tracks = tracks
        self._marks = iter(marks)
        self._read_to = _BEFORE_ALL
        self._lines: dict[int, deque[Mark]] = {}
        self._coming = deque(sorted((_Timed.of(event, zone) for event in events), key=_first))
        self._standing: list[_Timed] = []
        self._zone = zone
        self._clock_known = clock_known

    def at(self, time: datetime) -> Overlay:
        """Return the overlay of the frame at `time`; asked in the order of the frames."""
        self._read(time)
        self._drop(time)
        shown = (_shown(self._tracks[track], line, time) for track, line in self._lines.items())
        while self._coming and self._coming[0].first <= time:
            self._standing.append(self._coming.popleft())
        self._standing = [one for one in self._standing if time < one.last]
        return Overlay(
            tuple(one for one in shown if one is not None),
            tuple(one.notice for one in reversed(self._standing)),
            clock_text(time, self._zone, dated=self._clock_known),
        )

    def _read(self, time: datetime) -> None:
        """Read marks until each track in view has one beyond `time`, if it ever has.

        That is a few seconds of them: a track that is not seen for longer has ended.
        """
        while self._read_to <= time or any(self._wanting(time)):
            mark = next(self._marks, None)
            if mark is None:
                self._read_to = _AFTER_ALL
                return
            self._read_to = mark.time
            self._lines.setdefault(mark.track, deque()).append(mark)

    def _wanting(self, time: datetime) -> Iterator[bool]:
        if self._read_to == _AFTER_ALL:
            return
        for track, line in self._lines.items():
            yield line[-1].time <= time < self._tracks[track].last

    def _drop(self, time: datetime) -> None:
        """Forget the marks that lie behind, and the tracks that ended."""
        for track, line in list(self._lines.items()):
            while len(line) > 1 and line[1].time <= time:
                line.popleft()
            if self._tracks[track].last < time:
                del self._lines[track]


@dataclass(frozen=True, slots=True)
class _Timed:
    first: datetime
    last: datetime
    notice: Notice

    @staticmethod
    def of(event: Event, zone: tzinfo) -> _Timed:
        """Tell an event from the moment it happened on, never sooner, and to the film's end.

        Of an exit with which the recording ends that is the last picture alone. There a player
        stands when the film is over.
        """
        at = moment(event.at)
        return _Timed(at, at + NOTICE, Notice(event, f"{at.astimezone(zone):%H:%M:%S}"))


def _first(timed: _Timed) -> datetime:
    return timed.first


def clock_text(time: datetime, zone: tzinfo, *, dated: bool) -> str:
    """Return date and time by the lot's clock, to the tenth of a second.

    Without a known start a recording's times count from midnight, and the date says nothing.
    """
    local = time.astimezone(zone)
    date = f"{local:%Y-%m-%d} " if dated else ""
    return f"{date}{local:%H:%M:%S}.{local.microsecond // 100_000}"


def _shown(trail: Trail, line: Sequence[Mark], time: datetime) -> Shown | None:
    before = line[0]
    if before.time > time:  # read ahead
        return None
    if before.time == time or len(line) == 1:
        return _of(trail, before, before.box)
    after = line[1]
    stood = before.box.iou(after.box) >= _STOOD_IOU
    if after.time - before.time > _GAP_MAX and not stood:
        return None
    share = (time - before.time) / (after.time - before.time)
    return _of(trail, before, _between(before.box, after.box, share))


def _of(trail: Trail, mark: Mark, box: Box) -> Shown:
    return Shown(box, trail.kind, mark.score, mark.track, trail.plate)


def _between(one: Box, other: Box, share: float) -> Box:
    return Box(
        one.left + (other.left - one.left) * share,
        one.top + (other.top - one.top) * share,
        one.right + (other.right - one.right) * share,
        one.bottom + (other.bottom - one.bottom) * share,
    )
