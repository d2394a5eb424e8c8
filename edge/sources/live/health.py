"""Does a camera see? Told from how its pictures look and when they came; nothing else.

A camera that gives no, frozen or black pictures is blind, and blind time is never taken for a
car's leaving.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Blindness = Literal["no_frames", "frozen", "black", "resized"]

SILENT_S = 3.0  # no picture for so long: nothing is seen
FROZEN_S = 10.0  # a sensor's noise never leaves two pictures alike for so long
BLACK_S = 5.0
RESIZED_S = 10.0  # a camera that was set otherwise, rather than one that stumbles
BLACK_MEAN = 10.0  # of 255; a lit gate at night has ten times that
BLACK_SPREAD = 4.0


@dataclass(frozen=True, slots=True)
class Glance:
    """What is noted of a picture when it is grabbed."""

    at_s: float  # by the monotonic clock
    digest: bytes
    mean: float
    spread: float
    size: tuple[int, int]

    @property
    def black(self) -> bool:
        return self.mean < BLACK_MEAN and self.spread < BLACK_SPREAD


@dataclass(frozen=True, slots=True)
class Health:
    """How things stand with one camera; `since_s` is its last good picture when it is blind."""

    size: tuple[int, int] | None = None
    resized_since_s: float | None = None
    last: Glance | None = None
    same_since_s: float = 0.0
    black_since_s: float | None = None
    good_s: float | None = None  # when the last good picture came

    def after(self, glance: Glance) -> Health:
        """Return how things stand with one more picture."""
        same = self.last is not None and self.last.digest == glance.digest
        black_since = self.black_since_s if self.black_since_s is not None else glance.at_s
        size, resized_since = self._sized(glance)
        health = replace(
            self,
            size=size,
            resized_since_s=resized_since,
            last=glance,
            same_since_s=self.same_since_s if same else glance.at_s,
            black_since_s=black_since if glance.black else None,
        )
        if health.blindness(glance.at_s) is not None or same or glance.black:
            return health
        return replace(health, good_s=glance.at_s)

    def blindness(self, now_s: float) -> Blindness | None:
        """Return why nothing is seen at `now_s`, or None."""
        if self.last is None or now_s - self.last.at_s >= SILENT_S:
            return "no_frames"
        if self.resized_since_s is not None:
            return "resized"
        if self.black_since_s is not None and now_s - self.black_since_s >= BLACK_S:
            return "black"
        if now_s - self.same_since_s >= FROZEN_S:
            return "frozen"
        return None

    def _sized(self, glance: Glance) -> tuple[tuple[int, int], float | None]:
        """Return the size that is gone by, and since when pictures have had another."""
        if self.size is None or self.size == glance.size:
            return glance.size, None
        alike = self.last is not None and self.last.size == glance.size
        since = self.resized_since_s if alike and self.resized_since_s is not None else glance.at_s
        return (glance.size, None) if glance.at_s - since >= RESIZED_S else (self.size, since)
