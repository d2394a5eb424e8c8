"""The campaign `properties` in short."""

from pathlib import Path

import pytest

from tests.campaigns import properties

HOLDS = """\
from hypothesis import given, strategies

@given(strategies.integers())
def test_a_number_is_itself(number: int) -> None:
    assert number == number
"""


@pytest.fixture(autouse=True)
def profiles(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((properties.TESTS / "conftest.py").read_text())


def test_a_property_that_holds_passes(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text(HOLDS)
    assert properties.main(["--rounds", "1", str(tmp_path)]) == 0


def test_one_that_does_not_is_found_and_its_seed_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_one.py").write_text(HOLDS.replace("number == number", "number < 1000"))
    assert properties.main(["--rounds", "2", "--seed", "7", str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert "seed 7: " in told
    assert "assert 1000 < 1000" in told
