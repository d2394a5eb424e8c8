"""Which vehicle a plate is on: a question of geometry, asked of every picture.

In a queue seen from ahead the boxes of two cars overlap, and the plate of the one behind lies
in the box of the one before, near its roof. So being inside is not enough: plates are low on
a vehicle and near its middle, and of two boxes that hold a plate equally well the smaller is
nearer to it. The answers of single pictures are only votes; `tracking` counts them.
"""

from __future__ import annotations

from collections.abc import Mapping

from edge.values import Box

# Detectors cut bumpers off, and a plate under a tow bar hangs out below the box; at a half,
# the plate of the car behind begins to count for the one before.
INSIDE_LEAST = 0.7


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
