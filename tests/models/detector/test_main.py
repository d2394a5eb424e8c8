"""The steps' words and exit statuses, as far as they need no torch."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.values import KINDS
from models.detector.__main__ import PREPARED, main
from models.detector.data import read_tables
from models.split import by_picture, split_told


def test_drawn_pictures_are_prepared_without_any_other_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert main(["draw", str(run), "--pictures", "3", "--seed", "2"]) == 0
    assert main(["prepare", str(run), str(run / "drawings")]) == 0
    assert "3 pictures" in capsys.readouterr().out
    assert (run / "data.yaml").is_file()
    assert (run / "drawings/drawn/classes.txt").read_text().split() == list(KINDS)


def test_a_run_that_knows_the_readers_plates_is_split_together_and_they_choose_nothing(
    tmp_path: Path,
) -> None:
    taught = next(number for number in range(99) if not by_picture(f"gate/{number}"))
    only_measures = "ar_cnn_ocr_lp"  # of this set the reader holds every plate
    for folder in (tmp_path / "data/gate/images", tmp_path / "data/gate/labels"):
        folder.mkdir(parents=True)
    cv2.imwrite(str(tmp_path / f"data/gate/images/{taught}.png"), np.zeros((9, 9, 3), np.uint8))
    (tmp_path / f"data/gate/labels/{taught}.txt").write_text("0 0.5 0.5 0.4 0.2\n")
    header = "file,text,region,state,note,picture\n"
    for source, picture in (("gate", taught), (only_measures, "")):
        (tmp_path / source).mkdir()
        (tmp_path / source / "truth.csv").write_text(f"{header}1.png,AB123,AR,,,{picture}\n")
    run = tmp_path / "run"
    crops = [str(tmp_path / source) for source in ("gate", only_measures)]
    assert main(["prepare", str(run), str(tmp_path / "data"), "--crops", *crops]) == 0
    assert split_told(run / PREPARED) == "together"
    assert list(read_tables(run).pictures["side"]) == ["held"]
    assert list((run / "train/images").iterdir()) == list((run / "held/images").iterdir()) == []


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
