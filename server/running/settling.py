"""What was noted and never confirmed is looked for in the database, and confirmed where it lies.

A process may end between commit and confirmation. Until the keyholder is shown the row, or told of
it here, the version before counts too: the certificate of an edge that was sent away, the account
of who may not come in any more (server/keys/holder/newest.py has the rule). Nothing is ever let go
here: what is not in the database may be committed still, by whoever noted it this moment.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from contract.digest import H
from server.access.rows import API_ROWS
from server.keys.holder import bodies
from server.keys.holder.calls import GONE, Version
from server.keys.holder.client import Keyholder
from server.store import lots, private_rows, vouched, writers
from server.store.database import Database
from server.store.tables import SERVER

_VOUCHED: Mapping[str, bodies.Table] = {"accounts": "accounts", "devices": "devices"}


def settled(database: Database, keyholder: Keyholder) -> int:
    """Confirm what lies there; return how much of it there was."""
    noted = keyholder.unsettled()
    if not noted:
        return 0
    with database.read() as read:
        there = tuple(one for one in noted if _lies_there(read, one))
    if there:
        keyholder.confirm_versions(there)
    return len(there)


def _lies_there(read: Connection, noted: Version) -> bool:
    """Say whether a row is there with these very bytes; of a deletion, that no row is."""
    found = [H(data) for data in _bytes_of(read, noted) if data is not None]
    return noted.digest in (found or [GONE])


def _bytes_of(read: Connection, noted: Version) -> list[bytes | None]:
    """Return the bytes of each row that is known by this table and id."""
    table, id_ = noted.table, noted.id
    if table == "writers":
        writer = writers.found(read, id_)
        return [None if writer is None else writer.certificate]
    if table == API_ROWS:
        return [writers.api_of(read, id_)]
    if (kind := _VOUCHED.get(table)) is not None:
        row = vouched.found(read, kind, id_)
        return [None if row is None else row.body]
    places = [SERVER, *(one.lot for one in lots.every(read))]
    rows = (private_rows.found(read, lot, table, id_) for lot in places)
    return [None if row is None else row.box for row in rows]
