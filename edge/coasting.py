"""Where a box will be, from where it was: a small Kalman filter with real time steps.

Each of the four edges has a place and a speed; all four share one covariance, because they
are seen by one detector on one thing. Edges, not centre and size: an edge cut by the border
of the picture stands still while the others move, and a car that comes nearer moves its four
edges at four speeds. Lengths are compared with the thing's own size (the root of its area),
so that near and far, wide lens and long lens take the same numbers.

The process noise is a white acceleration: after a gap the place is uncertain by as much as
a car can have changed its mind in that time, so the same filter serves 3 and 30 pictures a
second and the stutter between them.
"""

from __future__ import annotations

from math import sqrt

from edge.values import Box

# Of own sizes. A YOLO box on a standing car trembles by 1 to 3 % of its size; 4 % leaves
# room for dusk. Halved, noise becomes speed and a parked car coasts away when it is missed.
BOX_NOISE = 0.04
# Own sizes a second squared. A car brakes with 4 to 8 m/s², that is 2 of its lengths; what
# perspective adds while it comes near is of the same order.
ACCELERATION = 2.5
# Own sizes a second. 50 km/h seen from ahead, 1.9 m wide, is 7 sizes a second sideways: it
# must still be within three deviations when the second picture comes.
FIRST_SPEED = 3.0


class Coasting:
    """The belief about one box: its edges, their speeds, how far they may be wrong."""

    __slots__ = ("_edges", "_place", "_place_speed", "_speed", "_speeds", "size")

    def __init__(self, box: Box) -> None:
        self._edges = [box.left, box.top, box.right, box.bottom]
        self._speeds = [0.0, 0.0, 0.0, 0.0]
        self.size = size_of(box)
        self._place = (BOX_NOISE * self.size) ** 2
        self._place_speed = 0.0
        self._speed = (FIRST_SPEED * self.size) ** 2

    @property
    def expected(self) -> Box:
        return Box(*self._edges)

    @property
    def deviation(self) -> float:
        """Return how far the expected box may be wrong, in own sizes."""
        return sqrt(self._place) / self.size

    def pass_time(self, seconds: float) -> None:
        """Move what is believed ahead by that much, and believe it less."""
        left, top, right, bottom = (
            edge + speed * seconds for edge, speed in zip(self._edges, self._speeds, strict=True)
        )
        if min(right - left, bottom - top) > 0.3 * self.size:
            self._edges = [left, top, right, bottom]
        else:  # edges that run towards each other would turn the box inside out
            self._shift(seconds)
        noise = (ACCELERATION * self.size) ** 2
        self._place += (
            2 * seconds * self._place_speed + seconds**2 * self._speed + noise * seconds**4 / 4
        )
        self._place_speed += self._speed * seconds + noise * seconds**3 / 2
        self._speed += noise * seconds**2

    def see(self, box: Box, *, doubt: float = 1.0) -> None:
        """Learn from a box. Doubt multiplies the deviation it is taken to have."""
        self.size = size_of(box)
        noise = (doubt * BOX_NOISE * self.size) ** 2
        gain = self._place / (self._place + noise)
        speed_gain = self._place_speed / (self._place + noise)
        for i, edge in enumerate((box.left, box.top, box.right, box.bottom)):
            surprise = edge - self._edges[i]
            self._edges[i] += gain * surprise
            self._speeds[i] += speed_gain * surprise
        self._speed -= speed_gain * self._place_speed
        self._place *= 1 - gain
        self._place_speed *= 1 - gain

    def stand(self) -> None:
        """Know that nothing moves: whoever watches the whole picture said so."""
        self._speeds = [0.0, 0.0, 0.0, 0.0]
        self._place_speed = 0.0
        self._place = (BOX_NOISE * self.size) ** 2
        # It may set off at any moment, but not at the speed of a car never seen before.
        self._speed = (FIRST_SPEED * self.size / 6) ** 2

    @property
    def speed(self) -> float:
        """Own sizes a second, of the edge that moves fastest: a car seen from ahead only grows."""
        return max(abs(speed) for speed in self._speeds) / self.size

    def _shift(self, seconds: float) -> None:
        across = (self._speeds[0] + self._speeds[2]) / 2 * seconds
        down = (self._speeds[1] + self._speeds[3]) / 2 * seconds
        left, top, right, bottom = self._edges
        self._edges = [left + across, top + down, right + across, bottom + down]


def size_of(box: Box) -> float:
    """Return the root of a box's area, never zero: lengths are divided by it."""
    return max(sqrt(box.area), 1e-4)
