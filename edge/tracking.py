"""Detections become tracks, so that a vehicle is one thing while it is in view.

The method is ByteTrack's: every picture, first the detections that the detector is sure of
are given to the tracks, then the doubtful ones to the tracks that are left (a doubtful box
continues a track, it never begins one). What differs is what a gate needs:

- Time is real. Pictures come ten a second while something moves and not at all while nothing
  does, so tracks coast by seconds (`coasting`), never by pictures. `rest` says that nothing
  moved: then every box has stayed where it was.
- The kind of vehicle takes no part: a pickup that is car, truck and car again is one track,
  its kind a vote.
- A plate moves with its vehicle. It is so small that a fast car carries it out of its own
  reach between two pictures; looked for at its place in the vehicle's box, it is found.

A vehicle that is hidden for longer than the patience is a new track when it shows again. That
it is the same one is decided where places and plates are known, in the gate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import hypot

import lap
import numpy as np

from edge.belonging import Belonging
from edge.coasting import Coasting, size_of
from edge.values import Box, Detection, Kind

# A thing that drives is looked for this long where it should be: behind a pillar or a barrier
# arm it is back within it. Longer, and a track waits on the road for the next car.
PATIENCE_SECONDS = 1.0
# A thing that stands may flicker at dusk for seconds and is where it was; but in a queue the
# next car takes its place, in about 4 s.
PATIENCE_STANDING_SECONDS = 3.0
MISSES_LEAST = 3  # at 2 pictures a second the patience would be two pictures: too few to judge
# Seen once or twice and gone: a false alarm, which must not wait for the next car to adopt it.
PATIENCE_UNSURE_SECONDS = 0.6
SEEN_SURELY = 3  # pictures; who counts a vehicle asks for as many
# Own sizes a second. A car that creeps is above, the tremble of a parked one's box below.
STANDING_SPEED = 0.2

# How far from where it is expected a box may be, in own sizes: three deviations, within these.
# Below the least, braking and a box that is half hidden would break tracks; beyond the most,
# any two cars of a picture are in reach of each other.
REACH_LEAST, REACH_MOST = 0.4, 2.0
# A plate is so small that a car which sets off carries it on by half its size in a picture; the
# next plate is ten away.
REACH_LEAST_OF_PLATE = 1.0
REACH_DOUBTFUL = 0.4  # a doubtful detection must lie where it is expected
# Areas as 1 to 4 are one thing badly seen; a car entering the picture is let off.
ALIKE_LEAST = 0.25
ALIKE_LEAST_OF_PLATE = 0.45  # a plate is never half hidden for long; a larger box is a grille
# Leaving one unmatched costs as much as a match may cost at most: a good match is never broken
# up to make two poor ones.
MATCH_COST_MOST = 1.0
# Two boxes of one kind that cover each other so far are one thing seen twice; two cars in a
# queue were never seen above 0.6.
TWICE_OVERLAP = 0.75
# So much of a box in that of a vehicle, both cut by one border, is a piece of that vehicle: by
# judgement, less than one for boxes that tremble.
PIECE_INSIDE = 0.9
BORDER = 0.02  # of the picture: 13 pixels of a network's 640, as far as boxes fall short of it
DOUBTFUL_SCORE = 0.3  # the boxes of weaker detections lie about twice as far off


@dataclass(frozen=True, slots=True)
class Track:
    """A vehicle or a plate over pictures, as it stands after one of them."""

    id: int
    kind: Kind  # of a vehicle, by vote
    box: Box  # as detected, where last seen
    score: float
    first_seen: datetime
    last_seen: datetime
    last_frame: int  # the picture that `box` is from
    seen: int  # in how many pictures
    speed: float  # of its box, in own sizes a second
    vehicle: int | None = None  # the track that a plate is on

    @property
    def surely(self) -> bool:
        """Say whether it was seen often enough not to be a false alarm."""
        return self.seen >= SEEN_SURELY


@dataclass(frozen=True, slots=True)
class Tracked:
    """What a step gives: the tracks that go on, oldest first, and those that ended with it."""

    live: tuple[Track, ...]
    ended: tuple[Track, ...]


class Tracker:
    """Follows the things in one camera's pictures. Numbers count up from 1, the same each run."""

    def __init__(self, *, sure_score: float = 0.35, least_score: float = 0.1) -> None:
        # What a YOLO detector is usually cut at is 0.25; a track that began there would often
        # be a shadow. ByteTrack takes 0.6 and 0.1 for crowds, where few things are worth it.
        self._sure_score = sure_score
        self._least_score = least_score
        self._vehicles: list[_Followed] = []
        self._plates: list[_Followed] = []
        self._count = 0
        self._now: datetime | None = None

    def step(self, at: datetime, frame: int, detections: Sequence[Detection]) -> Tracked:
        """Take what one picture shows. Times must not run backwards."""
        seconds = self._advance(at)
        # Nobody looked for that long and nobody said that nothing moved: that is blindness.
        unseen = seconds > PATIENCE_STANDING_SECONDS
        ended = self._close(lambda _: unseen)
        for followed in (*self._vehicles, *self._plates):
            followed.pass_time(seconds)
        once = _once(d for d in detections if d.score >= self._least_score)
        vehicles = [d for d in once if d.kind != "plate"]
        plates = [d for d in once if d.kind == "plate"]
        moment = _Moment(at, frame)
        self._follow(self._vehicles, vehicles, moment, {})
        boxes = {f.id: f.box for f in self._vehicles if f.last_seen == at}
        self._follow(self._plates, plates, moment, boxes)
        for plate in self._plates:
            if plate.last_seen == at:
                plate.belonging.see(plate.box, boxes)
        ended += self._close(lambda f: f.given_up(at))
        return Tracked(self._live(), ended)

    def rest(self, at: datetime, frame: int) -> Tracked:
        """Take the word of the motion gate that nothing moved since the last picture.

        What stood, or was seen in the last picture, is still there at that time. What had
        driven out of sight before is given up in its time, and so is what stood and was then
        looked for in vain: it set off unseen, and would stand there for ever.
        """
        before = self._now
        self._advance(at)
        for followed in (*self._vehicles, *self._plates):
            if followed.last_seen == before or (followed.stands and not followed.missed):
                followed.stay(_Moment(at, frame))
        ended = self._close(lambda f: f.given_up_at_rest(at))
        return Tracked(self._live(), ended)

    def finish(self) -> Tracked:
        """End every track: no more pictures come."""
        return Tracked((), self._close(lambda _: True))

    def _advance(self, at: datetime) -> float:
        seconds = (at - self._now).total_seconds() if self._now else 0.0
        if seconds < 0:
            raise ValueError(f"time runs backwards, from {self._now} to {at}")
        self._now = at
        return seconds

    def _follow(
        self,
        followed: list[_Followed],
        detections: list[Detection],
        moment: _Moment,
        vehicles: Mapping[int, Box],
    ) -> None:
        sure = [d for d in detections if d.score >= self._sure_score]
        doubtful = [d for d in detections if d.score < self._sure_score]
        free, unclaimed = _matched(followed, sure, moment, vehicles, REACH_MOST)
        _matched(free, doubtful, moment, vehicles, REACH_DOUBTFUL)
        for detection in unclaimed:
            self._count += 1
            followed.append(_Followed(self._count, detection, moment))

    def _live(self) -> tuple[Track, ...]:
        return tuple(f.track() for f in sorted((*self._vehicles, *self._plates), key=_number))

    def _close(self, over: _Judge) -> tuple[Track, ...]:
        ended = [f for f in (*self._vehicles, *self._plates) if over(f)]
        self._vehicles = [f for f in self._vehicles if f not in ended]
        self._plates = [f for f in self._plates if f not in ended]
        return tuple(f.track() for f in sorted(ended, key=_number))


@dataclass(frozen=True, slots=True)
class _Moment:
    at: datetime
    frame: int


class _Followed:
    """One thing in the making: what a `Track` shows, and what finding it again needs."""

    def __init__(self, number: int, detection: Detection, moment: _Moment) -> None:
        self.id = number
        self.first_seen = moment.at
        self._plate = detection.kind == "plate"
        self._seen = 0
        self._kinds: dict[Kind, float] = {}
        self.belonging = Belonging()
        self._coasting = Coasting(detection.box)
        self.see(detection, moment)

    def pass_time(self, seconds: float) -> None:
        self._coasting.pass_time(seconds)
        self._misses += 1

    def see(self, detection: Detection, moment: _Moment) -> None:
        self.box, self._score = detection.box, detection.score
        self.last_seen, self._last_frame = moment.at, moment.frame
        self._seen += 1
        self._misses = 0
        self._kinds[detection.kind] = self._kinds.get(detection.kind, 0.0) + detection.score
        self._coasting.see(detection.box, doubt=self._doubt(detection))

    def _doubt(self, detection: Detection) -> float:
        # Another size than expected is a car half hidden, or a false alarm that lies on it:
        # trusted like the rest, one such picture throws the track off at eight sizes a second.
        areas = detection.box.area, self._coasting.expected.area
        unlike = max(areas) / max(min(areas), 1e-9)
        return min(unlike, 4.0) * (2.0 if detection.score < DOUBTFUL_SCORE else 1.0)

    def stay(self, moment: _Moment) -> None:
        self.last_seen, self._last_frame = moment.at, moment.frame
        self._coasting.stand()

    def expected(self, vehicles: Mapping[int, Box]) -> Iterable[Box]:
        yield self._coasting.expected
        if carried := self.belonging.carried(vehicles):
            yield carried

    @property
    def reach(self) -> float:
        """Return how far from where it is expected it may be found, in own sizes."""
        least = REACH_LEAST_OF_PLATE if self._plate else REACH_LEAST
        return min(max(3 * self._coasting.deviation, least), REACH_MOST)

    @property
    def alike(self) -> float:
        """Return how much smaller or larger it may be found."""
        return ALIKE_LEAST_OF_PLATE if self._plate else ALIKE_LEAST

    @property
    def stands(self) -> bool:
        return self._seen >= SEEN_SURELY and self._coasting.speed < STANDING_SPEED

    @property
    def missed(self) -> bool:
        """Say whether it has been looked for often enough to be gone."""
        return self._misses >= (MISSES_LEAST if self._seen >= SEEN_SURELY else MISSES_LEAST - 1)

    def given_up(self, at: datetime) -> bool:
        """Say whether it has been looked for long enough, and often enough."""
        return self.missed and self.given_up_at_rest(at)

    def given_up_at_rest(self, at: datetime) -> bool:
        patience = PATIENCE_STANDING_SECONDS if self.stands else PATIENCE_SECONDS
        if self._seen < SEEN_SURELY:
            patience = PATIENCE_UNSURE_SECONDS
        return (at - self.last_seen).total_seconds() > patience

    def track(self) -> Track:
        return Track(
            id=self.id,
            kind=max(self._kinds, key=lambda kind: (self._kinds[kind], kind)),
            box=self.box,
            score=self._score,
            first_seen=self.first_seen,
            last_seen=self.last_seen,
            last_frame=self._last_frame,
            seen=self._seen,
            speed=self._coasting.speed,
            vehicle=self.belonging.vehicle,
        )


_Judge = Callable[[_Followed], bool]


def _number(followed: _Followed) -> int:
    return followed.id


def _matched(
    followed: Sequence[_Followed],
    detections: Sequence[Detection],
    moment: _Moment,
    vehicles: Mapping[int, Box],
    reach_most: float,
) -> tuple[list[_Followed], list[Detection]]:
    """Give detections to the tracks they continue; return the tracks and detections left."""
    if not followed or not detections:
        return list(followed), list(detections)
    shapes = [_Shape(detection.box) for detection in detections]
    costs = [_costs(one, shapes, reach_most, vehicles) for one in followed]
    _, columns, rows = lap.lapjv(np.array(costs), extend_cost=True, cost_limit=MATCH_COST_MOST)
    for one, column in zip(followed, columns, strict=True):
        if column >= 0:
            one.see(detections[column], moment)
    return (
        [one for one, column in zip(followed, columns, strict=True) if column < 0],
        [detection for detection, row in zip(detections, rows, strict=True) if row < 0],
    )


class _Shape:
    """A box and what every comparison with it asks for: a picture compares a hundred pairs."""

    __slots__ = ("area", "box", "cut", "size", "x", "y")

    def __init__(self, box: Box) -> None:
        self.box = box
        self.x, self.y = box.centre
        self.area = max(box.area, 1e-9)
        self.size = size_of(box)
        self.cut = min(box.left, box.top) < BORDER or max(box.right, box.bottom) > 1 - BORDER


def _costs(
    one: _Followed, shapes: Sequence[_Shape], reach_most: float, vehicles: Mapping[int, Box]
) -> list[float]:
    reach, alike = min(one.reach, reach_most), one.alike
    expected = [_Shape(box) for box in one.expected(vehicles)]
    return [min(_cost(place, seen, reach, alike) for place in expected) for seen in shapes]


def _cost(expected: _Shape, seen: _Shape, reach: float, alike: float) -> float:
    """Return how badly a box fits where one is expected: 0 is there, 1 the most that may match."""
    size = max(expected.size, seen.size)
    apart = hypot(seen.x - expected.x, seen.y - expected.y) / size / reach
    cut = seen.cut or expected.cut
    if apart > 1 and not cut:
        return 2 * MATCH_COST_MOST
    common = expected.box.overlap(seen.box)
    iou = common / (expected.area + seen.area - common)
    least, most = sorted((expected.area, seen.area))
    if cut and common > 0.5 * least:
        # A car that enters is a sliver, then a half, then whole: what the smaller box has in
        # common with the larger is the sign, the middle runs away.
        return 0.5 * (1 - max(iou, 0.5 * common / least)) + 0.5 * min(apart, 1.0)
    if apart > 1 or least < alike * most:
        return 2 * MATCH_COST_MOST
    return 0.5 * (1 - iou) + 0.5 * apart


def _once(detections: Iterable[Detection]) -> list[Detection]:
    """Return the detections without second boxes of one thing, best score first.

    Networks suppress second boxes of a kind among themselves; a pickup that is a car and a
    truck at once comes through.
    """
    kept: list[Detection] = []
    for detection in sorted(_without_pieces(list(detections)), key=lambda d: -d.score):
        plate = detection.kind == "plate"
        if all(
            (other.kind == "plate") != plate or other.box.iou(detection.box) < TWICE_OVERLAP
            for other in kept
        ):
            kept.append(detection)
    return kept


def _without_pieces(detections: list[Detection]) -> list[Detection]:
    """Return the detections without boxes on the last piece of a vehicle that leaves the picture.

    Such a piece would be a track of its own, and wait for the next car to adopt it. A car before
    that vehicle, cut by the same border, would be the larger of the two; a motorcycle may not.
    """
    whole = [d.box for d in detections if d.kind != "plate"]
    return [
        d
        for d in detections
        if d.kind in ("plate", "motorcycle") or not any(_piece(d.box, box) for box in whole)
    ]


def _piece(box: Box, of: Box) -> bool:
    if box.area >= of.area or box.overlap(of) < PIECE_INSIDE * box.area:
        return False
    return bool(_borders(box) & _borders(of))


def _borders(box: Box) -> frozenset[str]:
    """Return at which of the picture's borders a box ends."""
    ends = {
        "left": box.left < BORDER,
        "top": box.top < BORDER,
        "right": box.right > 1 - BORDER,
        "bottom": box.bottom > 1 - BORDER,
    }
    return frozenset(border for border, at in ends.items() if at)
