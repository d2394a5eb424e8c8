"""The campaign `roles` in short."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaigns import roles
from tests.server.databases import servers
from tests.server.standing import standing

pytestmark = pytest.mark.long


def test_everybody_is_let_in_where_the_table_says_and_nowhere_else(tmp_path: Path) -> None:
    with servers() as start, standing(tmp_path, start("mariadb").new()) as house:
        told = roles.campaign(house, 1)
    assert told.wrong == []
    assert told.asked > 500
