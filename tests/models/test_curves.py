"""A log's numbers are given again in full, and drawn whatever they are."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from lot.errors import Unreadable
from models.curves import drawn, write_curves


def test_a_log_becomes_numbers_and_a_picture_beside_it(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("step, loss\n1,4.5\n2,2.25\n3,nan\n")
    write_curves(log)
    told = json.loads((tmp_path / "curves.json").read_text())
    assert told["step"] == [1, 2, 3]
    assert told["loss"][:2] == [4.5, 2.25]
    assert cv2.imread(str(tmp_path / "curves.png")) is not None


def test_what_falls_is_drawn_falling() -> None:
    falls, rises = drawn({"a": [1.0, 0.0]}), drawn({"a": [0.0, 1.0]})
    assert not np.array_equal(falls, rises)
    left, right = (np.argwhere(falls[18:, at].sum(axis=1) < 600) for at in (12, 880))
    assert left.mean() < right.mean()


@pytest.mark.parametrize("columns", [{}, {"a": []}, {"a": [1.0]}, {"a": [float("nan")]}])
def test_hardly_a_number_is_still_a_picture(columns: dict[str, list[float]]) -> None:
    assert drawn(columns).size


@pytest.mark.parametrize("said", ["a,b\n1,x\n", "a,b\n1\n"])
def test_what_is_no_log_is_named(said: str, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(said)
    with pytest.raises(Unreadable, match="no log of numbers"):
        write_curves(tmp_path / "log.csv")
