"""A figure is judged by its goal, and a missed goal is the command's exit status."""

from __future__ import annotations

import argparse
import json

import pytest

from benchmarks.__main__ import told
from benchmarks.figure import Figure, a_folder, figure, main, table
from lot.errors import WrongUsage


@pytest.mark.parametrize(
    ("value", "goal", "holds"),
    [
        (5.0, ">= 5", True),
        (4.99, ">= 5", False),
        (1.3, "<= 1.3", True),
        (1.31, "<= 1.3", False),
        (0.0, "<= 0", True),
        (None, ">= 10", None),
        (17.0, "", True),
    ],
)
def test_a_value_holds_by_its_goal(value: float | None, goal: str, holds: bool | None) -> None:
    assert figure("speed", value, "times", goal, "against nothing").holds is holds


def ran(
    capsys: pytest.CaptureFixture[str], values: list[float | None], *words: str
) -> tuple[int, str]:
    def measure(_: argparse.Namespace) -> list[Figure]:
        return [figure(f"speed {n}", v, "times", ">= 2", "said") for n, v in enumerate(values)]

    status = main(measure, argv=list(words))
    return status, capsys.readouterr().out


def test_a_missed_goal_is_exit_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(capsys, [3.0, 1.0])[0] == 1
    assert ran(capsys, [3.0, 2.0])[0] == 0


def test_what_could_not_be_measured_breaks_nothing_and_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, out = ran(capsys, [None])
    assert status == 0
    assert "not run" in out


def test_the_last_line_with_json_is_every_field_of_every_figure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, out = ran(capsys, [3.0, None], "--json")
    told = json.loads(out.splitlines()[-1])
    assert [Figure(**one).value for one in told] == [3.0, None]
    assert set(told[0]) == {"name", "value", "unit", "goal", "holds", "baseline", "machine"}


def test_an_error_of_ours_is_a_line_and_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    def refuses(_: argparse.Namespace) -> list[Figure]:
        raise WrongUsage("no such clip", then="name one")

    assert main(refuses, argv=[]) == 2
    assert capsys.readouterr().err == "benchmarks: no such clip; name one\n"


def test_the_table_fits_a_terminal() -> None:
    widest = figure("n" * 38, 1234.5, "u" * 8, ">= 0.98", "")
    assert max(map(len, table([widest]).splitlines())) <= 80


@pytest.mark.parametrize("broken", ["", "Traceback\n", "3\n", '[{"name": "x"}]\n', "[1]\n", "{\n"])
def test_a_benchmark_that_broke_off_has_no_figures(broken: str) -> None:
    assert told(broken) == []


def test_a_benchmarks_last_line_is_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = ran(capsys, [3.0, None], "--json")
    assert [one.value for one in told("drawing\n" + out)] == [3.0, None]


def test_a_folder_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def words(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--folder", type=a_folder)

    with pytest.raises(SystemExit) as ended:
        main(lambda _: [], words, ["--folder", "/nowhere/at/all"])
    assert ended.value.code == 2
    assert "/nowhere/at/all is no folder: make it first" in capsys.readouterr().err
