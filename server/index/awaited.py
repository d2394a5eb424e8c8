"""Rows that name a row which has not come yet: a stay over midnight, and segments one by one.

So a year of segments is taken in a few at a time, and never lies in memory whole beside its rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.index.keys import MISSING, Keys, Words

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Named:
    """Rows, and the key that each of them names."""

    rows: Rows
    high: Words
    low: Words

    def kept(self, mask: NDArray[np.bool_]) -> Named:
        return Named(self.rows[mask], self.high[mask], self.low[mask])

    def joined(self, more: Named) -> Named:
        return Named(
            np.concatenate((self.rows, more.rows)),
            np.concatenate((self.high, more.high)),
            np.concatenate((self.low, more.low)),
        )


_NONE = Named(np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.uint64))


class Awaited:
    """By column, the rows whose other row is awaited."""

    def __init__(self) -> None:
        self._by_column: dict[str, Named] = {}

    def add(self, column: str, named: Named) -> None:
        if len(named.rows):
            self._by_column[column] = self._by_column.get(column, _NONE).joined(named)

    def come(self, ids: Keys) -> Iterator[tuple[str, Rows, Rows]]:
        """Give out, by column, rows and the numbers of what they named that is known by now."""
        for column, named in self._by_column.items():
            numbers = ids.found(named.high, named.low)
            known = numbers != MISSING
            self._by_column[column] = named.kept(~known)
            yield column, named.rows[known], numbers[known]

    def forget(self, rows: Rows) -> None:
        """Await nothing for rows that were told anew."""
        for column, named in self._by_column.items():
            if len(named.rows):
                self._by_column[column] = named.kept(~np.isin(named.rows, rows))
