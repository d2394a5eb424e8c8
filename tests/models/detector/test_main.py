"""The steps' words and exit statuses, as far as they need no torch."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.values import KINDS
from models.detector.__main__ import main


def test_drawn_pictures_are_prepared_without_any_other_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert main(["draw", str(run), "--pictures", "3", "--seed", "2"]) == 0
    assert main(["prepare", str(run), str(run / "drawings")]) == 0
    assert "3 pictures" in capsys.readouterr().out
    assert (run / "data.yaml").is_file()
    assert (run / "drawings/drawn/classes.txt").read_text().split() == list(KINDS)


def test_a_folder_without_sets_ends_with_one_line_and_status_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prepare", str(tmp_path / "run"), str(tmp_path)]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("models.detector: no set of pictures below")


def test_nothing_is_released_of_a_run_that_was_never_prepared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = tmp_path / "plate_detector.onnx"
    assert main(["release", str(tmp_path), "--to", str(weights)]) == 3
    assert "prepare" in capsys.readouterr().err
    assert not weights.exists()


def test_an_unknown_step_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["bake"])
    assert ended.value.code == 2
    assert "bake" in capsys.readouterr().err
