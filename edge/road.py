"""The stations joined: one camera's frames in, its passages out. Replay and gate walk this road.

    motion ─► detector ─► tracks ─► which crops ─► reader ─► passages

So many frames a second are taken, not every one; a car at a gate covers in a tenth of a second
less than the tracker bridges. Most of them end at the first station: where nothing moves, what
was in view is in view still.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contract.plates import Formats
from edge.cameras import Camera
from edge.choosing import Choosing, Offer, quality
from edge.eyes import Eyes
from edge.motion import MotionGate
from edge.passages import Passages, Seen, Told
from edge.reading.crops import CUTS, Condition, condition, cut
from edge.tracking import Track, Tracked, Tracker
from edge.values import Frame, Look

_NOTHING = Told((), ())


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the eyes look, and how near a plate must be to have been legible."""

    analysed_per_second: float = 10.0
    legible_pixels: float = 70.0


@dataclass(frozen=True, slots=True)
class Step:
    """What one frame came to."""

    told: Told
    looked: bool  # the detector looked at this frame
    tracks: tuple[Track, ...]  # in view
    looks: Mapping[int, Sequence[Look]] = field(default_factory=dict)  # new ones, by plate track


class Road:
    """One camera's road. Frames come in the order of their times."""

    def __init__(
        self, camera: Camera, eyes: Eyes, formats: Formats, pace: Pace, *, prefix: str
    ) -> None:
        self._motion = MotionGate(region_of_interest=(camera.region,) if camera.region else ())
        self._eyes = eyes
        self._tracker = Tracker()
        self._choosing = Choosing(formats=formats)
        self._passages = Passages(
            camera, prefix=prefix, legible_pixels=pace.legible_pixels, formats=formats
        )
        # A hair less than the interval: at 30 frames a second the third comes after 99.9 ms.
        self._every = timedelta(seconds=0.98 / pace.analysed_per_second)
        self._last: datetime | None = None  # when a frame was last asked about
        self._tracks: tuple[Track, ...] = ()

    def step(self, frame: Frame) -> Step:
        """Take the next frame. Those between two looks cost nothing: no motion is so short."""
        if self._last is not None and frame.time - self._last < self._every:
            return Step(_NOTHING, looked=False, tracks=self._tracks)
        self._last = frame.time
        if self._motion.motion(frame).look:
            return self._look(frame)
        if not self._tracks:
            return Step(_NOTHING, looked=False, tracks=())
        return self._take(frame, self._tracker.rest(frame.time, frame.index))

    def finish(self) -> Told:
        """End what is in view: no more frames come."""
        self._tracks = ()
        return self._passages.finish()

    def _look(self, frame: Frame) -> Step:
        (detections,) = self._eyes.detector.detect([frame.image])
        tracked = self._tracker.step(frame.time, frame.index, detections)
        boxes = [detection.box for detection in detections]
        self._motion.found(boxes, followed=len(tracked.live))
        return self._take(frame, tracked, fresh=True)

    def _take(self, frame: Frame, tracked: Tracked, *, fresh: bool = False) -> Step:
        self._tracks = tracked.live
        conditions = dict(_conditions(frame, tracked.live)) if fresh else {}
        looks = self._read(frame, tracked.live, conditions)
        self._choosing.forget(track.id for track in tracked.ended)
        seen = Seen(frame.time, tracked, frame.image.shape[1], looks, conditions)
        return Step(self._passages.step(seen), looked=fresh, tracks=tracked.live, looks=looks)

    def _read(
        self, frame: Frame, tracks: Sequence[Track], conditions: Mapping[int, Condition]
    ) -> dict[int, list[Look]]:
        plates = {t.id: t for t in tracks if t.kind == "plate" and t.id in conditions}
        offers = {
            number: Offer(number, quality(conditions[number], plate.box))
            for number, plate in plates.items()
        }
        chosen = self._choosing.chosen(frame.time, list(offers.values()))
        reader = self._eyes.reader
        # Cut otherwise each time: the looks err differently, so their vote is worth more.
        slacks = [CUTS[self._choosing.read(number) % len(CUTS)] for number in chosen]
        crops = [
            cut(frame.image, plates[number].box, reader.margin, slack)
            for number, slack in zip(chosen, slacks, strict=True)
        ]
        looks: dict[int, list[Look]] = {}
        for number, reading in zip(chosen, reader.read(crops) if crops else (), strict=True):
            plate = plates[number]
            how = conditions[number]
            look = Look(reading, frame.time, frame.index, plate.box, how.width, how.sharpness)
            self._choosing.learn(offers[number], look)
            looks[number] = [look]
        return looks


def _conditions(frame: Frame, tracks: Sequence[Track]) -> Iterator[tuple[int, Condition]]:
    """Say how each plate in this frame is, and each vehicle that shows none: why, it may tell."""
    now = [track for track in tracks if track.last_frame == frame.index]
    with_plate = {track.vehicle for track in now if track.kind == "plate"}
    for track in now:
        if track.kind == "plate" or track.id not in with_plate:
            yield track.id, condition(frame.image, track.box)
