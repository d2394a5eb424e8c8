"""The card says what is so, and keeps what a person said."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest

from edge.values import Box
from lot.errors import Damaged
from models.detector.card import SOURCES, sources, write_card
from models.detector.data import BOX_COLUMNS, PICTURE_COLUMNS, Prepared, box_row

BOX = Box(0.4, 0.5, 0.6, 0.6)


@pytest.fixture
def tables() -> Prepared:
    pictures = [
        ("plates/openlpr", "a", "a.jpg", 9, 9, "train", "openlpr/a"),
        ("plates/openlpr", "b", "b.jpg", 9, 9, "held", "openlpr/b"),
        ("unheard_of", "c", "c.jpg", 9, 9, "train", "unheard_of/c"),
    ]
    boxes = [
        box_row("a", "plate", BOX, "set"),
        box_row("a", "plate", BOX, "own"),
        box_row("a", "car", BOX, "coco"),
        box_row("c", "bus", BOX, "set"),
    ]
    return Prepared(
        pd.DataFrame(pictures, columns=list(PICTURE_COLUMNS)),
        pd.DataFrame(boxes, columns=list(BOX_COLUMNS)),
    )


def test_each_set_stands_with_its_licence_and_its_counts_by_who_drew_them(
    tables: Prepared,
) -> None:
    known, unknown = sources(tables)
    assert "Apache-2.0" in str(known["licence"])
    assert known["pictures_learned_from"] == known["pictures_held_out"] == 1
    assert known["plates_by_the_set"] == known["plates_found_by_an_earlier_round"] == 1
    assert known["vehicles_by_the_coco_network"] == 1
    assert unknown["licence"] == "not known"
    assert unknown["vehicles_by_the_set"] == 1


def test_the_card_is_of_these_very_weights_and_keeps_what_a_person_wrote(
    tables: Prepared, tmp_path: Path
) -> None:
    weights, card = tmp_path / "w.onnx", tmp_path / "w.json"
    weights.write_bytes(b"weights")
    card.write_text(json.dumps({"weak": ["by night"], "sha256": "of an earlier file"}))
    write_card(card, weights, tables, {"made": "today"})
    written = json.loads(card.read_text())
    assert written["sha256"] == hashlib.sha256(b"weights").hexdigest()
    assert written["weak"] == ["by night"]
    assert written["made"] == "today"


def test_a_damaged_card_is_not_written_over(tables: Prepared, tmp_path: Path) -> None:
    weights, card = tmp_path / "w.onnx", tmp_path / "w.json"
    weights.write_bytes(b"weights")
    card.write_text("{")
    with pytest.raises(Damaged, match="no card"):
        write_card(card, weights, tables, {})
    assert card.read_text() == "{"


def test_every_known_source_states_where_it_is_from_and_its_licence() -> None:
    for stated in json.loads(SOURCES.read_text()).values():
        assert set(stated) == {"from", "licence"}
