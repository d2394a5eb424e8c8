"""The program tesseract, as it is and as it may misbehave."""

import sys
from pathlib import Path

import numpy as np
import pytest

from edge.reading.choice import reader
from edge.reading.tesseract import FAILURES_MAX
from lot.errors import LotError, Unreachable, WrongUsage
from tests.edge.reading.installed import drawn

CROP = np.full((30, 90, 3), 200, np.uint8)
HEADER = (
    "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"
)
ROWS = """
4 1 1 1 1 0 3 3 80 20 -1
5 1 1 1 1 1 3 3 40 20 91.5 AB"1
5 1 1 1 1 2 50 3 40 20 40.25 7-X
5 1 1 1 1 3 50 3 40 20 nonsense Q
""".strip().replace(" ", "\t")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program `tesseract` first on the path; it does what a file beside it says."""
    path = tmp_path / "tesseract"
    path.write_text(
        f"#!{sys.executable} -I\n"
        "import pathlib, sys\n"
        "folder = pathlib.Path(sys.argv[0]).parent\n"
        "if '--list-langs' in sys.argv:\n"
        "    print((folder / 'languages').read_text()); sys.exit()\n"
        "assert sys.stdin.buffer.read(2) == b'BM'\n"
        "print((folder / 'answer').read_text()); sys.exit((folder / 'broken').exists())\n",
        encoding="utf-8",
    )
    path.chmod(0o755)
    (tmp_path / "languages").write_text('List of languages in "/x" (2):\neng\nosd\n')
    (tmp_path / "answer").write_text(f"{HEADER}\n{ROWS}\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_each_character_has_the_confidence_of_its_word(program: Path) -> None:
    (read,) = reader("tesseract", program).read([CROP])
    assert (read.text, read.engine) == ("AB17XQ", "tesseract")
    assert read.characters == pytest.approx((0.915, 0.915, 0.915, 0.4025, 0.4025, 0.0))


@pytest.mark.parametrize("answer", ["", "no table at all", HEADER, HEADER + "\n5\t1\n"])
def test_an_answer_without_words_is_nothing_legible(program: Path, answer: str) -> None:
    (program / "answer").write_text(answer)
    assert reader("tesseract", program).read([CROP])[0].text == ""


def test_a_crop_that_it_refuses_is_nothing_but_refusing_all_is_broken(program: Path) -> None:
    engine = reader("tesseract", program)
    (program / "broken").touch()
    assert [one.text for one in engine.read([CROP] * (FAILURES_MAX - 1))] == [""] * 4
    (program / "broken").unlink()
    assert engine.read([CROP])[0].text
    (program / "broken").touch()
    with pytest.raises(Unreachable, match=r"failed 5 times in a row.*apt-get install"):
        engine.read([CROP] * FAILURES_MAX)


def test_without_the_program_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WrongUsage, match="no program tesseract; apt-get install tesseract-ocr"):
        reader("tesseract", tmp_path)


def test_without_its_language_it_says_what_to_install(program: Path) -> None:
    (program / "languages").write_text("List of languages (1):\nosd\n")
    with pytest.raises(WrongUsage, match="apt-get install tesseract-ocr-eng"):
        reader("tesseract", program)


def test_the_real_program_reads_plain_print() -> None:
    try:
        engine = reader("tesseract", Path())
    except LotError as error:
        pytest.skip(str(error))
    (read,) = engine.read([drawn("HK 427")])
    assert read.text == "HK427"
    assert all(chance > 0.3 for chance in read.characters)
