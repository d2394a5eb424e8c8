"""A day's rows out as a segment, and segments in: what of the index lies on the disk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contract import blind as blind_codec
from server.index import search
from server.index.columns import Columns, Numbers, at_of
from server.index.days import bounds
from server.index.ids import id_bytes
from server.index.lot import Lot
from server.index.packing import Beside, packed, unpacked
from server.index.segments import COVERING_BYTES, Coverage, covered, covering
from server.records import statements as statement_codec

_ROOM_BYTES_MAX = 256 * 1024 * 1024  # some three years of a busy lot: a larger one grows as it goes


@dataclass(frozen=True, slots=True)
class ByDay:
    """Takes the columns apart by a lot's days, and puts them together again."""

    columns: Columns

    def rows(self, of: Lot, day: int) -> NDArray[np.int64]:
        """Return the rows of what happened on a day."""
        rows, _ = self._rows_at(of, *bounds(day, of.zone))
        return rows

    def coverages(self, of: Lot, days: Sequence[int]) -> list[Coverage]:
        """Return which records of each day there are."""
        if not days:
            return []
        ends = [bounds(day, of.zone) for day in days]
        rows, at = self._rows_at(of, min(first for first, _ in ends), max(last for _, last in ends))
        order = np.argsort(at, kind="stable")
        rows, at = rows[order], at[order]
        found = []
        for day, (first, last) in zip(days, ends, strict=True):
            begin, end = np.searchsorted(at, (first, last))
            spelt = self._spelt(rows[begin:end])
            spelt += [covering(id_bytes(one.id), 1) for one in of.statements_of(day)]
            spelt += [covering(id_bytes(one), 1) for one, _, _ in of.blind_of(day)]
            found.append(covered(spelt))
        return found

    def segment(self, of: Lot, day: int) -> bytes:
        """Return a day as bytes, to be sealed."""
        beside = Beside(
            tuple(statement_codec.encoded(one) for one in of.statements_of(day)),
            tuple((i, at, blind_codec.encoded(one)) for i, at, one in of.blind_of(day)),
        )
        return packed(self.columns, self.rows(of, day), beside)

    def load(self, of: Lot, segments: Collection[bytes], follow: int) -> None:
        """Take segments; none of them where one is damaged.

        `follow` is how many bytes of segments come after these: room for all is made at once.
        """
        parts = [unpacked(one) for one in segments]
        rows, size = sum(len(part.ids) for part in parts), sum(map(len, segments))
        self.columns.reserve(rows + rows * min(follow, _ROOM_BYTES_MAX) // max(size, 1))
        self.columns.take(of.id, parts)
        beside = [part.beside for part in parts]
        said = [statement_codec.decoded(data) for one in beside for data in one.statements]
        dark = {
            record_id: (at, blind_codec.decoded(data))
            for one in beside
            for record_id, at, data in one.blind
        }
        of.keep({one.id: one for one in said}, dark)

    def _rows_at(self, of: Lot, first: int, last: int) -> tuple[NDArray[np.int64], Numbers]:
        """Return the lot's rows that happened in [first, last), and when each did."""
        rows = search.seen_between(self.columns, first, last)
        at = at_of(self.columns, rows)
        mask = (at >= first) & (at < last)
        mask &= self.columns.column("lot")[rows] == self.columns.lot_number(of.id)
        return rows[mask], at[mask]

    def _spelt(self, rows: NDArray[np.int64]) -> list[bytes]:
        """Return these rows as `covering` spells them."""
        ids, table = self.columns.ids, np.empty((len(rows), 3), ">u8")
        table[:, 0], table[:, 1] = ids.high[rows], ids.low[rows]
        table[:, 2] = self.columns.column("revision")[rows]
        spelt = table.tobytes()
        return [spelt[at : at + COVERING_BYTES] for at in range(0, len(spelt), COVERING_BYTES)]
