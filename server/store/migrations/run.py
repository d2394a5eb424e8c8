"""Brings a database to the form that this code knows. Run in a process of its own."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from lot.errors import WrongUsage
from server.store import schema
from server.store.database import Database


def migrate(database: Database) -> str | None:
    """Make or change the tables; return the form that was there before, None where none was.

    What a power cut ended half way is gone on with by the next run, since MariaDB cannot undo
    half a step.
    """
    with database.read() as connection:
        before = schema.version(connection)
    if before is not None and before > schema.CURRENT:
        raise WrongUsage(
            f"the database has form {before}, newer than this program's {schema.CURRENT}",
            then="start the version of the program that it was migrated for",
        )
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["engine"] = database.engine
    command.upgrade(config, "head")
    return before
