"""What of quantising needs neither onnx nor a GPU; a whole one runs in test_training."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lot.errors import WrongUsage
from models.detector.data import BOX_COLUMNS, PICTURE_COLUMNS, Prepared
from models.detector.measure import PlateFigures
from models.detector.quantising import calibration_pictures, kept_whole, lost, main, quantised


def figures(recall: float) -> PlateFigures:
    return PlateFigures(10, 10, recall, recall, recall, 0, 0.0)


def prepared(learned: int, held: int) -> Prepared:
    sides = ["train"] * learned + ["held"] * held
    rows = [
        ("s", f"{n}.jpg", f"/{side}/{n}.jpg", 9, 9, side, f"s/{n}") for n, side in enumerate(sides)
    ]
    return Prepared(
        pd.DataFrame(rows, columns=list(PICTURE_COLUMNS)), pd.DataFrame(columns=list(BOX_COLUMNS))
    )


def test_the_ends_of_the_head_stay_whole_and_nothing_else() -> None:
    nodes = [
        "/model.0/conv/Conv",
        "/model.23/cv2.0/cv2.0.1/conv/Conv",
        "/model.23/cv2.0/cv2.0.2/Conv",
        "/model.23/cv3.1/cv3.1.2/Conv",
        "/model.23/dfl/conv/Conv",
        "/model.2/cv2.0.2/Conv",
    ]
    assert kept_whole(nodes) == nodes[2:5]


def test_what_is_measured_with_is_never_calibrated_on() -> None:
    chosen = calibration_pictures(prepared(learned=5, held=20), 300, seed=1)
    assert len(chosen) == 5
    assert all(path.parts[1] == "train" for path in chosen)


def test_a_seed_chooses_the_same_pictures() -> None:
    tables = prepared(learned=50, held=3)
    assert calibration_pictures(tables, 7, seed=4) == calibration_pictures(tables, 7, seed=4)


def test_a_loss_is_of_recall() -> None:
    assert lost(figures(0.97), figures(0.95)) == 0.02


def test_too_few_pictures_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="1 pictures are too few to calibrate on; give at least"):
        quantised(tmp_path / "d.onnx", tmp_path / "e.onnx", [tmp_path / "a.jpg"], 640)


def test_a_run_that_was_not_prepared_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(tmp_path), "--network", "d.onnx", "--to", str(tmp_path / "e.onnx")]
    assert main(words) == 3
    assert "run `python -m models.detector prepare` first" in capsys.readouterr().err
