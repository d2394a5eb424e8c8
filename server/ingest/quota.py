"""How much an edge may bring in a day, so that one that went mad fills no disk."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from server.ingest.refusals import QuotaFull
from server.store import records
from server.store.writers import WriterRow

DAY_US = 86_400_000_000
_ANEW_US = 600_000_000  # a day's rows are summed so seldom that no batch feels it


@dataclass(slots=True)
class _Day:
    at: int
    used: int


class Quota:
    """Bytes of the last day, summed from the rows now and then and added up between."""

    def __init__(self) -> None:
        self._days: dict[bytes, _Day] = {}

    def check(self, read: Connection, row: WriterRow, size: int, now: int) -> None:
        """Refuse what would go beyond a day's quota; it waits until older bytes are a day old."""
        day = self._days.get(row.writer)
        if day is None or not 0 <= now - day.at < _ANEW_US:
            used = records.bytes_since(read, row.lot, row.writer, now - DAY_US)
            day = self._days[row.writer] = _Day(now, used)
        if day.used + size > row.day_bytes_max:
            raise QuotaFull(
                "the edge's quota of a day is used up",
                then="see why it sends so much, or raise its quota",
            )

    def used(self, writer: bytes, size: int) -> None:
        """Count what was committed."""
        if (day := self._days.get(writer)) is not None:
            day.used += size
