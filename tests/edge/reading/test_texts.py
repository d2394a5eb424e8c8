"""What other engines say is spelled as all plates are, however they say it."""

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.plates import LENGTH_MAX, normalise
from edge.reading.texts import nothing, reading


def test_what_is_no_plates_falls_away_with_its_probability() -> None:
    read = reading("tesseract", "ab-1 2", [0.9, 0.8, 0.1, 0.7, 0.2, 0.6])
    assert (read.text, read.characters) == ("AB12", (0.9, 0.8, 0.7, 0.6))


def test_probabilities_beyond_the_text_speak_of_nothing() -> None:
    assert reading("fast-plate-ocr", "A1", [0.9, 0.8, 1.0, 1.0]).characters == (0.9, 0.8)


@pytest.mark.parametrize(("said", "meant"), [(1.0000001, 1.0), (-0.01, 0.0), (nan, 0.0)])
def test_a_probability_is_brought_into_its_range(said: float, meant: float) -> None:
    assert reading("easyocr", "A", [said]).characters == (meant,)


def test_a_runner_up_stays_with_its_character() -> None:
    read = reading("openalpr", "A-B", [0.5, 0.5, 0.5], [(), (("X", 0.1),), (("8", 0.4),)])
    assert read.runners == ((), (("8", 0.4),))


def test_nothing_legible_is_an_empty_text() -> None:
    assert (nothing("tesseract").text, nothing("tesseract").engine) == ("", "tesseract")


@given(st.text(max_size=30), st.floats())
def test_any_text_becomes_a_reading_that_spells_a_plate(text: str, chance: float) -> None:
    read = reading("x", text, [chance] * len(text))
    assert read.text == normalise(read.text)
    assert len(read.text) <= LENGTH_MAX
