"""Which events somebody may speak of: those of the lot, and for some roles today's and inside.

What happened today stands in clear, so an attendant corrects it while the vault is locked too;
whether an older car is inside still, only the keyholder can tell.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from server.access.roles import Limit
from server.keys.holder import calls
from server.keys.holder.client import Keyholder
from server.refusals import NotThere
from server.store import lots
from server.store.database import Database
from server.store.tables import records


def check_reach(
    database: Database,
    keyholder: Keyholder,
    by: calls.Caller,
    lot: bytes,
    events: Sequence[str],
    *,
    limit: Limit,
    midnight: int,
) -> None:
    """Raise NotThere where an event is none of this lot's, or beyond the caller's limit."""
    with database.read() as read:
        if lots.found(read, lot) is None:
            raise NotThere("there is no such lot", then="look at the list of lots")
        newest = _newest(read, lot, events)
    if missing := [one for one in events if one not in newest]:
        raise _not_there(missing[0])
    if limit is not Limit.TODAY_AND_INSIDE:
        return
    for one in events:
        if newest[one] < midnight and not _is_inside(keyholder, by, lot, one):
            raise _not_there(one)


def _newest(read: Connection, lot: bytes, events: Sequence[str]) -> dict[str, int]:
    c = records.c
    wanted = select(c.id, func.max(c.at)).where(c.lot == lot, c.id.in_(list(events)))
    return dict(read.execute(wanted.group_by(c.id)).tuples().all())


def _is_inside(keyholder: Keyholder, by: calls.Caller, lot: bytes, event: str) -> bool:
    return any(row.visit.inside for row in keyholder.visit(calls.OneVisit(by, lot, event)).rows)


def _not_there(event: str) -> NotThere:
    return NotThere(f"event {event} is not there, or you may not see it", then="look for it again")
