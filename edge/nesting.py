"""Two boxes of one vehicle: the cab within the truck, the car on the carrier.

A detector may see a part as a vehicle of its own, and it would then be counted as one. A part
lies in the whole for nearly all of its life and is carried along; a car that passes before a
bus lies in its box for a while, and moves in it. Two vehicles that keep still, one before the
other, for as long as both are in view, look just so: then the nearer one's box reaches lower.
"""

from __future__ import annotations

from collections.abc import Sequence

from edge.tracking import Track
from edge.values import Box

INSIDE = 0.9  # of the smaller box; detectors let parts stick out a little
LIFE = 0.8  # of the pictures that it was seen in
STEPS = 5  # pictures: a car that enters beside a bus is in its box for two or three
MOVES = 0.15  # of the larger box; a part trembles by a tenth of it
LARGER = 1.3  # times the area; below that it is one box seen twice, which tracking settles
LOWER = 0.02  # of the larger box's height


class Nesting:
    """Which tracks are parts of which, learned picture by picture."""

    def __init__(self) -> None:
        self._steps: dict[int, int] = {}
        self._pairs: dict[int, dict[int, _Pair]] = {}  # by the smaller, then by the larger

    def see(self, tracks: Sequence[Track]) -> None:
        """Take the vehicles seen in one picture."""
        for small in tracks:
            self._steps[small.id] = self._steps.get(small.id, 0) + 1
            pairs = self._pairs.setdefault(small.id, {})
            for large in tracks:
                if large is small or not _inside(small.box, large.box):
                    continue
                if large.id in pairs:
                    pairs[large.id].see(small.box, large.box)
                else:
                    pairs[large.id] = _Pair(small.box, large.box)

    def whole(self, number: int) -> int:
        """Return the track that this one is a part of, or itself."""
        steps = self._steps.get(number, 0)
        wholes = self._candidates(number) if steps >= STEPS else []
        return min(wholes, default=number)

    def undecided(self, number: int) -> bool:
        """Say whether it may yet prove to be a part: it was seen too seldom to tell."""
        return self._steps.get(number, 0) < STEPS and bool(self._candidates(number))

    def forget(self, number: int) -> None:
        """Let go of a track that ended; what was a part of it is none the less."""
        self._steps.pop(number, None)
        self._pairs.pop(number, None)

    def _candidates(self, number: int) -> list[int]:
        least = LIFE * self._steps.get(number, 0)
        pairs = self._pairs.get(number, {}).items()
        return [large for large, pair in pairs if pair.steady and pair.steps >= least]


class _Pair:
    def __init__(self, small: Box, large: Box) -> None:
        self._place = _place(small, large)
        self.steps = 1
        self.steady = True

    def see(self, small: Box, large: Box) -> None:
        self.steps += 1
        (x, y), (first_x, first_y) = _place(small, large), self._place
        if max(abs(x - first_x), abs(y - first_y)) > MOVES:
            self.steady = False


def _inside(small: Box, large: Box) -> bool:
    return (
        large.area > LARGER * small.area
        and small.overlap(large) >= INSIDE * small.area
        and small.bottom <= large.bottom + LOWER * large.height
    )


def _place(small: Box, large: Box) -> tuple[float, float]:
    (x, y), (u, v) = small.centre, large.centre
    return (x - u) / large.width, (y - v) / large.height
