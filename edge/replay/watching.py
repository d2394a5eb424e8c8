"""One recording through the eyes: its passages, and what is needed to draw and to score it.

The eyes know nothing of events. What they saw is kept until the gate has spoken, because only
then can the film bear banners that say what the table says.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from contract.plates import Formats
from edge.cameras import Camera
from edge.eyes import Eyes
from edge.outputs.parts import as_voted
from edge.outputs.trails import Mark, Spool, Trail, Trails
from edge.passages import Passages, Seen, Told
from edge.photos import looks_at
from edge.reading.crops import condition
from edge.replay.stopping import Stop
from edge.road import Pace, Road, Step
from edge.sources.choosing import Input
from edge.sources.stills import Still
from edge.tracking import SEEN_SURELY, Track, Tracker
from edge.values import Frame, Look, Passage
from edge.voting import surest, vote
from lot.errors import Unreadable
from lot.times import microseconds


@dataclass(frozen=True, slots=True)
class Plan:
    """How all recordings of one replay are watched."""

    camera: Camera
    formats: Formats
    pace: Pace
    spools: Path | None = None  # the folder in which it is kept where everything was, if it is


@dataclass(slots=True)
class FrameTimes:
    """When each frame of a recording was, in microseconds, as far as it was watched."""

    first_index: int = 0  # above 0 with --from
    micros: array[int] = field(default_factory=lambda: array("q"))

    def add(self, frame: Frame) -> None:
        if not self.micros:
            self.first_index = frame.index
        self.micros.append(microseconds(frame.time))

    def of(self, index: int) -> int | None:
        """Return when a frame was; of one outside, when the nearest was; None where none was."""
        if not self.micros:
            return None
        return self.micros[min(max(index - self.first_index, 0), len(self.micros) - 1)]


@dataclass(frozen=True, slots=True)
class Watched:
    """What the eyes made of one recording."""

    passages: tuple[Passage, ...]
    trails: Trails
    times: FrameTimes
    complaint: Unreadable | None  # what of it could not be read

    @property
    def last(self) -> int | None:
        """When its last frame was, in microseconds; None where it had none."""
        return self.times.micros[-1] if self.times.micros else None


@dataclass(frozen=True, slots=True)
class Glimpse:
    """One frame on its way: what was new in it for the gate, and what is in view."""

    frame: Frame
    told: tuple[Passage, ...]  # grown or ended
    step: Step | None
    fresh: bool = True  # a frame not given before; at the end the last one comes again


class Watching:
    """A recording being watched. Iterate to its end, then ask what was `watched`."""

    def __init__(self, item: Input, plan: Plan, eyes: Eyes, *, prefix: str, stop: Stop) -> None:
        self._item = item
        self._plan = plan
        self._eyes = eyes
        self._prefix = prefix
        self._stop = stop
        self.times = FrameTimes()
        self._ended: list[Passage] = []
        self._trails = None if plan.spools is None else _Trails(plan.formats, plan.spools)
        self._complaint: Unreadable | None = None

    def __iter__(self) -> Iterator[Glimpse]:
        if isinstance(self._item, Still):
            return self._still(self._item)
        return self._frames()

    def watched(self) -> Watched:
        """Return what was seen up to here."""
        return Watched(
            tuple(self._ended),
            Trails() if self._trails is None else self._trails.all(),
            self.times,
            self._complaint,
        )

    def _frames(self) -> Iterator[Glimpse]:
        item = self._item
        assert not isinstance(item, Still)
        plan = self._plan
        road = Road(plan.camera, self._eyes, plan.formats, plan.pace, prefix=self._prefix)
        frames = iter(item)
        frame: Frame | None = None
        for frame in self._as_far_as_it_goes(frames):
            step = road.step(frame)
            self.times.add(frame)
            self._ended += step.told.ended
            if step.looked and self._trails is not None:
                self._trails.see(frame.time, step)
            yield Glimpse(frame, (*step.told.open, *step.told.ended), step)
            if self._stop.asked:
                break
        rest = road.finish().ended
        self._ended += rest
        self._complaint = self._complaint or frames.outcome.complaint(item.path)
        if frame is not None:
            yield Glimpse(frame, rest, None, fresh=False)

    def _as_far_as_it_goes(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Let a file that went away or bad since it was opened end, instead of the whole run."""
        try:
            yield from frames
        except Unreadable as error:
            self._complaint = error

    def _still(self, still: Still) -> Iterator[Glimpse]:
        for frame in self._as_far_as_it_goes(still):
            self.times.add(frame)
            step = step_of_still(frame, self._plan, self._eyes, self._prefix)
            self._ended += step.told.ended
            if self._trails is not None:
                self._trails.see(frame.time, step)
            yield Glimpse(frame, step.told.ended, step)


def step_of_still(frame: Frame, plan: Plan, eyes: Eyes, prefix: str) -> Step:
    """Return what one picture shows, each vehicle a passage that moved: why else take it?"""
    tracker = Tracker()
    passages = Passages(
        plan.camera,
        prefix=prefix,
        legible_pixels=plan.pace.legible_pixels,
        formats=plan.formats,
    )
    (detections,) = eyes.detector.detect([frame.image])
    # There will be no second picture that could confirm the first: what is in it counts.
    for _ in range(SEEN_SURELY):
        tracked = tracker.step(frame.time, frame.index, detections)
    conditions = {track.id: condition(frame.image, track.box) for track in tracked.live}
    plates = [track for track in tracked.live if track.kind == "plate"]
    read = looks_at(frame, [plate.box for plate in plates], eyes.reader)
    looks = {plate.id: its for plate, its in zip(plates, read, strict=True)}
    passages.step(Seen(frame.time, tracked, frame.image.shape[1], looks, conditions))
    ended = tuple(replace(one, moved=True) for one in passages.finish().ended)
    return Step(Told((), ended), looked=True, tracks=tracked.live, looks=looks)


class _Trails:
    """Where everything was in the frames that the detector looked at, for the film.

    What was looked at and read of a track is held only while it lasts: then its plate is known.
    """

    def __init__(self, formats: Formats, folder: Path) -> None:
        self._formats = formats
        self._spool = Spool(folder)
        self._lasting: dict[int, Track] = {}
        self._looks: dict[int, tuple[Look, ...]] = {}
        self._ended: dict[int, Trail] = {}

    def see(self, time: datetime, step: Step) -> None:
        for track in step.tracks:
            if track.last_seen == time:
                self._spool.add(Mark(track.id, time, track.box, track.score))
                self._lasting[track.id] = track
        for number, looks in step.looks.items():
            self._looks[number] = surest((*self._looks.get(number, ()), *looks))
        in_view = {track.id for track in step.tracks}
        for number in [number for number in self._lasting if number not in in_view]:
            self._end(number)

    def all(self) -> Trails:
        for number in list(self._lasting):
            self._end(number)
        self._spool.close()
        return Trails(self._ended, self._spool.path, self._spool.failure)

    def _end(self, number: int) -> None:
        track, looks = self._lasting.pop(number), self._looks.pop(number, None)
        if track.surely or looks is not None:
            plate = as_voted(vote(looks or (), self._formats))
            self._ended[number] = Trail(track.kind, track.last_seen, plate)
