"""Sealed rows that are changed in place: customers, bookings, lists, holds, seeds."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from sqlalchemy import ColumnElement, Connection, delete, select, update

from server.keys.holder.calls import Version
from server.store.adding import added
from server.store.tables import private_rows


@dataclass(frozen=True, slots=True)
class PrivateRow:
    """A row as it lies there; only the keyholder opens its box."""

    lot: bytes
    kind: str
    id: bytes
    version: int
    box: bytes = field(repr=False)

    @property
    def as_version(self) -> Version:
        """Return how the keyholder knows it."""
        return Version.of(self.kind, self.id, self.version, self.box)


def put(connection: Connection, row: PrivateRow) -> bool:
    """Keep a row's newest version; False where another of this version, or a newer one, stands.

    The one who is told False read an older version, and must look again before changing it.
    """
    if added(connection, private_rows, asdict(row)):
        return True
    here = _here(row.lot, row.kind, row.id)
    older = here & (private_rows.c.version < row.version)
    done = connection.execute(
        update(private_rows).where(older).values(version=row.version, box=row.box)
    )
    return done.rowcount == 1 or found(connection, row.lot, row.kind, row.id) == row


def found(connection: Connection, lot: bytes, kind: str, id_: bytes) -> PrivateRow | None:
    """Return a row."""
    row = connection.execute(select(private_rows).where(_here(lot, kind, id_))).one_or_none()
    return None if row is None else PrivateRow(*row)


def page(
    connection: Connection, lot: bytes, kind: str, *, after: bytes = b"", most: int
) -> list[PrivateRow]:
    """Return rows of a kind by id, those behind `after`; fewer than `most` are the last."""
    here = (private_rows.c.lot == lot) & (private_rows.c.kind == kind)
    query = select(private_rows).where(here, private_rows.c.id > after)
    rows = connection.execute(query.order_by(private_rows.c.id).limit(most))
    return [PrivateRow(*row) for row in rows]


def drop(connection: Connection, lot: bytes, kind: str, id_: bytes) -> None:
    """Let a row go."""
    connection.execute(delete(private_rows).where(_here(lot, kind, id_)))


def _here(lot: bytes, kind: str, id_: bytes) -> ColumnElement[bool]:
    return (private_rows.c.lot == lot) & (private_rows.c.kind == kind) & (private_rows.c.id == id_)
