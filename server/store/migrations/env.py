"""Alembic runs this file for every migration."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Engine


def _run() -> None:
    engine: Engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        context.configure(connection=connection, transactional_ddl=engine.name != "mariadb")
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


_run()
