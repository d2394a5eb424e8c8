"""How far a right goes where it does not go all the way: today, and what is inside.

Midnight is that of the keyholder's own setting: a zone that the web process names would move it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from contract.plates import normalise
from lot.clock import now_us
from lot.errors import Refused
from lot.times import midnight
from server.index.asked import INSIDE_ONLY, LIMIT_MAX, Query, Scope
from server.index.index import Index
from server.keys.holder.desk import Desk
from server.keys.holder.refusals import NotReady


@contextmanager
def index(desk: Desk, lot: bytes | None = None) -> Iterator[Index]:
    """Give the index to one thread at a time; Locked, or NotReady where none was begun yet."""
    _ = desk.vault
    with desk.safe.index_lock:
        found = desk.safe.index
        if found is None or (lot is not None and lot not in desk.safe.indexed_lots):
            raise NotReady("the index is not begun for this lot", then="wait until it is built")
        yield found


def since_midnight(desk: Desk) -> int:
    """Return when today began, µs UTC."""
    return midnight(now_us(), desk.zone)


def is_inside(desk: Desk, lot: bytes, event: str) -> bool:
    """Say whether an event is of a car that is inside; of nobody's, where no index is begun."""
    with suppress(Refused), index(desk, lot) as known:
        found = known.visit(Scope(frozenset([lot]), INSIDE_ONLY), event)
        return found is not None and found.lot == lot
    return False


def plates_inside(desk: Desk, lot: bytes) -> set[str]:
    """Return the plates of a lot's cars that are inside."""
    found: set[str] = set()
    scope = Scope(frozenset([lot]), INSIDE_ONLY)
    query = Query(lots=frozenset([lot]), side="in", limit=LIMIT_MAX)
    with index(desk, lot) as known:
        while True:
            page = known.search_visits(scope, query)
            found |= {normalise(row.visit.plate) for row in page.rows if row.visit.plate}
            if page.cursor is None:
                return found
            query = replace(query, cursor=page.cursor)
