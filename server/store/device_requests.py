"""Browsers that ask to be approved: a number on both screens, ten minutes, ten at most."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from sqlalchemy import Connection, delete, select

from lot.errors import Refused
from server.store.adding import added
from server.store.tables import SERVER, device_requests

WAITING_MAX = 10
WAITS_US = 10 * 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """What one browser asks."""

    id: bytes
    number: str
    name: str
    key_hash: bytes = field(repr=False)
    address: str
    asked: int


def add(connection: Connection, request: DeviceRequest) -> None:
    """Keep a request; Refused where ten wait, or one with the same number. Old ones go."""
    drop_old(connection, request.asked)
    others = [one for one in waiting(connection, request.asked) if one.id != request.id]
    if len(others) >= WAITING_MAX or any(one.number == request.number for one in others):
        raise Refused("too many browsers wait to be approved", then="ask again in ten minutes")
    added(connection, device_requests, {"lot": SERVER, **asdict(request)})


def waiting(connection: Connection, now: int) -> list[DeviceRequest]:
    """Return who waits, the first first."""
    live = (device_requests.c.lot == SERVER) & (device_requests.c.asked > now - WAITS_US)
    query = select(*_COLUMNS).where(live)
    rows = connection.execute(query.order_by(device_requests.c.asked, device_requests.c.id))
    return [DeviceRequest(*row) for row in rows]


def found(connection: Connection, id_: bytes, now: int) -> DeviceRequest | None:
    """Return a request that still waits."""
    return next((one for one in waiting(connection, now) if one.id == id_), None)


def drop(connection: Connection, id_: bytes) -> None:
    """Let a request go: approved, refused or taken back."""
    here = (device_requests.c.lot == SERVER) & (device_requests.c.id == id_)
    connection.execute(delete(device_requests).where(here))


def drop_old(connection: Connection, now: int) -> None:
    """Let requests go that waited ten minutes."""
    old = (device_requests.c.lot == SERVER) & (device_requests.c.asked <= now - WAITS_US)
    connection.execute(delete(device_requests).where(old))


_COLUMNS = tuple(column for column in device_requests.c if column.name != "lot")
