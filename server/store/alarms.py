"""What somebody should look at: a forked chain, a rollback, a camera that is blind."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, and_, or_, select, update

from server.store.adding import added
from server.store.tables import alarms


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm; it stands until somebody or something ends it."""

    lot: bytes
    id: bytes
    kind: str
    writer: bytes | None
    camera: str | None
    said: str  # never a plate
    at: int
    ended: int | None = None


def add(connection: Connection, alarm: Alarm) -> bool:
    """Keep an alarm, unless one of this kind, writer and camera stands; say whether it is new."""
    same = [alarms.c.kind == alarm.kind]
    for column, value in ((alarms.c.writer, alarm.writer), (alarms.c.camera, alarm.camera)):
        same.append(column.is_(None) if value is None else column == value)
    stands = select(alarms.c.id).where(alarms.c.lot == alarm.lot, alarms.c.ended.is_(None), *same)
    if connection.execute(stands).first() is not None:
        return False
    return added(connection, alarms, asdict(alarm))


def end(connection: Connection, lot: bytes, id_: bytes, at: int) -> None:
    """End an alarm that stands."""
    here = (alarms.c.lot == lot) & (alarms.c.id == id_) & alarms.c.ended.is_(None)
    connection.execute(update(alarms).where(here).values(ended=at))


def was_ended(connection: Connection, lot: bytes, id_: bytes, at: int) -> bool:
    """Say whether an alarm was ended at this very time, so by whoever asks."""
    here = (alarms.c.lot == lot) & (alarms.c.id == id_) & (alarms.c.ended == at)
    return connection.execute(select(alarms.c.id).where(here)).first() is not None


def end_all(connection: Connection, kind: str, at: int) -> None:
    """End the alarms of a kind that is of the whole server, in every lot."""
    here = (alarms.c.kind == kind) & alarms.c.writer.is_(None) & alarms.c.ended.is_(None)
    connection.execute(update(alarms).where(here).values(ended=at))


def standing(connection: Connection, lot: bytes) -> list[Alarm]:
    """Return what has not ended, the newest first."""
    query = select(alarms).where(alarms.c.lot == lot, alarms.c.ended.is_(None))
    rows = connection.execute(query.order_by(alarms.c.at.desc(), alarms.c.id.desc()))
    return [Alarm(*row) for row in rows]


def page(
    connection: Connection, lot: bytes, *, behind: Alarm | None = None, most: int
) -> list[Alarm]:
    """Return alarms, the newest first, those behind one; fewer than `most` are the last."""
    query = select(alarms).where(alarms.c.lot == lot)
    if behind is not None:
        at_once = and_(alarms.c.at == behind.at, alarms.c.id < behind.id)
        query = query.where(or_(alarms.c.at < behind.at, at_once))
    rows = connection.execute(query.order_by(alarms.c.at.desc(), alarms.c.id.desc()).limit(most))
    return [Alarm(*row) for row in rows]
