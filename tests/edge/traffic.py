"""Moving boxes with known truth: what a detector would say of vehicles that drive so.

A vehicle here is a function of time; the detector's faults (tremble, misses, doubtful scores,
false alarms, another kind each time) are drawn from a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from random import Random

from edge.values import Box, Detection, Kind

Path = Callable[[float], tuple[float, float]]  # a vehicle's middle at a time in seconds

START = datetime(2026, 3, 1, 8, 0, tzinfo=timezone.utc)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def clipped(box: Box, least: float) -> Box | None:
    """Return what of a box lies in the picture, None where less than `least` of it does."""
    seen = Box(max(0.0, box.left), max(0.0, box.top), min(1.0, box.right), min(1.0, box.bottom))
    if seen.width <= 0 or seen.height <= 0 or seen.area < least * box.area:
        return None
    return seen


@dataclass(frozen=True)
class Driver:
    """A vehicle: its middle at a time, its size, and from when to when it is there."""

    path: Path
    width: float = 0.2
    height: float = 0.15
    first: float = 0.0
    last: float = 1e9
    kind: Kind = "car"
    visible: float = 0.25  # so much of it must be in the picture to be detected

    def box(self, seconds: float) -> Box | None:
        if not self.first <= seconds <= self.last:
            return None
        x, y = self.path(seconds)
        w, h = self.width / 2, self.height / 2
        return clipped(Box(x - w, y - h, x + w, y + h), self.visible)


def straight(start: tuple[float, float], speed: tuple[float, float], since: float = 0.0) -> Path:
    """Return a path at one speed, in fractions of the picture a second."""
    return lambda t: (start[0] + speed[0] * (t - since), start[1] + speed[1] * (t - since))


@dataclass(frozen=True)
class Faults:
    """What a detector does wrong. Tremble is in shares of a box's size."""

    tremble: float = 0.01
    misses: float = 0.0
    doubtful: float = 0.0
    false_alarms: float = 0.0
    kinds: tuple[Kind, ...] = field(default=())


def detected(box: Box, kind: Kind, faults: Faults, random: Random) -> Detection | None:
    if random.random() < faults.misses:
        return None
    tremble = faults.tremble * (box.width * box.height) ** 0.5
    left, top, right, bottom = (
        edge + random.gauss(0, tremble) for edge in (box.left, box.top, box.right, box.bottom)
    )
    score = random.uniform(0.12, 0.3) if random.random() < faults.doubtful else 0.85
    seen = Box(max(0.0, left), max(0.0, top), min(1.0, right), min(1.0, bottom))
    return Detection(seen, random.choice(faults.kinds) if faults.kinds else kind, score)


def pictures(
    drivers: Sequence[Driver], times: Sequence[float], faults: Faults, random: Random
) -> Iterator[tuple[float, list[Detection], dict[int, Box]]]:
    """Give for each time what the detector says, and the truth by the driver's number."""
    for seconds in times:
        truth = {i: box for i, d in enumerate(drivers) if (box := d.box(seconds)) is not None}
        said = [
            found
            for i, box in truth.items()
            if (found := detected(box, drivers[i].kind, faults, random)) is not None
        ]
        if random.random() < faults.false_alarms:
            x, y = random.uniform(0, 0.9), random.uniform(0, 0.9)
            said.append(Detection(Box(x, y, x + 0.06, y + 0.06), "car", 0.4))
        random.shuffle(said)
        yield seconds, said, truth
