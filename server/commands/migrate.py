"""`python -m server migrate`: brings the database to the form that this program knows."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from contextlib import closing

from lot.errors import DONE
from server.commands import asked as common
from server.store import schema
from server.store.database import Database
from server.store.migrations.run import migrate


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("migrate", help="make or change the tables; take a backup first")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Migrate, and say from where to where."""
    with closing(Database.open(common.settings(env).database)) as database:
        before = migrate(database)
    sys.stdout.write(f"the database had form {before or 'none'} and has {schema.CURRENT} now\n")
    return DONE
