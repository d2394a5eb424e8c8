"""Every test that asks for a database gets one of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.store.database import Database
from tests.server.api.vaulted import Vaulted, vaulted
from tests.server.databases import KINDS, Server, servers


@pytest.fixture(scope="session")
def database_servers() -> Iterator[Callable[[str], Server]]:
    """What starts a server of a kind when the first test asks for one."""
    with servers() as server:
        yield server


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, database_servers: Callable[[str], Server]) -> str:
    """The URL of a database with every table and no row: the test runs on each of three."""
    kind: str = request.param
    return database_servers(kind).new()


@pytest.fixture
def each_database(database_url: str) -> Iterator[Database]:
    """A database with every table and no row: the test runs on each of three."""
    opened = Database.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
def database(database_servers: Callable[[str], Server]) -> Iterator[Database]:
    """A database with every table and no row, on SQLite alone."""
    opened = Database.open(database_servers("sqlite").new())
    yield opened
    opened.close()


@pytest.fixture
def vault(tmp_path: Path, database_servers: Callable[[str], Server]) -> Iterator[Vaulted]:
    """A vault with its keyholder, unlocked, with a lot, its edge and nothing else."""
    with vaulted(tmp_path, database_servers("sqlite").new()) as found:
        yield found
