"""The tables, and that a migrated database has exactly them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Table, UniqueConstraint, inspect, text

from lot.errors import WrongUsage
from server.store import migrations, schema
from server.store.database import Database
from server.store.migrations.run import migrate
from server.store.tables import tables

OF_THE_SERVER = {"audit_lines"}  # one chain a node, over all its lots
EVERY_TABLE = pytest.mark.parametrize("table", tables.tables.values(), ids=str)


@EVERY_TABLE
def test_lot_stands_first_in_every_key(table: Table) -> None:
    if table.name in OF_THE_SERVER:
        return
    unique = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    keys = [list(table.primary_key.columns), *(list(c.columns) for c in unique)]
    keys += [list(index.columns) for index in table.indexes if index.unique]
    assert [key[0].name for key in keys] == ["lot"] * len(keys)


@EVERY_TABLE
def test_no_table_refers_or_counts_up(table: Table) -> None:
    assert table.primary_key.columns
    assert not table.foreign_keys
    assert table.autoincrement_column is None
    assert all(c.server_default is None and c.default is None for c in table.columns)


def test_a_migrated_database_has_exactly_the_tables(each_database: Database) -> None:
    with each_database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables) == []


def test_a_migrated_database_has_exactly_the_keys(each_database: Database) -> None:
    with each_database.read() as connection:
        found = inspect(connection)
        for table in tables.tables.values():
            key = found.get_pk_constraint(table.name)["constrained_columns"]
            assert key == [column.name for column in table.primary_key.columns]


def test_the_code_knows_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.CURRENT


def test_migrating_again_changes_nothing(each_database: Database) -> None:
    assert migrate(each_database) == schema.CURRENT
    schema.check(each_database)


def test_a_migration_that_was_cut_off_is_gone_on_with(each_database: Database) -> None:
    with each_database.engine.begin() as half:
        half.execute(text("DELETE FROM alembic_version"))
        half.execute(text("DROP TABLE alarms"))
    migrate(each_database)
    schema.check(each_database)
    with each_database.read() as connection:
        assert inspect(connection).has_table("alarms")


@pytest.mark.parametrize(("form", "said"), [("9999", "newer"), ("0000", "migrate")])
def test_another_form_is_refused_by_name(database: Database, form: str, said: str) -> None:
    other = text("UPDATE alembic_version SET version_num = :form")
    database.write(lambda c: c.execute(other, {"form": form}))
    with pytest.raises(WrongUsage, match=said):
        schema.check(database)


def test_a_newer_form_is_not_migrated(database: Database) -> None:
    database.write(lambda c: c.execute(text("UPDATE alembic_version SET version_num='9999'")))
    with pytest.raises(WrongUsage, match="newer"):
        migrate(database)


def test_an_empty_database_is_sent_to_init(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    with pytest.raises(WrongUsage, match="init"):
        schema.check(database)
    database.close()


def test_the_web_process_does_not_load_alembic() -> None:
    code = "import sys, server.store.schema; sys.exit('alembic' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env=dict(os.environ))
