"""A vault for the tests of rooms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server.api.vaulted import Vaulted, vaulted
from tests.server.databases import Server


@pytest.fixture
def vault(tmp_path: Path, database_servers: Callable[[str], Server]) -> Iterator[Vaulted]:
    """Unlocked, with a lot, its edge and nothing else."""
    with vaulted(tmp_path, database_servers("sqlite").new()) as found:
        yield found
