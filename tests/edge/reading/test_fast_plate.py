"""fast-plate-ocr's answers become readings; its weights come from a path."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from edge.reading.choice import reader
from edge.reading.fast_plate import BATCH_MAX, FastPlateReader
from edge.values import Image
from lot.errors import WrongUsage
from tests.edge.reading.plate_networks import PLATE_SLOTS, write_fast_plate

CROP = np.zeros((16, 64, 3), np.uint8)


@dataclass(frozen=True)
class Answer:
    plate: str
    char_probs: Iterable[float] | None


class Says:
    """The package's own interface with a written answer."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.seen: list[list[Image]] = []

    def run(self, source: list[Image], *, return_confidence: bool) -> list[Answer]:
        assert return_confidence
        self.seen.append(source)
        return [self._answer] * len(source)


def test_places_after_the_text_and_padding_inside_it_speak_of_nothing() -> None:
    engine = Says(Answer("K_7", np.array([0.9, 0.4, 0.8, 1.0, 1.0])))
    (read,) = FastPlateReader(engine, colour=True).read([CROP])
    assert (read.text, read.engine, read.characters) == ("K7", "fast-plate-ocr", (0.9, 0.8))


def test_a_network_of_colour_is_given_red_first_and_one_of_grey_one_plane() -> None:
    blue = CROP.copy()
    blue[:, :, 0] = 200
    for colour, shape in ((True, (16, 64, 3)), (False, (16, 64))):
        engine = Says(Answer("A", [1.0]))
        FastPlateReader(engine, colour=colour).read([blue])
        assert engine.seen[0][0].shape == shape
    assert Says(Answer("A", None)).seen == []


def test_crops_come_in_bounded_batches_and_empty_ones_are_not_sent() -> None:
    engine = Says(Answer("A", [1.0]))
    empty = np.zeros((0, 4, 3), np.uint8)
    readings = FastPlateReader(engine, colour=True).read([CROP, empty, *[CROP] * 2 * BATCH_MAX])
    assert [bool(one.text) for one in readings] == [True, False] + [True] * 2 * BATCH_MAX
    assert [len(batch) for batch in engine.seen] == [BATCH_MAX, BATCH_MAX, 1]


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "fast_plate_ocr", raising=False)
    with pytest.raises(WrongUsage, match="not installed; pip install --no-deps fast-plate-ocr"):
        reader("fast-plate-ocr", Path("n.onnx"))


def refusal(path: Path) -> str:
    pytest.importorskip("fast_plate_ocr", reason="the package fast-plate-ocr is not installed")
    with pytest.raises(WrongUsage) as refused:
        reader("fast-plate-ocr", path, threads=1)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_network_without_its_description_is_refused(tmp_path: Path) -> None:
    assert "there is no" in refusal(tmp_path / "n.onnx")


@pytest.mark.parametrize("described", ["", "- a list", "{", "alphabet: AB", "max_plate_slots: {}"])
def test_a_description_that_is_none_is_refused(tmp_path: Path, described: str) -> None:
    path = write_fast_plate(tmp_path / "n.onnx")
    path.with_suffix(".yaml").write_text(described, encoding="utf-8")
    assert "n.yaml cannot be used" in refusal(path)


def test_a_description_of_another_network_is_refused(tmp_path: Path) -> None:
    path = write_fast_plate(tmp_path / "n.onnx")
    described = path.with_suffix(".yaml")
    described.write_text(described.read_text().replace("width: 64", "width: 65"))
    assert "n.yaml cannot be used" in refusal(path)


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    path = write_fast_plate(tmp_path / "n.onnx")
    path.write_bytes(b"no network")
    assert "n.onnx is the wrong network" in refusal(path)


def test_the_package_itself_reads_a_tiny_network_from_left_to_right(tmp_path: Path) -> None:
    pytest.importorskip("fast_plate_ocr", reason="the package fast-plate-ocr is not installed")
    engine = reader("fast-plate-ocr", write_fast_plate(tmp_path / "n.onnx"), threads=1)
    shades = np.repeat(np.array([128, 255, 128, 0], np.uint8), 64 // PLATE_SLOTS)
    crop = np.repeat(np.tile(shades, (16, 1))[:, :, None], 3, axis=2)
    (read,) = engine.read([crop])
    assert read.text == "ABA"
    assert all(chance > 0.9 for chance in read.characters)
