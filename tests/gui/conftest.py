"""A browser, the page and a vault behind it: real processes on loopback, nothing mocked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from server.store.database import Database
from tests.gui.browsing import Screen, screen
from tests.gui.served import page
from tests.gui.vault import Vault, vault
from tests.server.databases import Server, servers

WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}


@pytest.fixture(scope="session")
def start_database() -> Iterator[Callable[[str], Server]]:
    """What starts a server of a kind when the first test asks for one."""
    with servers() as server:
        yield server


@pytest.fixture(scope="module")
def home(
    tmp_path_factory: pytest.TempPathFactory, start_database: Callable[[str], Server]
) -> Iterator[Vault]:
    """A vault that the tests of a module share, before which the page runs."""
    database = Database.open(start_database("mariadb").new())
    with vault(tmp_path_factory.mktemp("vault"), database) as found:
        yield found
    database.close()


@pytest.fixture(scope="module")
def address(home: Vault, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the page listens."""
    with page(home.url, tmp_path_factory.mktemp("gui") / "log") as found:
        yield found


@pytest.fixture(params=WIDTHS)
def browsed(
    request: pytest.FixtureRequest, chromium: Browser, home: Vault, address: str
) -> Iterator[Screen]:
    """A screen whose owner is signed in; whatever it says in its console fails the test."""
    with screen(chromium, address, WIDTHS[request.param]) as found:
        found.signed_in(home.session)
        yield found
