"""How long the cameras of a lot saw nothing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from contract.blind import Blind


@dataclass(frozen=True, slots=True)
class Darkness:
    """Blind time of all cameras of a lot together, as intervals that do not touch.

    A crossing goes unseen where one camera is blind, so theirs is taken together.
    """

    begins: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    before: tuple[int, ...] = ()  # microseconds of darkness before each

    def within(self, first: int, last: int) -> int:
        """Return how many microseconds of [first, last) were blind."""
        return self._until(last) - self._until(first) if self.begins and last > first else 0

    def _until(self, at: int) -> int:
        number = bisect_right(self.begins, at) - 1
        if number < 0:
            return 0
        return self.before[number] + min(at, self.ends[number]) - self.begins[number]


def darkness(blind: Iterable[Blind]) -> Darkness:
    """Join the blind times of several cameras."""
    joined: list[list[int]] = []
    for one in sorted(blind, key=lambda b: (b.first, b.last)):
        if joined and one.first <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], one.last)
        elif one.last > one.first:
            joined.append([one.first, one.last])
    before, dark = [], 0
    for first, last in joined:
        before.append(dark)
        dark += last - first
    return Darkness(tuple(f for f, _ in joined), tuple(e for _, e in joined), tuple(before))
