"""What ticket links show, each under a key that only its link gives."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from sqlalchemy import Connection, delete, select, update

from server.store.adding import added
from server.store.tables import ticket_faces


@dataclass(frozen=True, slots=True)
class TicketFace:
    """A face as it lies there."""

    lot: bytes
    id: bytes
    box: bytes = field(repr=False)


def put(connection: Connection, face: TicketFace) -> None:
    """Keep what a ticket's link shows from now on."""
    if added(connection, ticket_faces, asdict(face)):
        return
    here = (ticket_faces.c.lot == face.lot) & (ticket_faces.c.id == face.id)
    connection.execute(update(ticket_faces).where(here).values(box=face.box))


def found(connection: Connection, id_: bytes) -> TicketFace | None:
    """Return a face by its ticket, of whichever lot: its link names none."""
    row = connection.execute(select(ticket_faces).where(ticket_faces.c.id == id_)).first()
    return None if row is None else TicketFace(*row)


def drop(connection: Connection, lot: bytes, id_: bytes) -> None:
    """Let a link show nothing any more."""
    here = (ticket_faces.c.lot == lot) & (ticket_faces.c.id == id_)
    connection.execute(delete(ticket_faces).where(here))
