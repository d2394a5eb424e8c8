"""Rules of who is told of what: in clear, since they name no plate."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal, get_args

from sqlalchemy import ColumnElement, Connection, delete, select, update

from server.store.adding import added
from server.store.tables import notify_rules

Kind = Literal["listed", "overstay", "full", "blind", "silent", "alarm"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Rule:
    """Of what somebody is told, over which channel, and how long it is quiet afterwards.

    It names no plate: the lists do, and they lie sealed.
    """

    lot: bytes
    id: bytes
    kind: Kind
    channel: str
    hours: int | None  # of an overstay; no other kind has any
    quiet_minutes: int
    language: str  # that its messages are in
    plates: bool  # whether plates leave in clear, while the vault is open
    told: int | None  # up to when alarms and fullness were told; what plates tell is never kept
    made: int


def add(connection: Connection, rule: Rule) -> bool:
    """Keep a new rule; say whether it is new."""
    return added(connection, notify_rules, asdict(rule))


def change(connection: Connection, rule: Rule) -> None:
    """Give a rule other values; it stays the same rule."""
    connection.execute(update(notify_rules).where(_here(rule.lot, rule.id)).values(**asdict(rule)))


def told(connection: Connection, rule: Rule, until: int) -> None:
    """Keep up to when a rule has told."""
    here = _here(rule.lot, rule.id)
    connection.execute(update(notify_rules).where(here).values(told=until))


def found(connection: Connection, lot: bytes, id_: bytes) -> Rule | None:
    """Return a rule."""
    row = connection.execute(select(notify_rules).where(_here(lot, id_))).one_or_none()
    return None if row is None else Rule(*row)


def of_lot(connection: Connection, lot: bytes) -> list[Rule]:
    """Return the rules of a lot, the oldest first."""
    wanted = select(notify_rules).where(notify_rules.c.lot == lot)
    rows = connection.execute(wanted.order_by(notify_rules.c.made, notify_rules.c.id))
    return [Rule(*row) for row in rows]


def drop(connection: Connection, lot: bytes, id_: bytes) -> None:
    """Let a rule go."""
    connection.execute(delete(notify_rules).where(_here(lot, id_)))


def _here(lot: bytes, id_: bytes) -> ColumnElement[bool]:
    return (notify_rules.c.lot == lot) & (notify_rules.c.id == id_)
