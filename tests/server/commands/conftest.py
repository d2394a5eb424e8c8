"""What the tests of commands stand on."""

from pathlib import Path

import pytest

from tests.server.api.vaulted import Vaulted
from tests.server.commands.console import Console, console_of


@pytest.fixture
def console(vault: Vaulted, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Console:
    """The console of an open vault with a lot and its edge."""
    return console_of(vault, tmp_path, capsys)
