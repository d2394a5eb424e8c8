"""Lots are added and changed, each change with its line in the audit."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass

from sqlalchemy import Connection

from contract.head import ID_BYTES
from lot import times
from lot.errors import WrongUsage
from server.access.ledger import Ledger
from server.people.naming import check_name
from server.refusals import NotThere
from server.store import lots
from server.store.database import Database
from server.store.lots import Lot

CAPACITY_MAX = 1_000_000
DAYS_MAX = 3660  # ten years


@dataclass(frozen=True, slots=True)
class New:
    """A lot as somebody wants it."""

    name: str
    timezone: str
    capacity: int | None
    text_days: int
    picture_days: int


@dataclass(frozen=True, slots=True)
class LotKeeping:
    """Adds and changes lots for who may; asking that is the caller's."""

    database: Database
    ledger: Ledger
    now: Callable[[], int]  # µs UTC

    def every(self) -> list[Lot]:
        """Return all lots by name."""
        with self.database.read() as read:
            return lots.every(read)

    def add(self, actor: bytes, new: New) -> Lot:
        """Add a lot; WrongUsage where another one has its name."""
        check(new)
        made = Lot(secrets.token_bytes(ID_BYTES), **asdict(new), made=self.now())

        def work(write: Connection) -> None:
            if lots.found(write, made.lot) is not None:
                return  # a commit whose answer was lost
            lots.add(write, made)
            self.ledger.line(write, "lot_added", asdict(new), lot=made.lot, actor=actor)

        self.database.write(work)
        return made

    def change(self, actor: bytes, lot: bytes, edit: Callable[[Lot], Lot]) -> Lot:
        """Keep what `edit` makes of a lot, and return it."""

        def work(write: Connection) -> Lot:
            known = lots.found(write, lot)
            if known is None:
                raise NotThere("there is no such lot", then="look at the list of lots")
            new = edit(known)
            check(new)
            lots.change(write, new)
            before = asdict(known)
            changed = {name: one for name, one in asdict(new).items() if one != before[name]}
            self.ledger.line(write, "lot_changed", changed, lot=lot, actor=actor)
            return new

        return self.database.write(work)


def check(lot: New | Lot) -> None:
    """Raise WrongUsage for a lot that cannot be."""
    times.zone(lot.timezone)
    check_name(lot.name)
    check_numbers(lot.capacity, text_days=lot.text_days, picture_days=lot.picture_days)


def check_numbers(capacity: int | None, *, text_days: int, picture_days: int) -> None:
    """Raise WrongUsage for a capacity or days that cannot be."""
    if capacity is not None and not 0 <= capacity <= CAPACITY_MAX:
        raise WrongUsage(
            f"a capacity is from 0 to {CAPACITY_MAX} cars", then="leave it out if unknown"
        )
    if not 1 <= picture_days <= text_days <= DAYS_MAX:
        raise WrongUsage(
            f"events are kept from 1 to {DAYS_MAX} days, and pictures no longer than events",
            then="name other days",
        )
