"""Runs of sequences kept joined and rising while single ones come and go."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from contract.chain import Run


class Runs:
    """A set of sequences as the fewest runs: a year of a gate is a handful of them."""

    def __init__(self, joined: list[Run] | None = None) -> None:
        self._firsts = [first for first, _ in joined or []]
        self._lasts = [last for _, last in joined or []]

    def add(self, first: int, last: int) -> None:
        """Add all from `first` to `last`."""
        low = bisect_left(self._lasts, first - 1)  # the first run that it touches
        high = bisect_right(self._firsts, last + 1)  # one beyond the last
        if low < high:
            first = min(first, self._firsts[low])
            last = max(last, self._lasts[high - 1])
        self._firsts[low:high] = [first]
        self._lasts[low:high] = [last]

    def remove(self, one: int) -> None:
        """Take a single sequence out, if it is there."""
        at = bisect_right(self._firsts, one) - 1
        if at < 0 or one > self._lasts[at]:
            return
        rest = [(self._firsts[at], one - 1), (one + 1, self._lasts[at])]
        rest = [(first, last) for first, last in rest if first <= last]
        self._firsts[at : at + 1] = [first for first, _ in rest]
        self._lasts[at : at + 1] = [last for _, last in rest]

    def __contains__(self, one: int) -> bool:
        at = bisect_right(self._firsts, one) - 1
        return at >= 0 and one <= self._lasts[at]

    def lowest(self, most: int) -> list[Run]:
        """Return the first runs, `most` at most."""
        return list(zip(self._firsts[:most], self._lasts[:most], strict=True))
