"""Ours and its rivals walk through one clip in turns, so that a neighbour's load meets all alike.

Machines differ and neighbours come and go; what is claimed is therefore a ratio of two things
done seconds apart. A rival that is slow need not take every stretch: evenly spaced ones stand
for the rest, and whoever reports the ratio says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Spent:
    """What a stretch of work took."""

    seconds: float
    processor: float  # seconds, all cores together


class Watch:
    """A stopwatch for both, started when it is made."""

    def __init__(self) -> None:
        self._seconds, self._processor = perf_counter(), process_time()

    def spent(self) -> Spent:
        """Return what this process took since."""
        return Spent(perf_counter() - self._seconds, process_time() - self._processor)


class Rival(Protocol):
    """Another way through the same clip."""

    def walk(self, first: int, count: int) -> Spent:
        """Take frames `first` to `first + count`; return what it took for them.

        Stretches come in order and never overlap. What lies between them is not counted.
        """


@dataclass(slots=True)
class Tally:
    """Frames, and what they took."""

    frames: int = 0
    seconds: float = 0.0
    processor: float = 0.0

    def add(self, frames: int, spent: Spent) -> None:
        self.frames += frames
        self.seconds += spent.seconds
        self.processor += spent.processor

    @property
    def rate(self) -> float:
        """Frames a second."""
        return self.frames / self.seconds


@dataclass(frozen=True, slots=True)
class Race:
    """How all did."""

    ours: Tally
    rivals: Mapping[str, Tally]

    def faster_than(self, name: str) -> float:
        """Return how many times that rival's frames a second are ours."""
        return self.ours.rate / self.rivals[name].rate

    def lighter_than(self, name: str) -> float:
        """Return the same by processor time, which neighbours hardly change."""
        rival = self.rivals[name]
        return rival.processor / rival.frames / (self.ours.processor / self.ours.frames)


def raced(
    ours: Callable[[Callable[[], None]], object],
    rivals: Mapping[str, Rival],
    *,
    turn: int,
    every: int = 1,
) -> Race:
    """Let `ours` run, and after each `turn` frames of it stop its clock for the rivals' turn.

    Ours calls back at each frame. Rivals take the middle one of `every` stretches.
    """
    course = _Course(rivals, turn, every)
    ours(course.frame)
    course.ended()
    return Race(course.ours, course.rivals)


class _Course:
    def __init__(self, rivals: Mapping[str, Rival], turn: int, every: int) -> None:
        self.ours = Tally()
        self.rivals = {name: Tally() for name in rivals}
        self._walkers = rivals
        self._turn = turn
        self._every = every
        self._frames = 0
        self._watch = Watch()

    def frame(self) -> None:
        self._frames += 1
        if self._frames % self._turn:
            return
        self._stop_ours()
        stretch = self._frames // self._turn - 1
        if stretch % self._every == self._every // 2:
            for name, walker in self._walkers.items():
                self.rivals[name].add(self._turn, walker.walk(stretch * self._turn, self._turn))
        self._watch = Watch()

    def ended(self) -> None:
        self._stop_ours()

    def _stop_ours(self) -> None:
        self.ours.add(self._frames - self.ours.frames, self._watch.spent())
