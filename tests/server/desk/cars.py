"""Visits and rows as the desk's rules see them."""

from __future__ import annotations

from datetime import datetime, timezone

from contract.digest import H
from contract.ids import uuid7
from lot import times
from server.desk.values import Booking, Known, Ticket
from server.visits.values import Visit

NOON = times.microseconds(datetime(2026, 5, 4, 12, 0, tzinfo=timezone.utc))
MINUTE = 60_000_000
HOUR = 60 * MINUTE


def visit(plate: str | None, came: int = NOON, left: int | None = None, number: int = 1) -> Visit:
    entry = uuid7(came, number)
    return Visit(plate, entry, None if left is None else uuid7(left, 9), came, left, 990, ())


def booking(
    plate: str | None = "8ABC123",
    begins: int = NOON,
    hours: int = 4,
    *,
    name: str = "Ortiz",
    state: str = "expected",
    event: str | None = None,
    number: int = 1,
) -> Booking:
    id_ = bytes([number]) * 16
    ends = begins + hours * HOUR
    return Booking(id_, 1, name, None, None, plate, begins, ends, None, state, event, None)


def known(plate: str, begins: int | None = None, ends: int | None = None) -> Known:
    return Known(b"k" * 16, 1, "blocked", plate, None, begins, ends, alarm=True, note=None)


def ticket(event: str, **words: str | None) -> Ticket:
    plain = dict.fromkeys(("name", "phone", "mail", "looks", "bay", "key", "note"))
    return Ticket(
        id=H(event.encode())[:16],
        version=1,
        event=event,
        came=NOON,
        plate=None,
        booking=None,
        called=None,
        handed=None,
        said=None,
        **{**plain, **words},
    )
