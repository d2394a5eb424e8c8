"""Tracks and readings become passages: one vehicle's stay in one camera's view.

A passage is the last thing that knows of pictures; behind it the gate rules on values. The
gate is told of it while it lasts, under one id that counts up the same in every replay, and
once when it has ended.

- A vehicle is told once it was surely seen, or has ended and was read: before that it may be a
  false alarm that took a plate for its own.
- A plate that is on no vehicle (a sign, a sticker; or its vehicle was never found) is a passage
  without a vehicle, once it was read. The gate calls it doubtful unless it moved or is of a
  chosen format. It waits a moment first, because a vehicle is often found after its plate.
- Two boxes of one vehicle (the cab within the truck) are one passage, the larger's (`nesting`).
- A plate that is seen after its vehicle was given up begins anew; what it says is joined by the
  gate, as all passages of one plate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contract.plates import Formats
from edge.cameras import Camera
from edge.mounted import Plate
from edge.nesting import Nesting
from edge.passing import Passing
from edge.reading.crops import Condition, Legible
from edge.stays import UNSEEN_SECONDS
from edge.tracking import Track, Tracked
from edge.values import Box, Look, Passage
from edge.voting import NO_FORMATS

ALONE_SECONDS = 1.0  # so long a plate waits for its vehicle
_LEGIBLE = Legible()


@dataclass(frozen=True, slots=True)
class Seen:
    """What the eyes made of one picture."""

    at: datetime
    tracked: Tracked
    width: int  # of the picture in pixels
    looks: Mapping[int, Sequence[Look]] = field(default_factory=dict)  # new ones, by plate track
    # By track, plates and, where it is known, vehicles: how their crops are in this picture.
    conditions: Mapping[int, Condition] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What the gate is told: passages that last, as far as they are known, and those that ended.

    An ended passage is told once, also one that never was open.
    """

    open: tuple[Passage, ...]
    ended: tuple[Passage, ...]


class Passages:
    """One camera's passages. `prefix` makes their ids unique beside other cameras' and files'."""

    def __init__(
        self,
        camera: Camera,
        *,
        prefix: str,
        legible_pixels: float = 70.0,
        legible: Legible = _LEGIBLE,
        formats: Formats = NO_FORMATS,
    ) -> None:
        self._camera = camera
        self._prefix = prefix
        self._legible_pixels = legible_pixels
        self._legible = legible
        self._formats = formats
        self._count = 0
        self._pixels = 1.0  # legible_pixels, as a share of the picture
        self._passing: dict[int, Passing] = {}  # by track: vehicles, and plates on none
        self._carrier: dict[int, int] = {}  # by plate track: the track in `_passing` that has it
        self._nesting = Nesting()

    def step(self, seen: Seen) -> Told:
        """Take what one picture showed."""
        self._pixels = self._legible_pixels / seen.width
        tracks = (*seen.tracked.live, *seen.tracked.ended)
        vehicles = [t for t in tracks if t.kind != "plate"]
        now = [t for t in vehicles if t.last_seen == seen.at]
        for track in vehicles:
            self._see(track, seen, [t.box for t in now if t.id != track.id])
        self._nesting.see(now)
        for track in now:
            self._gather(track.id)
        ended: list[Passage] = []
        for track in tracks:
            if track.kind == "plate":
                ended += self._mount(track, seen)
                self._see_plate(track, seen)
        for track in seen.tracked.ended:
            ended += self._end(track.id, UNSEEN_SECONDS)
        return Told(tuple(self._open(seen.at)), tuple(ended))

    def finish(self) -> Told:
        """End every passage: no more pictures come. What is still in view has not left it."""
        ended = [p for number in sorted(self._passing) for p in self._end(number, 0.0)]
        return Told((), tuple(ended))

    def _see(self, track: Track, seen: Seen, others: list[Box]) -> None:
        passing = self._passing.get(track.id)
        if passing is None:
            passing = self._passing[track.id] = Passing(self._camera, track, others)
        passing.see(track, others, self._pixels, seen.conditions.get(track.id))

    def _gather(self, number: int) -> None:
        """Give a part's plates to the whole."""
        whole = self._nesting.whole(number)
        if whole != number and whole in self._passing:
            for plate in list(self._passing[number].plates):
                self._passing[whole].hold(plate, self._passing[number].let_go(plate))
                self._carrier[plate] = whole

    def _mount(self, track: Track, seen: Seen) -> Iterator[Passage]:
        """Put a plate on what carries it now; give the passage of its own that ends by that."""
        carrier = self._nesting.whole(track.vehicle or 0)  # numbers begin with 1
        if carrier not in self._passing:
            carrier = track.id
        if carrier == track.id:
            self._see(track, seen, [])
        before = self._carrier.get(track.id, 0)
        holder = self._passing.get(before)
        if holder is not None and before == carrier and track.id in holder.plates:
            return
        plate = Plate(track.last_seen, track.last_seen)
        if holder is not None and track.id in holder.plates:
            if before == track.id:
                yield from self._end(before, 0.0) if holder.id else ()
                self._passing.pop(before, None)
            plate = holder.let_go(track.id)
        self._carrier[track.id] = carrier
        self._passing[carrier].hold(track.id, plate)

    def _see_plate(self, track: Track, seen: Seen) -> None:
        carrier = self._passing[self._carrier[track.id]]
        plate = carrier.plates[track.id]
        if track.last_seen == seen.at:
            plate.see(seen.at, track.box.width, seen.conditions.get(track.id))
        if looks := seen.looks.get(track.id):
            plate.add(looks, self._formats)
            carrier.hold(track.id, plate)

    def _open(self, at: datetime) -> Iterator[Passage]:
        for number in sorted(self._passing):
            passing = self._passing[number]
            if passing.id is None and not self._to_be_told(number, passing, at):
                continue
            yield self._passage(passing, None)

    def _to_be_told(self, number: int, passing: Passing, at: datetime) -> bool:
        if self._nesting.whole(number) != number or self._nesting.undecided(number):
            return False
        alone = passing.track.kind == "plate"
        waited = (at - passing.track.first_seen).total_seconds() >= ALONE_SECONDS
        return passing.surely and (waited or not alone)

    def _end(self, number: int, unseen: float) -> Iterator[Passage]:
        passing = self._passing.pop(number, None)
        whole = self._nesting.whole(number)
        self._nesting.forget(number)
        self._carrier.pop(number, None)
        if passing is None:
            return
        if passing.id is not None or (whole == number and passing.counts):
            yield self._passage(passing, unseen)

    def _passage(self, passing: Passing, left: float | None) -> Passage:
        if passing.id is None:
            self._count += 1
            passing.id = f"{self._prefix}{self._count:05d}"
        return passing.passage(passing.id, legible=self._legible, pixels=self._pixels, left=left)
