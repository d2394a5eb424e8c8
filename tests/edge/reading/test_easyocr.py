"""EasyOCR's answers become readings, and its weights are never fetched."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.reading.choice import reader
from edge.reading.easyocr import NETWORK, EasyOcrReader, Found
from lot.errors import LotError, WrongUsage
from tests.edge.reading.installed import drawn, easyocr_weights


class Says:
    """EasyOCR's own interface with a written answer."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self.shape: tuple[int, ...] = ()
        self.boxes: Sequence[Sequence[int]] = ()

    def recognize(
        self,
        img_cv_grey: NDArray[np.uint8],
        *,
        horizontal_list: Sequence[Sequence[int]],
        free_list: Sequence[object],
        allowlist: str,
        reformat: bool,
    ) -> Found:
        assert (list(free_list), reformat, len(allowlist)) == ([], False, 36)
        self.shape, self.boxes = img_cv_grey.shape, horizontal_list
        return self._found


def test_its_number_for_a_text_is_turned_back_into_the_mean_of_its_characters() -> None:
    # Four characters of 0.9: their product to the power of 2 / sqrt(4) is 0.9 ** 4.
    (read,) = EasyOcrReader(Says([(None, "KA12", 0.9**4)])).read([np.zeros((20, 60, 3), np.uint8)])
    assert (read.text, read.engine) == ("KA12", "easyocr")
    assert read.characters == pytest.approx((0.9,) * 4)


@pytest.mark.parametrize("found", [[], [(None, "", 0.0)], [(None, "--", 0.4)]])
def test_no_text_is_nothing_legible(found: Found) -> None:
    assert EasyOcrReader(Says(found)).read([np.zeros((20, 60, 3), np.uint8)])[0].text == ""


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (3000, 4000)])
def test_it_is_shown_the_whole_crop_at_a_bounded_size(size: tuple[int, int]) -> None:
    engine = Says([])
    EasyOcrReader(engine).read([np.zeros((*size, 3), np.uint8)])
    height, width = engine.shape
    assert min(height, width) >= 1
    assert max(height, width) <= 1000
    assert engine.boxes == [[0, width, 0, height]]


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "easyocr", raising=False)
    with pytest.raises(WrongUsage, match="easyocr is not installed; pip install easyocr"):
        reader("easyocr", Path())


def installed() -> None:
    pytest.importorskip("easyocr", reason="the package easyocr is not installed")


def test_a_folder_without_its_weights_is_refused_and_nothing_fetched(tmp_path: Path) -> None:
    installed()
    with pytest.raises(WrongUsage, match="no folder with EasyOCR's weights"):
        reader("easyocr", tmp_path)
    assert not list(tmp_path.iterdir())


def test_broken_weights_are_refused_in_one_line(tmp_path: Path) -> None:
    installed()
    (tmp_path / NETWORK).write_bytes(b"no weights")
    with pytest.raises(WrongUsage) as refused:
        reader("easyocr", tmp_path)
    assert "EasyOCR cannot open" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert (tmp_path / NETWORK).read_bytes() == b"no weights"


def test_the_real_network_reads_plain_print() -> None:
    try:
        engine = reader("easyocr", easyocr_weights())
    except LotError as error:
        pytest.skip(str(error))
    (read,) = engine.read([drawn("HK 427")])
    assert read.text == "HK427"
