"""Rows that the keyholder vouches for: kept and found here, judged there."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, Table, delete, select, update

from server.keys.holder import bodies
from server.keys.holder.calls import Vouched
from server.store.adding import added
from server.store.tables import SERVER, accounts, devices, sessions

_TABLES: dict[bodies.Table, Table] = {
    "accounts": accounts,
    "devices": devices,
    "sessions": sessions,
}


def found(connection: Connection, table: bodies.Table, id_: bytes) -> Vouched | None:
    """Return a row by its id."""
    kept = _TABLES[table]
    row = connection.execute(
        select(kept.c.body, kept.c.mac).where(kept.c.lot == SERVER, kept.c.id == id_)
    ).one_or_none()
    return None if row is None else Vouched(row.body, row.mac)


def some(
    connection: Connection, table: bodies.Table, ids: Collection[bytes]
) -> dict[bytes, Vouched]:
    """Return those of the rows that are there, by their ids."""
    if not ids:
        return {}
    kept = _TABLES[table]
    mine = (kept.c.lot == SERVER, kept.c.id.in_(list(ids)))
    rows = connection.execute(select(kept.c.id, kept.c.body, kept.c.mac).where(*mine))
    return {row.id: Vouched(row.body, row.mac) for row in rows}


def account_named(connection: Connection, name: str) -> Vouched | None:
    """Return the account of a name, as it was typed."""
    row = connection.execute(
        select(accounts.c.body, accounts.c.mac).where(
            accounts.c.lot == SERVER, accounts.c.name == name
        )
    ).one_or_none()
    return None if row is None else Vouched(row.body, row.mac)


def every(connection: Connection, table: bodies.Table) -> list[Vouched]:
    """Return all rows of a table, in the order of their ids."""
    kept = _TABLES[table]
    rows = connection.execute(
        select(kept.c.body, kept.c.mac).where(kept.c.lot == SERVER).order_by(kept.c.id)
    )
    return [Vouched(row.body, row.mac) for row in rows]


def accounts_known(connection: Connection) -> list[bodies.Account]:
    """Return every account as its row says it; to decide by it, the keyholder judges the row."""
    return [bodies.account(row.body) for row in every(connection, "accounts")]


def put(connection: Connection, table: bodies.Table, row: Vouched) -> bool:
    """Keep a row's newest version; False where another of this version, or a newer one, stands.

    The one who is told False read an older version, and must look again before changing it.
    """
    body, kept = bodies.decoded(table, row.body), _TABLES[table]
    values = {"version": body.version, "body": row.body, "mac": row.mac, **_copies(body)}
    if added(connection, kept, {"lot": SERVER, "id": body.id, **values}):
        return True
    older = (kept.c.lot == SERVER) & (kept.c.id == body.id) & (kept.c.version < body.version)
    done = connection.execute(update(kept).where(older).values(values))
    return done.rowcount == 1 or found(connection, table, body.id) == row


def drop(connection: Connection, table: bodies.Table, id_: bytes) -> None:
    """Let a row go."""
    kept = _TABLES[table]
    connection.execute(delete(kept).where(kept.c.lot == SERVER, kept.c.id == id_))


def drop_ended(connection: Connection, before: int) -> None:
    """Let sessions go that ended."""
    connection.execute(delete(sessions).where(sessions.c.lot == SERVER, sessions.c.ends < before))


def _copies(body: bodies.Body) -> dict[str, object]:
    if isinstance(body, bodies.Account):
        return {"name": body.name}
    if isinstance(body, bodies.Session):
        return {"account": body.account, "ends": body.ends}
    return {}
