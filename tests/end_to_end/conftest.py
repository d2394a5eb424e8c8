"""Real databases for whole roads, started when the first test asks for one."""

from collections.abc import Callable, Iterator

import pytest

from tests.server.databases import Server, servers


@pytest.fixture(scope="session")
def database_servers() -> Iterator[Callable[[str], Server]]:
    """What starts a server of a kind when the first test asks for one."""
    with servers() as server:
        yield server
