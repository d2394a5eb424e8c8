"""A server with one enrolled edge, on each of the databases or on SQLite alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.store.database import Database
from tests.server.ingest.house import Served


@pytest.fixture
def served(database: Database, tmp_path: Path) -> Served:
    """On SQLite alone."""
    made = Served(database, tmp_path / "state")
    made.enrol()
    return made


@pytest.fixture
def served_on_each(each_database: Database, tmp_path: Path) -> Served:
    """On each of three databases."""
    made = Served(each_database, tmp_path / "state")
    made.enrol()
    return made
