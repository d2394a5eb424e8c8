"""The campaign `otp` in short."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaigns import otp
from tests.server.keys.holder.running import House, house


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as found:
        yield found


def test_a_raced_code_lets_one_in(home: House) -> None:
    assert otp.raced(home, 20).holds


def test_a_code_that_let_somebody_in_never_does_again_whoever_is_killed(home: House) -> None:
    assert otp.killed(home, 4).holds


def test_guessing_over_restarts_gets_five_tries(home: House) -> None:
    assert otp.forced(home, 9).holds


def test_a_code_that_nobody_remembers_would_pass_twice(home: House) -> None:
    assert otp.control(home)
