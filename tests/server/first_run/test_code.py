"""The set-up code lets one browser in, once; whoever guesses meets another code."""

from __future__ import annotations

from pathlib import Path

import pytest

from lot.web.problems import Problem
from server.first_run.code import WRONG_MAX, SetUpCode


@pytest.fixture
def shown() -> list[str]:
    return []


@pytest.fixture
def code(tmp_path: Path, shown: list[str]) -> SetUpCode:
    return SetUpCode(tmp_path / "setup-code", shown.append)


def refused(code: SetUpCode, typed: str) -> bool:
    try:
        code.enter(typed)
    except Problem as problem:
        return problem.code == "setup_code_wrong"
    return False


def test_it_is_kept_for_its_owner_alone_until_it_was_used(
    code: SetUpCode, shown: list[str], tmp_path: Path
) -> None:
    kept = tmp_path / "setup-code"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text() == f"{shown[0]}\n"
    assert len(shown[0].replace("-", "")) == 16  # 80 bit
    code.check(code.enter(shown[0].lower().replace("-", " ")))
    assert not kept.exists()
    assert refused(code, shown[0])


def test_after_five_wrong_ones_it_is_made_anew(code: SetUpCode, shown: list[str]) -> None:
    for typed in ("", "0000", "not a code", "0000-0000-0000-0000", "U" * 16):
        assert refused(code, typed)
    assert (WRONG_MAX, len(shown)) == (5, 2)
    assert refused(code, shown[0])
    assert code.enter(shown[1])


@pytest.mark.parametrize("token", ["", "-", "a-guess", "é"])
def test_nobody_walks_without_having_entered_it(
    code: SetUpCode, shown: list[str], token: str
) -> None:
    with pytest.raises(Problem):
        code.check(token)
    code.enter(shown[0])
    with pytest.raises(Problem) as refusal:
        code.check(token)
    assert refusal.value.code == "unauthenticated"
