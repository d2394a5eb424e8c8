"""A row is added once, however often its transaction is repeated."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table, and_, insert, literal, select


def added(connection: Connection, table: Table, row: Mapping[str, object]) -> bool:
    """Add a row unless one of its primary key stands; say whether it was new.

    Two that add it at the same moment meet at the key, and the loser's repeat finds it here.
    """
    here = and_(*(column == row[column.name] for column in table.primary_key.columns))
    if connection.execute(select(literal(1)).select_from(table).where(here)).first() is not None:
        return False
    connection.execute(insert(table).values(**row))
    return True
