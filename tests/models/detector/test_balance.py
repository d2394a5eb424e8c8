"""Rare kinds, small sets and narrow plates are shown oftener, and whoever asks gets them."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
import pytest

from edge.values import Box
from models.detector.balance import show_by_weight, shown
from models.detector.data import BOX_COLUMNS, PICTURE_COLUMNS, Prepared, box_row

WIDE, NARROW = Box(0.1, 0.1, 0.2, 0.15), Box(0.1, 0.1, 0.14, 0.12)  # 64 and 26 of 640 pixels


def prepared(tmp_path: Path) -> Prepared:
    held = ("s", "held", str(tmp_path / "held.png"), 1280, 720, "held", "s/held")
    rows = [
        ("s", f"{n}", str(tmp_path / f"{n}.png"), 1280, 720, "train", f"s/{n}") for n in range(20)
    ]
    boxes = [box_row(f"{n}", "plate", WIDE, "set") for n in range(19)]
    boxes += [box_row("19", "plate", NARROW, "set"), box_row("18", "motorcycle", WIDE, "coco")]
    return Prepared(
        pd.DataFrame([*rows, held], columns=list(PICTURE_COLUMNS)),
        pd.DataFrame(boxes, columns=list(BOX_COLUMNS)),
    )


def test_a_rare_kind_and_a_narrow_plate_are_shown_oftener_and_nothing_of_the_held_side(
    tmp_path: Path,
) -> None:
    found = shown(prepared(tmp_path), 0.5)
    links = []
    for number in range(20):
        links.append(str(tmp_path / f"link{number}"))
        Path(links[-1]).symlink_to(tmp_path / f"{number}.png")
    weights = found.weights_of(links)
    assert weights[18] == weights[19] > 2 * weights[0]
    assert len(found.paths) == 20
    assert set(found.balance.plain) == {"set s", "plate", "motorcycle", "narrow plate"}


def test_whichever_place_the_trainer_asks_for_it_gets_pictures_by_weight() -> None:
    class Dataset:
        def get_image_and_label(self, place: int) -> int:
            return place

    dataset = Dataset()
    show_by_weight(dataset, [0.9, 0.1, 0.0])
    random.seed(5)
    given = [dataset.get_image_and_label(2) for _ in range(400)]
    assert given.count(0) / 400 == pytest.approx(0.9, abs=0.06)
    assert 2 not in given
