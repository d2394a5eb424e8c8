"""People's one more, one less: rows that are summed, so that two machines never overwrite."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection, func, select

from server.store.adding import added
from server.store.tables import counts


def add(connection: Connection, lot: bytes, id_: bytes, more: Literal[1, -1], at: int) -> None:
    """Count one more or one less; the same id again counts once."""
    added(connection, counts, {"lot": lot, "id": id_, "more": more, "at": at})


def total(connection: Connection, lot: bytes, since: int, before: int) -> int:
    """Return what people added, less what they took away, from `since` to just before `before`."""
    here = (counts.c.lot == lot) & (counts.c.at >= since) & (counts.c.at < before)
    return int(connection.execute(select(func.sum(counts.c.more)).where(here)).scalar() or 0)
