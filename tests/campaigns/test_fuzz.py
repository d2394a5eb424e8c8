"""The campaign `fuzz` in short, and that a decoder which breaks is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaigns import fuzz
from tests.server.databases import servers
from tests.server.standing import standing

pytestmark = pytest.mark.long


def test_whatever_a_decoder_is_fed_it_ends_with_an_error_of_ours() -> None:
    assert fuzz.decoders(60, number=5).wrong == []


def test_a_decoder_that_breaks_is_found() -> None:
    (found,) = fuzz.decoders(60, 5, {"broken": lambda data: 1 // (len(data) % 2)}).wrong[:1]
    assert found.startswith("broken: ZeroDivisionError")


def test_no_request_of_the_document_meets_a_fault(tmp_path: Path) -> None:
    with servers() as start, standing(tmp_path, start("mariadb").new()) as house:
        assert fuzz.socket_fed(house, 60, number=5).wrong == []
        assert fuzz.requests(house, 1, number=5).wrong == []
