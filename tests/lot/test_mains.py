"""Every main ends alike: a status for each ending, and a line for what a person can mend."""

import subprocess
import sys

import pytest

from lot.errors import BUG, NOBODY_READS, STOPPED_BY_HAND, Damaged, WrongSettings, WrongUsage
from lot.mains import Parser, status_of


def raising(error: BaseException) -> int:
    raise error


def test_what_the_work_returns_is_the_status() -> None:
    assert status_of("main", lambda: 1) == 1


def test_an_error_of_ours_is_its_lines_and_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of("main", lambda: raising(Damaged("a is torn", then="copy it"))) == 5
    assert status_of("main", lambda: raising(WrongSettings(["one", "other"]))) == 2
    assert capsys.readouterr().err == "main: a is torn; copy it\nmain: one\nmain: other\n"


def test_a_word_that_a_command_does_not_know_names_the_help_of_that_command() -> None:
    parser = Parser(prog="python -m lot")
    commands = parser.add_subparsers(parser_class=Parser)
    commands.add_parser("list")
    with pytest.raises(WrongUsage, match="--bogus; see python -m lot list --help"):
        parser.parse_args(["list", "--bogus"])


def test_ctrl_c_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of("main", lambda: raising(KeyboardInterrupt())) == STOPPED_BY_HAND
    assert not capsys.readouterr().err


def test_a_bug_is_told_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of("main", lambda: raising(ZeroDivisionError("of a figure"))) == BUG
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_reader_who_has_gone_ends_it_in_silence(lines: int) -> None:
    script = (
        "import sys; from lot.mains import status_of; sys.stdin.read();"
        f"sys.exit(status_of('main', lambda: print('a line\\n' * {lines}) or 0))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.close()
        assert not process.stderr.read()
        assert process.wait() == NOBODY_READS


def test_another_pipe_that_broke_is_a_bug(capfd: pytest.CaptureFixture[str]) -> None:
    assert status_of("main", lambda: raising(BrokenPipeError())) == BUG
    assert "BrokenPipeError" in capfd.readouterr().err
