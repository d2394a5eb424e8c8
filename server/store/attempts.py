"""A row a try, summed and trimmed: so a limit holds over a restart and on two machines."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select

from server.store.adding import added
from server.store.tables import SERVER, attempts


@dataclass(frozen=True, slots=True)
class Attempt:
    """That somebody tried something: `who` is a hash, of a person or an address."""

    door: str
    who: bytes
    id: bytes
    at: int


def noted(connection: Connection, attempt: Attempt, since: int) -> int:
    """Keep a try; return how many there were since then, this one among them.

    Tries of one moment do not see one another: a limit is passed by as many as run at once.
    """
    row = {"lot": SERVER, "door": attempt.door, "who": attempt.who, "id": attempt.id}
    added(connection, attempts, {**row, "at": attempt.at})
    theirs = (attempts.c.door == attempt.door) & (attempts.c.who == attempt.who)
    here = (attempts.c.lot == SERVER) & theirs & (attempts.c.at >= since)
    return int(connection.execute(select(func.count()).where(here)).scalar_one())


def trim(connection: Connection, before: int) -> None:
    """Forget all tries older than that."""
    old = (attempts.c.lot == SERVER) & (attempts.c.at < before)
    connection.execute(delete(attempts).where(old))
