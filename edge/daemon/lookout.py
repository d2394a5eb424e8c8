"""One camera of the daemon: its newest picture on the road, its blindness on the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from edge.daemon.gallery import Gallery
from edge.gate.values import Blind
from edge.road import Road, Step
from edge.sources.live.kept import KeptCamera
from edge.values import Frame, Passage

UNREAD_KEPT_S = 0.5  # between two frames of vehicles without a plate that are kept


@dataclass(frozen=True, slots=True)
class Blindness:
    """Blind time with its reason, for the record; the gate is told the interval."""

    interval: Blind
    reason: str


@dataclass(frozen=True, slots=True)
class News:
    """What one turn at a camera brought."""

    passages: tuple[Passage, ...] = ()
    began: Blindness | None = None
    ended: Blindness | None = None
    step: Step | None = field(default=None, repr=False)
    frame: Frame | None = field(default=None, repr=False)


class Lookout:
    """Asks one camera for its newest picture, and walks it down the road."""

    def __init__(
        self,
        camera: KeptCamera,
        road_of: Callable[[int], Road],
        gallery: Gallery,
        *,
        blind_since: datetime | None,
    ) -> None:
        """`road_of` makes a road anew after each blindness: what was in view then is in doubt.

        `blind_since` is the heartbeat on the disk: until the first picture it saw nothing.
        """
        self._camera = camera
        self._road_of = road_of
        self._roads = 1
        self._road = road_of(self._roads)
        self._gallery = gallery
        self._after = 0
        self._blind: Blindness | None = None
        if blind_since is not None:
            self._blind = Blindness(Blind(camera.name, blind_since, None), "restart")
        self._told_blind = False
        self._kept_at: datetime | None = None
        self.last: datetime | None = None  # the newest good picture
        self.busy = False  # something is in view

    @property
    def name(self) -> str:
        return self._camera.name

    @property
    def over(self) -> bool:
        """Say whether its source has ended: a file that was played."""
        return self._camera.ended.is_set() and self._camera.newest(self._after) is None

    def turn(self) -> News:
        """Take the newest picture, or notice that there is none."""
        frame = self._camera.newest(self._after)
        if frame is None:
            began = self._blinded()
            return News(self.finish() if began else (), began=began)
        self._after = frame.index
        ended = self._seeing(frame.time)
        self.last = frame.time
        step = self._road.step(frame)
        self.busy = bool(step.tracks)
        if step.looked:
            self._keep(frame, step)
        told = step.told
        return News((*told.open, *told.ended), ended=ended, step=step, frame=frame)

    @property
    def blind(self) -> bool:
        return self._told_blind

    def finish(self) -> tuple[Passage, ...]:
        """End what is in view; what comes later walks a road of its own."""
        told = self._road.finish()
        self._roads += 1
        self._road = self._road_of(self._roads)
        self.busy = False
        return (*told.open, *told.ended)

    def _blinded(self) -> Blindness | None:
        if self._blind is None:
            why = self._camera.blindness()
            if why is None or self.last is None:
                return None  # before its first picture there is nothing that it lost sight of
            self._blind = Blindness(Blind(self.name, self.last, None), why[0])
        if self._told_blind:
            return None
        self._told_blind = True
        return self._blind

    def _seeing(self, now: datetime) -> Blindness | None:
        blind, self._blind, self._told_blind = self._blind, None, False
        if blind is None:
            return None
        interval = Blind(self.name, blind.interval.first, max(now, blind.interval.first))
        return Blindness(interval, blind.reason)

    def _keep(self, frame: Frame, step: Step) -> None:
        vehicles = [track.box for track in step.tracks if track.kind != "plate"]
        due = self._kept_at is None or (frame.time - self._kept_at).total_seconds() > UNREAD_KEPT_S
        if step.looks or (vehicles and due):
            self._kept_at = frame.time
            self._gallery.keep(self.name, frame.index, frame.image, vehicles)


def busy(lookouts: Iterable[Lookout]) -> bool:
    """Say whether anything is in view anywhere."""
    return any(one.busy for one in lookouts)
