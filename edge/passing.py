"""One passage in the making: what is known so far of a vehicle in view, or of a plate alone.

Its way through the picture is `stays`, its plates are `mounted`; here the two come together,
and what an unread vehicle needs: was it near enough to be read, and why was it not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from edge.cameras import Camera
from edge.mounted import STRONGLY, Mounted, Plate, mounted
from edge.reading.crops import Condition, Legible, reason
from edge.stays import Stay, gap, sighted
from edge.tracking import Track
from edge.values import Box, Kind, Look, NoPlate, Passage, Vehicle
from edge.voting import vote

# Where no plate was found, how wide it would be: a share of the vehicle's box. Measured on 73
# cars of open pictures with plates of American shape, boxes by our own detector: three of four
# plates are at least 0.136 of the box wide, half of them 0.19 (European ones 0.25 and 0.3), less
# the more the car is turned. So what is called legible was so for three cars of four. Trucks: 5
# measured, 0.08; bus and motorcycle by their makers' widths.
PLATE_SHARE: Mapping[Vehicle, float] = {
    "car": 0.14,
    "truck": 0.08,
    "bus": 0.08,
    "motorcycle": 0.2,
}
# A text less likely right than that is no reading: an operator would take it for a plate. On 17
# clips of real roads ten of 39 events lay below it, and none of them was right.
GROUNDS_LEAST = 0.1
STEPS_NEAR = 3  # pictures: one may be a box that caught two cars
HIDDEN_MOSTLY = 0.6  # of the pictures in which it was near enough
COVERED = 0.5  # of the lower half, where plates are
# A car parked for days, whose plate the detector loses every minute, is no reason to keep a
# thousand tracks of it: the least sure that ended go. None lasts unseen for that long.
PLATES_MOST = 16
PLATE_OVER = timedelta(seconds=10)
# A vehicle is found so long after its plate at most. A plate that was there longer before is
# another thing, over which the vehicle drives, until `belonging` has found that out.
FOUND_AFTER = timedelta(seconds=3)
CUT = 0.005  # of the picture: a box nearer to the border is cut by it


class Passing:
    """A vehicle, or a plate on none, from when it was first seen."""

    def __init__(self, camera: Camera, track: Track, others: Iterable[Box]) -> None:
        self.track = track
        self.plates: dict[int, Plate] = {}
        self.id: str | None = None  # once it was told
        self.steps = 0
        self._camera = camera
        self._stay = Stay(camera, sighted(track.last_seen, track.box, others))
        self._near = self._hidden = 0
        self._brightness: float | None = None
        self._first_seen, self._last_seen = track.first_seen, track.last_seen
        self._best = (False, 0.0)
        self._best_frame = track.last_frame
        self._mounted: Mounted | None = None  # with the frame of its best look; None: to be made
        self._read_best = track.last_frame
        self._read = False

    def see(
        self, track: Track, others: list[Box], pixels: float, condition: Condition | None
    ) -> None:
        """Take what one picture showed of it.

        `pixels` is the width from which a plate is legible, as a share of the picture's.
        """
        again = track.last_seen > self.track.last_seen
        self.track = track
        if not again and self.steps:
            return
        self.steps += 1
        if again:
            self._stay.see(sighted(track.last_seen, track.box, others))
        whole = all(gap(track.box, b) > CUT for b in ("left", "top", "right", "bottom"))
        if (whole, track.box.area) > self._best:
            self._best, self._best_frame = (whole, track.box.area), track.last_frame
        if _plate_width(track.kind, track.box) >= pixels:
            self._near += 1
            self._hidden += not whole or _covered(track.box, others)
        if condition is not None:
            self._brightness = max(condition.brightness, self._brightness or 0.0)

    def hold(self, number: int, plate: Plate) -> None:
        """Carry that plate. Also to be called when more was read of it."""
        self.plates[number] = plate
        self._mounted = None
        if len(self.plates) > PLATES_MOST:
            self._drop_least(before=plate.last_seen - PLATE_OVER)

    def let_go(self, number: int) -> Plate:
        self._mounted = None
        return self.plates.pop(number)

    @property
    def mounted(self) -> Mounted:
        if self._mounted is None:
            self._mounted = mounted([self.plates[n] for n in sorted(self.plates)])
            voted = vote(self._mounted.looks)
            if voted is not None:
                self._read_best = voted.best.frame
            self._read = voted is not None and voted.confidence >= GROUNDS_LEAST
        return self._mounted

    @property
    def looks(self) -> tuple[Look, ...]:
        """Return what was read, if it has grounds."""
        found = self.mounted.looks
        return found if self._read else ()

    @property
    def surely(self) -> bool:
        """Say whether it may be told while it lasts: it is there, and where vehicles count.

        A plate alone that was seen once or twice must have been read strongly, else every shadow
        on a fence is a passage; a vehicle so new may be a false alarm that took another's plate.
        """
        if self.track.kind != "plate":
            return self._stay.regarded and self.track.surely
        return self.counts

    @property
    def counts(self) -> bool:
        """Say whether it is to be told at its end at the latest."""
        seen, read = self.track.surely, bool(self.looks)
        if self.track.kind == "plate":
            strongly = any(plate.confidence >= STRONGLY for plate in self.plates.values())
            return self._stay.regarded and read and (seen or strongly)
        return self._stay.regarded and (seen or read)

    def _widen(self) -> None:
        # Never narrower again: a passage that was told only grows, also when a plate that was
        # taken for its own proves to be another's.
        self._first_seen = min(self._first_seen, self.track.first_seen)
        self._last_seen = max(self._last_seen, self.track.last_seen)
        for plate in self.plates.values():
            if plate.looks:
                self._last_seen = max(self._last_seen, plate.last_seen)
                if self.track.first_seen - plate.first_seen <= FOUND_AFTER:
                    self._first_seen = min(self._first_seen, plate.first_seen)

    def passage(
        self, number: str, *, legible: Legible, pixels: float, left: float | None
    ) -> Passage:
        """Return what is known.

        `left`: it has ended, and may have been out of sight for so many seconds before the
        detector lost it; None: it goes on.
        """
        self._widen()
        stay, looks = self._stay, self.looks
        return Passage(
            id=number,
            camera=self._camera.name,
            first_seen=self._first_seen,
            last_seen=self._last_seen,
            came_by=stay.came_by,
            left_by=None if left is None else stay.left_by(unseen=left),
            stood_first=stay.stood_first,
            stood_last=stay.stood_last,
            moved=stay.moved,
            went_length=stay.went_length,
            lane=stay.lane,
            vehicle=_vehicle(self.track.kind),
            looks=looks,
            no_plate=None if looks else self._no_plate(legible),
            legible=self._legible(pixels),
            others=self.mounted.others,
            best_frame=self._read_best if looks else self._best_frame,
            ended=left is not None,
        )

    def _drop_least(self, before: datetime) -> None:
        over = {n: plate for n, plate in self.plates.items() if plate.last_seen < before}
        if over:
            del self.plates[min(over, key=lambda n: (over[n].confidence, over[n].share, n))]

    def _legible(self, pixels: float) -> bool:
        widths = [plate.share for plate in self.plates.values()]
        return max(widths) >= pixels if widths else self._near >= STEPS_NEAR

    def _no_plate(self, legible: Legible) -> NoPlate:
        crops = [p.widest for p in self.plates.values() if p.widest is not None]
        if crops:
            # A crop that lacks nothing and reads as nothing: dirt, a cover, a hitch before it.
            return reason(max(crops, key=lambda c: c.width), legible) or "hidden"
        if self._near < STEPS_NEAR:
            return "too_small"
        if self._brightness is not None and self._brightness < legible.brightness_min:
            return "dark"
        return "hidden" if self._hidden >= HIDDEN_MOSTLY * self._near else "none_found"


def _vehicle(kind: Kind) -> Vehicle | None:
    return None if kind == "plate" else kind


def _plate_width(kind: Kind, box: Box) -> float:
    return box.width if kind == "plate" else PLATE_SHARE[kind] * box.width


def _covered(box: Box, others: Iterable[Box]) -> bool:
    """Say whether a nearer vehicle stands before the lower half."""
    lower = Box(box.left, (box.top + box.bottom) / 2, box.right, box.bottom)
    return any(
        other.bottom > box.bottom and lower.overlap(other) > COVERED * lower.area
        for other in others
    )
