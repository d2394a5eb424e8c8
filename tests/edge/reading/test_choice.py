"""A reader by its name: unknown ones list those that exist, an ensemble is told who votes."""

import subprocess
import sys
from pathlib import Path

import pytest

from edge.reading.asked import Asked, place
from edge.reading.choice import reader, weights_of
from edge.settings import settings_from
from lot.errors import WrongUsage
from tests.edge.networks import write_reader


def test_an_unknown_name_lists_all_that_exist(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage) as refused:
        reader("tess", tmp_path)
    assert str(refused.value) == (
        "there is no reader 'tess'; choose crnn or openalpr or rapidocr or tesseract or easyocr "
        "or fast-plate-ocr or ensemble"
    )


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "an ensemble needs two engines"),
        (("crnn",), "an ensemble needs two engines"),
        (("crnn", "crnn"), "'crnn' cannot vote"),
        (("crnn", "ensemble"), "'ensemble' cannot vote"),
        (("crnn", "tess=x"), "'tess=x' cannot vote"),
    ],
)
def test_an_ensemble_needs_two_engines_that_exist(
    tmp_path: Path, words: tuple[str, ...], complaint: str
) -> None:
    weights = write_reader(tmp_path / "r.onnx")
    for ask in (reader, weights_of):
        with pytest.raises(WrongUsage, match=complaint):
            ask("ensemble", weights, asked=Asked(ensemble=words))


def test_an_ensemble_whose_engine_is_not_here_is_refused(tmp_path: Path) -> None:
    weights = write_reader(tmp_path / "r.onnx")
    missing = Asked(ensemble=("crnn", f"easyocr={tmp_path / 'nowhere'}"))
    with pytest.raises(WrongUsage, match=r"EasyOCR|easyocr"):
        reader("ensemble", weights, asked=missing)


def test_the_files_that_an_event_names_are_those_of_the_engine(tmp_path: Path) -> None:
    weights = tmp_path / "r.onnx"
    assert weights_of("crnn", weights) == [weights]
    assert weights_of("easyocr", tmp_path) == [tmp_path / "english_g2.pth"]
    assert weights_of("openalpr", weights) == weights_of("tesseract", weights) == []
    asked = Asked(ensemble=("crnn", "fast-plate-ocr=own.onnx", "openalpr"))
    assert weights_of("ensemble", weights, asked) == [weights, Path("own.onnx")]


@pytest.mark.parametrize(
    ("formats", "meant"),
    [
        (("us-tx", "us"), ("us", "tx")),
        (("eu",), ("eu", "")),
        (("staff:AA00", "br"), ("br", "")),
        (("staff:AA00",), ("us", "")),
    ],
)
def test_openalpr_expects_the_lots_first_region(
    formats: tuple[str, ...], meant: tuple[str, str]
) -> None:
    assert place(formats) == meant


def test_the_settings_tell_the_engines_what_they_need() -> None:
    usual = settings_from({}).asked
    assert (usual.ensemble, usual.openalpr.country, usual.openalpr.region) == (
        ("crnn", "openalpr"), "us", "tx",
    )  # fmt: skip
    own = settings_from(
        {
            "LOT_ENSEMBLE": "crnn, rapidocr",
            "LOT_OPENALPR_COUNTRY": "eu",
            "LOT_OPENALPR_LIBRARY": "/opt/libopenalprpy.so.2",
        }
    ).asked
    assert own.ensemble == ("crnn", "rapidocr")
    assert (own.openalpr.country, own.openalpr.region) == ("eu", "")
    assert own.openalpr.library == Path("/opt/libopenalprpy.so.2")


def test_no_engine_is_imported_before_it_is_chosen() -> None:
    look = (
        "import sys, edge.reading.choice; "
        "print([name for name in sys.modules if name.startswith('edge.reading.')])"
    )
    said = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "['edge.reading.asked', 'edge.reading.choice']"
