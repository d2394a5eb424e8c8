"""Which boxes are added to what the sets give."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from edge.values import Box, Detection, Image, Kind
from models.detector.data import BOX_COLUMNS, PICTURE_COLUMNS, Prepared, box_row
from models.detector.pseudo import own_boxes, unlabelled, without_vehicles

GIVEN = Box(0.4, 0.5, 0.6, 0.6)
FAR = Box(0.1, 0.1, 0.15, 0.12)


class Seeing:
    """A detector that sees the same everywhere."""

    def __init__(self, *found: Detection) -> None:
        self._found = list(found)

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        return [self._found for _ in images]


def found(box: Box, score: float, kind: Kind = "plate") -> Detection:
    return Detection(box, kind, score)


def prepared(tmp_path: Path, rows: list[tuple[str, str, str]]) -> Prepared:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), np.zeros((20, 40, 3), np.uint8))
    pictures = [
        (source, name, str(path), 40, 20, side, f"{source}/{name}") for source, name, side in rows
    ]
    boxes = [box_row(name, "plate", GIVEN, "set") for _, name, _ in rows]
    return Prepared(
        pd.DataFrame(pictures, columns=list(PICTURE_COLUMNS)),
        pd.DataFrame(boxes, columns=list(BOX_COLUMNS)),
    )


def test_a_plate_already_given_is_not_added_again() -> None:
    nearly = Box(0.41, 0.5, 0.62, 0.6)
    assert list(unlabelled([GIVEN], [found(nearly, 0.99)])) == []


def test_only_sure_plates_are_added_and_each_once() -> None:
    seen = [found(FAR, 0.95), found(FAR, 0.9), found(Box(0.8, 0.8, 0.9, 0.9), 0.6)]
    assert list(unlabelled([GIVEN], [*seen, found(Box(0, 0, 1, 1), 0.9, "car")])) == [FAR]


def test_the_held_side_keeps_what_people_gave_it(tmp_path: Path) -> None:
    tables = prepared(tmp_path, [("s", "learned", "train"), ("s", "kept", "held")])
    added = own_boxes(tables, Seeing(found(FAR, 0.9)))
    assert list(added["picture"]) == ["learned"]
    assert set(added["by"]) == {"own"}


def test_a_set_that_draws_vehicles_is_complete_also_where_a_picture_shows_none(
    tmp_path: Path,
) -> None:
    tables = prepared(
        tmp_path,
        [("photos", "p", "train"), ("drawn", "with", "train"), ("drawn", "without", "train")],
    )
    car = pd.DataFrame([box_row("with", "car", GIVEN, "set")])
    complete = Prepared(tables.pictures, pd.concat([tables.boxes, car]))
    assert [name for name, _ in without_vehicles(complete)] == ["p"]
