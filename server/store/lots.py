"""The parking lots there are, and how long each keeps what."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, Row, select, update

from lot.errors import WrongUsage
from server.store.adding import added
from server.store.tables import lots


@dataclass(frozen=True, slots=True)
class Lot:
    """A parking lot."""

    lot: bytes
    name: str
    timezone: str
    capacity: int | None
    text_days: int
    picture_days: int
    made: int


def add(connection: Connection, lot: Lot) -> None:
    """Add a lot; WrongUsage where another one has its name."""
    _check_name(connection, lot)
    added(connection, lots, asdict(lot))


def change(connection: Connection, lot: Lot) -> None:
    """Give a lot other values; it stays the same lot."""
    _check_name(connection, lot)
    connection.execute(update(lots).where(lots.c.lot == lot.lot).values(**asdict(lot)))


def found(connection: Connection, lot: bytes) -> Lot | None:
    """Return a lot by its id."""
    row = connection.execute(select(lots).where(lots.c.lot == lot)).one_or_none()
    return None if row is None else _lot(row)


def named(connection: Connection, name: str) -> Lot | None:
    """Return a lot by its name; of two that two machines named alike, the older."""
    query = select(lots).where(lots.c.name == name).order_by(lots.c.made, lots.c.lot)
    row = connection.execute(query).first()
    return None if row is None else _lot(row)


def every(connection: Connection) -> list[Lot]:
    """Return all lots by name."""
    rows = connection.execute(select(lots).order_by(lots.c.name, lots.c.lot))
    return [_lot(row) for row in rows]


def _check_name(connection: Connection, lot: Lot) -> None:
    other = named(connection, lot.name)
    if other is not None and other.lot != lot.lot:
        raise WrongUsage("another lot has this name", then="choose one that no lot has")


def _lot(row: Row[tuple[object, ...]]) -> Lot:
    return Lot(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name begins so
