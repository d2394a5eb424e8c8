"""Which vehicle a plate is on: a question of geometry, asked of every picture.

In a queue seen from ahead the boxes of two cars overlap, and the plate of the one behind lies
in the box of the one before, near its roof. So being inside is not enough: plates are low on
a vehicle and near its middle, and of two boxes that hold a plate equally well the smaller is
nearer to it.

The answers of single pictures are only votes. And a plate goes where its vehicle goes: a sign,
or the plate of a parked car, over which a passing car's box slides, is not on that car.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import hypot

from edge.coasting import size_of
from edge.values import Box

# Detectors cut bumpers off, and a plate under a tow bar hangs out below the box; at a half,
# the plate of the car behind begins to count for the one before.
INSIDE_LEAST = 0.7

# How fast an old vote fades: in some 20 pictures a plate changes over to another vehicle.
VOTE_KEPT = 0.9
VOTE_LEAST = 0.2
# Sizes of the plate that its vehicle must have carried it on, before it is asked whether it
# went along. The tremble of a vehicle's box moves a place in it by a quarter of that.
CARRIED = 1.0
# Pictures, two seconds of them: whatever was on no vehicle for so long is most likely a sign, or
# on a parked car that the detector misses. It must be seen to go along before it is believed to.
ALONE_MOST = 20


class Belonging:
    """To which vehicle one plate belongs, learned picture by picture."""

    def __init__(self) -> None:
        self._votes: dict[int, float] = {}
        self._place: Box | None = None  # in fractions of its vehicle's box, when last seen
        self._asked: dict[int, tuple[Box, Box]] = {}  # by vehicle: plate and place back then
        self._strangers: set[int] = set()
        self._companions: set[int] = set()  # those it was seen to go along with
        self._alone = 0

    @property
    def vehicle(self) -> int | None:
        return max(self._votes, key=lambda number: (self._votes[number], -number), default=None)

    def see(self, plate: Box, vehicles: Mapping[int, Box]) -> None:
        """Take one picture in which the plate was seen."""
        self._votes = {n: VOTE_KEPT * v for n, v in self._votes.items() if v > VOTE_LEAST}
        for number in [n for n in self._asked if n in vehicles]:
            self._ask(plate, number, vehicles[number])
        known = {n: box for n, box in vehicles.items() if n not in self._strangers}
        found = owner(plate, known)
        if found is not None:
            if found not in self._companions:
                # Asked once: of a car that turns off, the box grows by its side, and the plate
                # at its rear then seems to stay behind.
                self._asked.setdefault(found, (plate, within(plate, known[found])))
            if self._alone < ALONE_MOST or found in self._companions:
                self._votes[found] = self._votes.get(found, 0.0) + 1.0
        if self._alone < ALONE_MOST:
            self._alone = 0 if self._votes else self._alone + 1
        mine = vehicles.get(self.vehicle or 0)  # numbers begin with 1
        self._place = within(plate, mine) if mine else None

    def carried(self, vehicles: Mapping[int, Box]) -> Box | None:
        """Return where the plate is to be expected, if its vehicle is in view."""
        mine = vehicles.get(self.vehicle or 0)
        return placed(self._place, mine) if mine and self._place else None

    def _ask(self, plate: Box, number: int, vehicle: Box) -> None:
        """Ask whether the plate went along with a vehicle, once that has gone far enough."""
        before, place = self._asked[number]
        expected = placed(place, vehicle)
        if _apart(expected, before) < CARRIED * size_of(plate):
            return
        del self._asked[number]
        if _apart(plate, before) < _apart(plate, expected):
            self._strangers.add(number)
            self._votes.pop(number, None)
        else:
            self._companions.add(number)


def owner(plate: Box, vehicles: Mapping[int, Box]) -> int | None:
    """Return the vehicle that the plate most likely is on, by its number; None where none is."""
    scores = {number: _score(plate, box) for number, box in vehicles.items()}
    likely = [number for number, score in scores.items() if score > 0]
    return max(likely, key=lambda number: (scores[number], -number), default=None)


def _score(plate: Box, vehicle: Box) -> float:
    if plate.area <= 0 or vehicle.area <= 4 * plate.area:
        return 0.0  # no vehicle is as small as four of its plates: the detector saw the plate twice
    inside = plate.overlap(vehicle) / plate.area
    if inside < INSIDE_LEAST:
        return 0.0
    x, y = plate.centre
    aside = abs(x - vehicle.centre[0]) / vehicle.width  # 0 in the middle, a half at the edge
    low = min(1.0, (y - vehicle.top) / (0.5 * vehicle.height))  # the lower half is all one
    small = plate.area / vehicle.area  # a tie is broken for the smaller box
    return max(0.01, inside * (0.3 + 0.7 * max(0.0, low)) - 0.5 * aside + small)


def within(box: Box, frame: Box) -> Box:
    """Return a box in fractions of another."""
    width, height = max(frame.width, 1e-4), max(frame.height, 1e-4)
    return Box(
        (box.left - frame.left) / width,
        (box.top - frame.top) / height,
        (box.right - frame.left) / width,
        (box.bottom - frame.top) / height,
    )


def placed(place: Box, frame: Box) -> Box:
    """Return where a box lies that is given in fractions of another."""
    return Box(
        frame.left + place.left * frame.width,
        frame.top + place.top * frame.height,
        frame.left + place.right * frame.width,
        frame.top + place.bottom * frame.height,
    )


def _apart(one: Box, other: Box) -> float:
    (x, y), (u, v) = one.centre, other.centre
    return hypot(x - u, y - v)
