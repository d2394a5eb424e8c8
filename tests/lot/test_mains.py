"""Every main ends alike: a status for each ending, and a line for what a person can mend."""

import pytest

from lot.errors import BUG, STOPPED_BY_HAND, Damaged, WrongSettings
from lot.mains import status_of


def raising(error: BaseException) -> int:
    raise error


def test_what_the_work_returns_is_the_status() -> None:
    assert status_of("main", lambda: 1) == 1


def test_an_error_of_ours_is_its_lines_and_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of("main", lambda: raising(Damaged("a is torn", then="copy it"))) == 5
    assert status_of("main", lambda: raising(WrongSettings(["one", "other"]))) == 2
    assert capsys.readouterr().err == "main: a is torn; copy it\nmain: one\nmain: other\n"


def test_ctrl_c_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of("main", lambda: raising(KeyboardInterrupt())) == STOPPED_BY_HAND
    assert not capsys.readouterr().err


def test_a_bug_is_told_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of("main", lambda: raising(ZeroDivisionError("of a figure"))) == BUG
    assert "Traceback" in capsys.readouterr().err
