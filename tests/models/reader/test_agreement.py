"""Labels by agreement: what two engines read alike is a label, and nothing else is."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.values import Image
from lot.errors import NOTHING_READ, NOTHING_WRITTEN, WRONG_USAGE, WrongUsage
from models.reader.agreement import RELEASED, agreed, main, voices
from models.reader.data import Crop, crops
from models.split import by_picture, held_by_text, parted
from tests.edge.networks import write_reader

DARK, GREY, BRIGHT = 0, 128, 255
READ = {GREY: "A", BRIGHT: "B"}
# Pictures of a set called gate that the split does not hold by their name.
TAUGHT = [number for number in range(200) if not by_picture(f"gate/{number}")]


@pytest.mark.parametrize(
    ("said", "text", "who"),
    [
        ({"one": "ABC123", "two": "ABC123", "three": "ABC128"}, "ABC123", ["one", "two"]),
        ({"one": "ABC123", "two": "ABC128"}, None, None),
        ({"one": "A", "two": "A"}, None, None),
        ({"one": "", "two": ""}, None, None),
        ({"one": "ABC1", "two": "ABC1", "three": "ABC2", "four": "ABC2"}, None, None),
    ],
)
def test_most_must_say_one_text_and_as_many_for_another_are_no_agreement(
    said: dict[str, str], text: str | None, who: list[str] | None
) -> None:
    assert agreed(said) == (None if text is None else (text, who))


@given(st.dictionaries(st.sampled_from("abcde"), st.sampled_from(["ABC1", "ABC2", "A", ""])))
def test_a_label_is_what_at_least_so_many_read_and_no_other_text_had_as_many(
    said: dict[str, str],
) -> None:
    found = agreed(said, 3)
    if found is not None:
        text, names = found
        assert names == [name for name, read in said.items() if read == text]
        assert len(names) >= 3


def painted(shades: Sequence[int]) -> tuple[Image, str]:
    """A picture with a plate in its middle: four bars, each a character to the tiny network."""
    image = np.zeros((100, 200, 3), np.uint8)
    for place, shade in enumerate(shades):
        image[40:60, 60 + 20 * place : 70 + 20 * place] = shade
    return image, "".join(READ[shade] for shade in shades)


def a_set(folder: Path, texts: Sequence[Sequence[int]]) -> Path:
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    for number, shades in zip(TAUGHT, texts, strict=False):
        cv2.imwrite(str(folder / f"images/{number}.png"), painted(shades)[0])
        (folder / f"labels/{number}.txt").write_text("0 0.5 0.5 0.4 0.2\n")
    return folder


def two_engines(folder: Path, second: str = "AB") -> list[str]:
    """Two networks that differ in what they see around a plate, the second maybe in its letters."""
    facts = {"margin": "0"}
    one = write_reader(folder / "one.onnx", metadata=facts)
    other = write_reader(folder / "other.onnx", metadata=facts | {"alphabet": second, "made": "2"})
    return ["--engine", f"crnn={one}", "--engine", f"crnn={other}"]


def taught_shades() -> list[tuple[int, int, int, int]]:
    """Every text of four bars that the split does not hold."""
    every = [(a, b, c, d) for a, b, c, d in product((GREY, BRIGHT), repeat=4)]
    plates = [Crop(Path("1.png"), painted(of)[1], None, "gate", None) for of in every]
    held = held_by_text(plates).texts
    return [shades for shades in every if painted(shades)[1] not in held]


def test_plates_that_two_engines_read_alike_become_a_set_that_training_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shades = taught_shades()[:3]
    data = a_set(tmp_path / "data/gate", shades).parent
    assert main([str(tmp_path / "crops"), str(data), *two_engines(tmp_path)]) == 0
    found = crops([tmp_path / "crops/gate"])
    assert [crop.text for crop in found] == [painted(of)[1] for of in shades]
    assert [crop.picture for crop in found] == [f"gate/{number}" for number in TAUGHT[:3]]
    assert parted(found)[0] == found
    assert cv2.imread(str(found[0].path)).shape == (20, 80, 3)
    with (tmp_path / "crops/gate/truth.csv").open() as stream:
        notes = {row["note"] for row in csv.DictReader(stream)}
    (note,) = notes
    assert note.startswith("agreed: ")
    assert note.endswith(" of 2")
    assert "gate: 3 plates, 3 agreed on, 0 of these held out" in capsys.readouterr().err


def test_what_the_engines_read_differently_is_no_label(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = a_set(tmp_path / "data/gate", taught_shades()[:2]).parent
    words = [str(tmp_path / "crops"), str(data), *two_engines(tmp_path, second="BA")]
    assert main(words) == NOTHING_READ
    assert "two engines agree" in capsys.readouterr().err
    assert not (tmp_path / "crops").exists()


def test_what_the_split_holds_out_is_not_labelled_since_it_would_measure(tmp_path: Path) -> None:
    held = next(n for n in range(200) if by_picture(f"gate/{n}"))
    shades = taught_shades()[0]
    folder = a_set(tmp_path / "data/gate", [shades])
    cv2.imwrite(str(folder / f"images/{held}.png"), painted(taught_shades()[1])[0])
    (folder / f"labels/{held}.txt").write_text("0 0.5 0.5 0.4 0.2\n")
    words = [str(tmp_path / "crops"), str(folder.parent), *two_engines(tmp_path)]
    assert main(words) == 0
    assert [crop.picture for crop in crops([tmp_path / "crops/gate"])] == [f"gate/{TAUGHT[0]}"]


def test_pictures_whose_texts_are_known_are_left_out(tmp_path: Path) -> None:
    data = a_set(tmp_path / "data/gate", taught_shades()[:2]).parent
    known = tmp_path / "known/gate"
    known.mkdir(parents=True)
    row = f"1.png,ABBA,DE,,,{TAUGHT[0]}"
    (known / "truth.csv").write_text(f"file,text,region,state,note,picture\n{row}\n")
    words = [str(tmp_path / "crops"), str(data), *two_engines(tmp_path), "--known", str(known)]
    assert main(words) == 0
    assert [crop.picture for crop in crops([tmp_path / "crops/gate"])] == [f"gate/{TAUGHT[1]}"]


def test_an_engine_that_is_given_twice_has_one_voice() -> None:
    with pytest.raises(WrongUsage, match="there is crnn alone"):
        voices(["crnn", f"crnn={RELEASED}"])
    with pytest.raises(WrongUsage, match="no engine of its own"):
        voices(["ensemble"])


def test_our_own_reader_and_another_are_two_voices(tmp_path: Path) -> None:
    other = write_reader(tmp_path / "r.onnx")
    assert [voice.name for voice in voices(["crnn", f"crnn={other}"])] == ["crnn", f"crnn={other}"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["CROPS", "DATA", "--engine", "crnn"], WRONG_USAGE, "crnn alone"),
        (["CROPS", "DATA", "--engine", "tess"], WRONG_USAGE, "no reader 'tess'"),
        (["CROPS", "DATA", "TWO", "--least", "3"], WRONG_USAGE, "--least 3"),
        (["CROPS", "EMPTY", "TWO"], NOTHING_READ, "no set of pictures below"),
        (["CROPS", "DATA", "DATA", "TWO"], WRONG_USAGE, "two sets are called gate"),
        (["THERE", "DATA", "TWO"], NOTHING_WRITTEN, "is there already"),
    ],
)
def test_wrong_words_are_a_line_and_a_status_and_nothing_is_written(
    words: list[str],
    status: int,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = a_set(tmp_path / "data/gate", taught_shades()[:1]).parent
    there, empty = tmp_path / "there", tmp_path / "empty"
    (there / "gate").mkdir(parents=True)
    empty.mkdir()
    places = {"CROPS": tmp_path / "crops", "DATA": data, "THERE": there, "EMPTY": empty}
    given: list[str] = []
    for word in words:
        given += two_engines(tmp_path) if word == "TWO" else [str(places.get(word, word))]
    assert main(given) == status
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not (tmp_path / "crops").exists()
