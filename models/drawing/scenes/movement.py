"""How a vehicle moves: a way over the lot and the metres it has driven at each moment.

A way is a line of points whose corners are rounded; a drive is a few (seconds, metres)
knots. Where two knots have the same metres the vehicle stands; where metres fall it backs up.
Between knots it speeds up and slows down as cars do, without overshooting a stop.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from models.drawing.scenes.camera import Floats

_ROUNDINGS = 4  # each halves the corners that are left


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a vehicle stands: the middle of its footprint, and where its nose points."""

    x: float
    y: float
    heading: float  # radians from the x axis
    rolled: float = 0.0  # metres driven, which turn its wheels
    speed: float = 0.0  # metres a second, negative when it backs up
    braking: bool = False

    def placed(self, points: Floats) -> Floats:
        """Return points (..., 3) of the vehicle in the lot's axes."""
        moved: Floats = self.turned(points) + np.array([self.x, self.y, 0.0])
        return moved

    def turned(self, directions: Floats) -> Floats:
        cos, sin = np.cos(self.heading), np.sin(self.heading)
        turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
        turned: Floats = directions @ turn
        return turned


@dataclass(frozen=True, slots=True)
class Drive:
    """A way and when how much of it is done; before the first knot and after the last it rests."""

    way: tuple[tuple[float, float], ...]
    knots: tuple[tuple[float, float], ...]  # seconds, metres along the way

    def pose(self, seconds: float, behind: float = 0.0) -> Pose:
        """Return the pose at this moment, of a point that many metres behind (a trailer's)."""
        line, lengths = _rounded(self.way)
        metres, speed = _driven(self.knots, seconds)
        along = metres - behind
        x, y = _at(line, lengths, along)
        ahead, back = _at(line, lengths, along + 0.6), _at(line, lengths, along - 0.6)
        heading = float(np.arctan2(ahead[1] - back[1], ahead[0] - back[0]))
        _, soon = _driven(self.knots, seconds + 0.25)
        slows = abs(soon) < abs(speed) - 0.15 or (speed == 0 and self._waits(seconds))
        return Pose(x, y, heading, along, speed, slows)

    def _waits(self, seconds: float) -> bool:
        return self.knots[0][0] < seconds < self.knots[-1][0]


@lru_cache(maxsize=512)
def _rounded(way: tuple[tuple[float, float], ...]) -> tuple[Floats, Floats]:
    line = np.array(way, dtype=np.float64)
    for _ in range(_ROUNDINGS if len(way) > 2 else 0):
        cut = np.empty((2 * (len(line) - 1) + 2, 2))
        cut[0], cut[-1] = line[0], line[-1]
        cut[1:-1:2] = line[:-1] * 0.75 + line[1:] * 0.25
        cut[2:-1:2] = line[:-1] * 0.25 + line[1:] * 0.75
        line = cut
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    return line, np.concatenate([[0.0], np.cumsum(steps)])


def length(way: tuple[tuple[float, float], ...]) -> float:
    """Return how many metres the rounded way has."""
    return float(_rounded(way)[1][-1])


def _at(line: Floats, lengths: Floats, metres: float) -> tuple[float, float]:
    """Return the point at these metres; beyond the ends the way goes straight on."""
    if metres < 0:
        step = (line[0] - line[1]) / np.linalg.norm(line[0] - line[1])
        return float(line[0, 0] - step[0] * metres), float(line[0, 1] - step[1] * metres)
    if metres > lengths[-1]:
        step = (line[-1] - line[-2]) / np.linalg.norm(line[-1] - line[-2])
        over = metres - lengths[-1]
        return float(line[-1, 0] + step[0] * over), float(line[-1, 1] + step[1] * over)
    return (
        float(np.interp(metres, lengths, line[:, 0])),
        float(np.interp(metres, lengths, line[:, 1])),
    )


def _driven(knots: tuple[tuple[float, float], ...], seconds: float) -> tuple[float, float]:
    """Return metres and speed at this moment: a monotone cubic through the knots."""
    if seconds <= knots[0][0]:
        return knots[0][1], 0.0
    if seconds >= knots[-1][0]:
        return knots[-1][1], 0.0
    times = [time for time, _ in knots]
    after = int(np.searchsorted(times, seconds, side="right"))
    (begin, low), (end, high) = knots[after - 1], knots[after]
    span, rise = end - begin, high - low
    one, other = _slope(knots, after - 1), _slope(knots, after)
    t = (seconds - begin) / span
    metres = (
        low + rise * t * t * (3 - 2 * t) + span * (one * t * (1 - t) ** 2 - other * t * t * (1 - t))
    )
    speed = rise / span * 6 * t * (1 - t) + one * (1 - t) * (1 - 3 * t) + other * t * (3 * t - 2)
    return metres, 0.0 if rise == 0 else speed


def _slope(knots: tuple[tuple[float, float], ...], index: int) -> float:
    """Return the speed at a knot: none at a stop or a turn back, else between its neighbours'.

    The first and last keep the speed of their piece: a car comes into the picture rolling.
    """

    def piece(at: int) -> float:
        return (knots[at + 1][1] - knots[at][1]) / (knots[at + 1][0] - knots[at][0])

    if index == 0:
        return piece(0)
    if index == len(knots) - 1:
        return piece(len(knots) - 2)
    before, after = piece(index - 1), piece(index)
    if before * after <= 0:
        return 0.0
    return 2 * before * after / (before + after)  # the harmonic mean never overshoots


def metres_at(way: tuple[tuple[float, float], ...], y: float) -> float:
    """Return how far along the way its last crossing of this y lies."""
    line, lengths = _rounded(way)
    crossing = np.flatnonzero((line[:-1, 1] - y) * (line[1:, 1] - y) <= 0)
    last = int(crossing[-1])
    begin, end = line[last, 1], line[last + 1, 1]
    share = 0.0 if begin == end else (y - begin) / (end - begin)
    return float(lengths[last] + share * (lengths[last + 1] - lengths[last]))
