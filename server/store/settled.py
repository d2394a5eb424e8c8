"""What people settled about who is inside: an event's id and a side, never a plate."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection, select, update

from server.store.adding import added
from server.store.tables import settled

Side = Literal["in", "out"]


def put(connection: Connection, lot: bytes, event: str, side: Side, at: int) -> None:
    """Keep what is said of an event; what was said later stands."""
    row = {"lot": lot, "event": event, "side": side, "at": at}
    if not added(connection, settled, row):
        here = (settled.c.lot == lot) & (settled.c.event == event) & (settled.c.at < at)
        connection.execute(update(settled).where(here).values(side=side, at=at))


def newest(connection: Connection, lot: bytes, since: int, most: int) -> list[tuple[str, Side]]:
    """Return the `most` newest since then, by event: what an ack carries."""
    columns = (settled.c.event, settled.c.side)
    query = select(*columns).where(settled.c.lot == lot, settled.c.at >= since)
    rows = connection.execute(query.order_by(settled.c.at.desc(), settled.c.event).limit(most))
    return sorted((event, "in" if side == "in" else "out") for event, side in rows)
