"""The folders that the trainer reads."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from models.detector.data import Prepared, gather
from models.detector.layout import lay_out


def a_set(data: Path) -> Prepared:
    (data / "s/images").mkdir(parents=True)
    (data / "s/labels").mkdir()
    for number in range(30):
        cv2.imwrite(str(data / f"s/images/{number}.png"), np.zeros((20, 40, 3), np.uint8))
        (data / f"s/labels/{number}.txt").write_text("0 0.5 0.5 0.2 0.1\n")
    return gather([data])


def names(folder: Path) -> set[str]:
    return {path.stem for path in folder.iterdir()}


def test_every_picture_is_linked_on_its_side_with_its_boxes_beside(tmp_path: Path) -> None:
    tables = a_set(tmp_path / "data")
    described = json.loads(lay_out(tables, tmp_path / "run").read_text())
    train, held = (names(tmp_path / "run" / side / "images") for side in ("train", "held"))
    assert train
    assert held
    assert not train & held
    assert len(train | held) == 30
    assert train == names(tmp_path / "run/train/labels")
    assert all(path.is_symlink() for path in (tmp_path / "run/train/images").iterdir())
    (line,) = next((tmp_path / "run/held/labels").iterdir()).read_text().splitlines()
    assert line.split()[0] == "4"
    assert described["names"]["4"] == "plate"


def test_laid_out_again_nothing_of_the_earlier_split_remains(tmp_path: Path) -> None:
    tables = a_set(tmp_path / "data")
    lay_out(tables, tmp_path / "run")
    swapped = tables.pictures.replace({"side": {"train": "held", "held": "train"}})
    lay_out(Prepared(swapped, tables.boxes), tmp_path / "run")
    train, held = (names(tmp_path / "run" / side / "images") for side in ("train", "held"))
    assert len(train) + len(held) == 30
    assert len(train) < len(held)
