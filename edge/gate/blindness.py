"""How much of a time a camera was blind (rules 3, 5 and 9).

Blindness belongs to a camera. What happened meanwhile nobody saw, so it neither proves that
a car stayed nor that it left: it is left out where sight is measured, and counted where doubt is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from edge.gate.values import Blind

NOTHING = timedelta(0)
FOREVER = datetime.max.replace(tzinfo=timezone.utc)
# A camera's last good frame need not be one in which the tracker found the vehicle: at two
# pictures a second one miss is half a second. Five seconds before is out of view.
IN_VIEW_TOLERANCE = timedelta(seconds=1)


class Blindness:
    """Blind intervals of all cameras, asked often and changed seldom."""

    def __init__(self, intervals: Iterable[Blind] = ()) -> None:
        by_camera: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        for one in intervals:
            by_camera[one.camera].append((one.first, one.last or FOREVER))
        self._by_camera = {camera: _Spans(spans) for camera, spans in by_camera.items()}

    def during(self, camera: str, first: datetime, last: datetime) -> timedelta:
        """Return for how long the camera was blind in that time."""
        spans = self._by_camera.get(camera)
        return spans.during(first, last) if spans and first < last else NOTHING

    def altogether(self, first: datetime, last: datetime) -> timedelta:
        """Return the blind time of all cameras together."""
        return sum((self.during(camera, first, last) for camera in self._by_camera), NOTHING)

    def sight(self, camera: str, first: datetime, last: datetime) -> timedelta:
        """Return for how long the camera could see in that time."""
        return last - first - self.during(camera, first, last)

    def hid(self, camera: str, left: datetime, back: datetime, within: timedelta) -> bool:
        """Say whether a vehicle, last seen at `left`, was in view when a blindness began, and
        `back` is less than `within` after the view's return.
        """
        spans = self._by_camera.get(camera)
        return spans is not None and any(
            first - IN_VIEW_TOLERANCE <= left <= last <= back < last + within
            for first, last in spans.around(left)
        )


class _Spans:
    def __init__(self, spans: Iterable[tuple[datetime, datetime]]) -> None:
        self._firsts: list[datetime] = []
        self._lasts: list[datetime] = []
        for first, last in sorted(spans):
            if self._lasts and first <= self._lasts[-1]:
                self._lasts[-1] = max(self._lasts[-1], last)
            else:
                self._firsts.append(first)
                self._lasts.append(last)
        self._before = [NOTHING]  # blind time before each span
        for first, last in zip(self._firsts, self._lasts, strict=True):
            self._before.append(self._before[-1] + (last - first))

    def during(self, first: datetime, last: datetime) -> timedelta:
        return self._until(last) - self._until(first)

    def around(self, at: datetime) -> Iterable[tuple[datetime, datetime]]:
        number = bisect_right(self._firsts, at + IN_VIEW_TOLERANCE) - 1
        if number >= 0:
            yield self._firsts[number], self._lasts[number]

    def _until(self, at: datetime) -> timedelta:
        number = bisect_right(self._firsts, at) - 1
        if number < 0:
            return NOTHING
        return self._before[number] + min(at, self._lasts[number]) - self._firsts[number]
