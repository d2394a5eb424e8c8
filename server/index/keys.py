"""Finding a row by 16 bytes, without a Python object a row.

A dictionary of a million ids takes more memory than all columns together. Here the keys lie in
two columns, an order of them is kept sorted, and only the newest keys are in a dictionary until
they are many enough to be sorted in.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

# Sorting keys into a million takes a fiftieth of a second here, and a dictionary of so many keys
# two megabytes: so a day's events are sorted in once or twice.
_UNSORTED_MAX = 8192
MISSING = -1
_FEW = 32  # one key in so many is looked for through the order: all are not written out for it

N = TypeVar("N", bound=np.generic)
Words = NDArray[np.uint64]
Rows = NDArray[np.uint32]


def halves(key: bytes) -> tuple[int, int]:
    """Return 16 bytes as the two numbers they are kept as, which sort as the bytes do."""
    return int.from_bytes(key[:8], "big"), int.from_bytes(key[8:], "big")


def joined(high: int, low: int) -> bytes:
    return high.to_bytes(8, "big") + low.to_bytes(8, "big")


def rises(high: Words, low: Words) -> bool:
    """Say whether each key is higher than the one before."""
    same = high[1:] == high[:-1]
    return bool(((high[1:] > high[:-1]) | (same & (low[1:] > low[:-1]))).all())


class Keys:
    """Distinct keys in the order of their coming; each stands for its number."""

    def __init__(self) -> None:
        self._high: Words = np.empty(0, np.uint64)
        self._low: Words = np.empty(0, np.uint64)
        self._count = 0
        self._order_room: Rows = np.empty(0, np.uint32)
        self._sorted_count = 0
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

    def reserve(self, more: int) -> None:
        """Make room for so many keys beside those that are there."""
        self._make_room(more)

    def numbers(self, high: Words, low: Words) -> NDArray[np.int64]:
        """Return the numbers of many keys, in their order new ones for those that are not known."""
        self.sort()
        if self._come_after_all(high, low):
            return self._appended(high, low)
        numbers = self.found(high, low)
        unknown = np.flatnonzero(numbers == MISSING)
        if not len(unknown):
            return numbers
        places = unknown[np.lexsort((low[unknown], high[unknown]))]  # equal keys lie together now
        first = np.ones(len(places), np.bool_)
        same = (high[places[1:]] == high[places[:-1]]) & (low[places[1:]] == low[places[:-1]])
        first[1:] = ~same
        comes_first = np.zeros(len(high), np.bool_)
        comes_first[places[first]] = True
        given = self._count - 1 + np.cumsum(comes_first)
        numbers[places] = given[places[first]][np.cumsum(first) - 1]
        self._extend(high[comes_first], low[comes_first])
        return numbers

    def _come_after_all(self, high: Words, low: Words) -> bool:
        """Say whether keys rise, from beyond the highest that is known: days do, as they come."""
        if self._sorted_count and len(high) and high[0] <= self._high[self._order[-1]]:
            return False
        return rises(high, low)

    def _appended(self, high: Words, low: Words) -> NDArray[np.int64]:
        begin, end = self._count, self._count + len(high)
        self._make_room(len(high))
        self._high[begin:end], self._low[begin:end] = high, low
        self._order_room[begin:end] = numbers = np.arange(begin, end)
        self._count = self._sorted_count = end
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
        """Sort all keys in: what is before the least new one stays as it lies."""
        begin = self._sorted_count
        if begin == self._count:
            return
        new = np.argsort(self._high[begin : self._count], kind="stable").astype(np.uint32)
        new += np.uint32(begin)
        least = np.array([self._high[new[0]]])
        at = int(self._places(least, after=True)[0])
        later = np.concatenate((self._order[at:], new))
        self._order_room[at : self._count] = later[np.argsort(self._high[later], kind="stable")]
        self._sorted_count = self._count
        self._newest.clear()

    def found(self, high: Words, low: Words) -> NDArray[np.int64]:
        """Return the numbers of many keys, all sorted in, -1 for the unknown."""
        numbers = np.full(len(high), MISSING, np.int64)
        if not self._sorted_count:
            return numbers
        # Days come in order, so of a year's ids few lie before one that is known.
        open_ones = np.flatnonzero(high <= self._high[self._order[-1]])
        at = self._places(high[open_ones])
        while len(open_ones):  # as often as keys share their first half
            inside = at < self._sorted_count
            open_ones, at = open_ones[inside], at[inside]
            here = self._order[at]
            same_half = self._high[here] == high[open_ones]
            open_ones, at, here = open_ones[same_half], at[same_half], here[same_half]
            same = self._low[here] == low[open_ones]
            numbers[open_ones[same]] = here[same]
            open_ones, at = open_ones[~same], at[~same] + 1
        return numbers

    def _places(self, high: Words, *, after: bool = False) -> NDArray[np.int64]:
        """Return where in the order each first half would stand, before its equals or after."""
        if len(high) > self._sorted_count // _FEW:
            # Written out in order it is walked in half the time that it takes through the order.
            side: Literal["left", "right"] = "right" if after else "left"
            return np.searchsorted(self._high[self._order], high, side)
        low_end = np.zeros(len(high), np.int64)
        high_end = np.full(len(high), self._sorted_count, np.int64)
        while (open_ones := low_end < high_end).any():
            middle = (low_end + high_end) // 2
            here = self._high[self._order[np.minimum(middle, self._sorted_count - 1)]]
            beyond = open_ones & ((here <= high) if after else (here < high))
            low_end[beyond] = middle[beyond] + 1
            nearer = open_ones & ~beyond
            high_end[nearer] = middle[nearer]
        return low_end

    def _sorted_in(self, high: int, low: int) -> int | None:
        order = self._order
        at = bisect_left(order, high, key=lambda number: int(self._high[number]))
        while at < len(order):
            number = int(order[at])
            if int(self._high[number]) != high:
                return None
            if int(self._low[number]) == low:
                return number
            at += 1
        return None

    @property
    def _order(self) -> Rows:
        """Return the numbers of the sorted keys by their first half."""
        return self._order_room[: self._sorted_count]

    def _make_room(self, more: int) -> None:
        self._high = grown(self._high, self._count, more)
        self._low = grown(self._low, self._count, more)
        self._order_room = grown(self._order_room, self._count, more)


def grown(column: NDArray[N], count: int, more: int) -> NDArray[N]:
    """Return the column with room for `more`, an eighth in advance so that adding stays cheap."""
    if count + more <= len(column):
        return column
    larger = np.zeros(max(count + more, count + count // 8, 64), column.dtype)
    larger[:count] = column[:count]
    return larger
