"""Which form of the tables this code knows, and whether a database has it.

Alembic is not imported here: it costs the web process memory for one number.
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from lot.errors import WrongUsage
from server.store.database import Database

CURRENT = "0001"  # the newest of migrations/versions; four digits, so that they order as text


def check(database: Database) -> None:
    """Raise WrongUsage unless the database has exactly the tables that this code knows."""
    with database.read() as connection:
        found = version(connection)
    if found is None:
        raise WrongUsage("the database has no tables yet", then="run python -m server init")
    if found > CURRENT:
        raise WrongUsage(
            f"the database has form {found}, newer than this program's {CURRENT}",
            then="start the version of the program that it was migrated for",
        )
    if found < CURRENT:
        raise WrongUsage(
            f"the database has form {found}, this program needs {CURRENT}",
            then="make a backup and run python -m server migrate",
        )


def version(connection: Connection) -> str | None:
    """Return the form of the tables there are; None where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)
