"""Finding a row by 16 bytes, without a Python object a row.

A dictionary of a million ids takes more memory than all columns together. Here the keys lie in
two columns, an order of them is kept sorted, and only the newest keys are in a dictionary until
they are many enough to be sorted in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

# Sorting a million keys anew takes a fifth of a second here, and a dictionary of so many keys
# two megabytes: so a day's events are sorted in once or twice.
_UNSORTED_MAX = 8192
_MISSING = -1

N = TypeVar("N", bound=np.generic)
Words = NDArray[np.uint64]
Rows = NDArray[np.uint32]


def halves(key: bytes) -> tuple[int, int]:
    """Return 16 bytes as the two numbers they are kept as, which sort as the bytes do."""
    return int.from_bytes(key[:8], "big"), int.from_bytes(key[8:], "big")


def joined(high: int, low: int) -> bytes:
    return high.to_bytes(8, "big") + low.to_bytes(8, "big")


class Keys:
    """Distinct keys in the order of their coming; each stands for its number."""

    def __init__(self) -> None:
        self._high: Words = np.empty(0, np.uint64)
        self._low: Words = np.empty(0, np.uint64)
        self._count = 0
        self._order: Rows = np.empty(0, np.uint32)  # the sorted ones, by key
        self._newest: dict[tuple[int, int], int] = {}

    def __len__(self) -> int:
        return self._count

    @property
    def high(self) -> Words:
        return self._high[: self._count]

    @property
    def low(self) -> Words:
        return self._low[: self._count]

    def key(self, number: int) -> bytes:
        return joined(int(self._high[number]), int(self._low[number]))

    def find(self, key: bytes) -> int | None:
        """Return a key's number."""
        high, low = halves(key)
        known = self._newest.get((high, low))
        return known if known is not None else self._sorted_in(high, low)

    def add(self, key: bytes) -> int:
        """Return a key's number, a new one where it is not known."""
        known = self.find(key)
        if known is not None:
            return known
        self._make_room(1)
        high, low = halves(key)
        number = self._count
        self._high[number], self._low[number] = high, low
        self._count += 1
        self._newest[high, low] = number
        if len(self._newest) >= _UNSORTED_MAX:
            self.sort()
        return number

    def numbers(self, high: Words, low: Words) -> NDArray[np.int64]:
        """Return the numbers of many keys, new ones for those that are not known."""
        self.sort()
        numbers = self.found(high, low)
        unknown = np.flatnonzero(numbers == _MISSING)
        if not len(unknown):
            return numbers
        order = np.lexsort((low[unknown], high[unknown]))
        places = unknown[order]  # equal keys lie together now
        first = np.ones(len(places), np.bool_)
        same = (high[places[1:]] == high[places[:-1]]) & (low[places[1:]] == low[places[:-1]])
        first[1:] = ~same
        numbers[places] = self._count + np.cumsum(first) - 1
        self._extend(high[places[first]], low[places[first]])
        return numbers

    def _extend(self, high: Words, low: Words) -> None:
        """Take many keys, of which none is known and each stands once."""
        self._make_room(len(high))
        self._high[self._count : self._count + len(high)] = high
        self._low[self._count : self._count + len(low)] = low
        self._count += len(high)
        self.sort()

    def kept(self, mask: NDArray[np.bool_]) -> Keys:
        """Return those of the mask as keys of their own, numbered anew in the same order."""
        found = Keys()
        found._extend(self.high[mask], self.low[mask])
        return found

    def sort(self) -> None:
        """Sort all keys in."""
        if len(self._order) == self._count:
            return
        self._order = np.lexsort((self.low, self.high)).astype(np.uint32)
        self._newest.clear()

    def found(self, high: Words, low: Words) -> NDArray[np.int64]:
        """Return the numbers of many keys, all sorted in, -1 for the unknown."""
        if not self._count:
            return np.full(len(high), _MISSING, np.int64)
        at = np.searchsorted(self._sorted_high, high, sorter=self._order)
        numbers = np.full(len(high), _MISSING, np.int64)
        open_ones = np.arange(len(high))
        while len(open_ones):  # as often as keys share their first half
            open_ones = open_ones[at[open_ones] < len(self._order)]
            here = self._order[at[open_ones]]
            same_half = self._high[here] == high[open_ones]
            open_ones, here = open_ones[same_half], here[same_half]
            same = self._low[here] == low[open_ones]
            numbers[open_ones[same]] = here[same]
            open_ones = open_ones[~same]
            at[open_ones] += 1
        return numbers

    def _sorted_in(self, high: int, low: int) -> int | None:
        if not len(self._order):
            return None
        wanted = np.uint64(high)
        at = int(np.searchsorted(self._sorted_high, wanted, sorter=self._order))
        for number in self._from(at):
            if self._high[number] != wanted:
                return None
            if int(self._low[number]) == low:
                return number
        return None

    @property
    def _sorted_high(self) -> Words:
        return self._high[: len(self._order)]  # what came after has not been sorted in

    def _from(self, at: int) -> Iterator[int]:
        yield from (int(self._order[n]) for n in range(at, len(self._order)))

    def _make_room(self, more: int) -> None:
        self._high = grown(self._high, self._count, more)
        self._low = grown(self._low, self._count, more)


def grown(column: NDArray[N], count: int, more: int) -> NDArray[N]:
    """Return the column with room for `more`, an eighth in advance so that adding stays cheap."""
    if count + more <= len(column):
        return column
    larger = np.zeros(max(count + more, count + count // 8, 64), column.dtype)
    larger[:count] = column[:count]
    return larger
