"""Several engines read a crop, and one reading comes out that says how far they agree."""

import logging
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.reading.crops import cut, inner
from edge.reading.ensemble import EnsembleReader, joined
from edge.values import Box, Image, Reading
from lot.errors import Unreachable

CROP = np.zeros((20, 60, 3), np.uint8)
SURE = st.floats(0.05, 0.999)


class Says:
    """An engine that reads one text everywhere, or breaks."""

    def __init__(self, text: str, *, margin: float = 0.0, breaks: bool = False) -> None:
        self.margin = margin
        self.shapes: list[tuple[int, ...]] = []
        self._text = text
        self._breaks = breaks

    def read(self, crops: Sequence[Image]) -> list[Reading]:
        if self._breaks:
            raise Unreachable("it died", then="mend it")
        self.shapes += [crop.shape[:2] for crop in crops]
        return [said(self._text, 0.9)] * len(crops)


def said(text: str, *chances: float, engine: str = "one") -> Reading:
    each = chances * len(text) if len(chances) == 1 else chances
    return Reading(text, each, ((),) * len(text), engine)


def test_engines_that_agree_are_surer_together() -> None:
    read = joined([(said("ABC123", 0.8), 1.0), (said("ABC123", 0.8, engine="two"), 0.3)])
    assert read.text == "ABC123"
    assert read.engine == "ensemble"
    assert all(0.8 < chance < 1 for chance in read.characters)


def test_where_they_differ_the_weights_decide_and_the_other_is_a_runner_up() -> None:
    strong, weak = said("ABC123", 0.9), said("ABC128", 0.9, engine="two")
    read = joined([(strong, 1.0), (weak, 0.3)])
    assert read.text == "ABC123"
    assert read.runners[5][0][0] == "8"
    assert read.characters[5] < 0.9


def test_a_sure_second_engine_decides_what_the_first_leaves_open() -> None:
    doubting = said("ABC128", 0.9, 0.9, 0.9, 0.9, 0.9, 0.3)
    read = joined([(doubting, 1.0), (said("ABC123", 0.99, engine="two"), 0.6)])
    assert read.text == "ABC123"


def test_a_character_that_one_engine_left_out_costs_sureness_in_all() -> None:
    alone = joined([(said("ABC123", 0.9), 1.0)])
    read = joined([(said("ABC123", 0.9), 1.0), (said("ABC12", 0.9, engine="two"), 0.3)])
    assert read.text == "ABC123"
    assert read.characters[0] < alone.characters[0] + 0.05


def test_one_that_reads_nothing_leaves_the_word_to_the_other() -> None:
    read = joined([(said(""), 1.0), (said("ABC123", 0.9, engine="two"), 0.3)])
    assert read.text == "ABC123"
    assert joined([(said(""), 1.0), (said(""), 0.3)]).text == ""


@given(st.text("AB8", max_size=8), SURE, st.text("AB8", max_size=8), SURE, st.floats(0.1, 1))
def test_any_two_readings_make_one(
    one: str, sure: float, other: str, surer: float, weight: float
) -> None:
    read = joined([(said(one, sure), 1.0), (said(other, surer, engine="two"), weight)])
    assert all(0 <= chance <= 1 for chance in read.characters)
    assert bool(read.text) == bool(one or other)


@given(st.text("AB8", min_size=1, max_size=8), st.floats(0.05, 0.999))
def test_a_single_engine_is_taken_at_its_word(text: str, sure: float) -> None:
    read = joined([(said(text, sure), 1.0)])
    assert read.text == text
    assert read.characters == pytest.approx((sure,) * len(text), abs=0.005)


def test_an_engine_that_breaks_is_left_out_and_it_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    reader = EnsembleReader(
        {"good": Says("A1"), "bad": Says("B2", breaks=True)}, {"good": 1.0, "bad": 1.0}
    )
    with caplog.at_level(logging.WARNING):
        assert [read.text for _ in range(3) for read in reader.read([CROP])] == ["A1"] * 3
    (line,) = [record.getMessage() for record in caplog.records]
    assert "left_out=bad because='it died; mend it'" in line


def test_where_all_break_the_ensemble_is_broken() -> None:
    bad = Says("", breaks=True)
    reader = EnsembleReader({"one": bad, "two": bad}, {"one": 1.0, "two": 1.0})
    with pytest.raises(Unreachable):
        reader.read([CROP])


def test_each_engine_sees_as_much_around_the_plate_as_it_wants() -> None:
    near, far = Says("A1", margin=0.1), Says("A1", margin=0.5)
    reader = EnsembleReader({"near": near, "far": far}, {"near": 1.0, "far": 1.0})
    assert reader.margin == 0.5
    frame, plate = np.zeros((400, 800, 3), np.uint8), Box(0.4, 0.4, 0.6, 0.6)
    reader.read([cut(frame, plate, reader.margin)])
    assert far.shapes == [(160, 320)]
    assert near.shapes == [cut(frame, plate, 0.1).shape[:2]]


@given(st.integers(0, 90), st.integers(0, 90), st.floats(0, 1), st.floats(0, 1))
def test_the_inner_part_lies_in_the_middle_and_is_never_larger(
    height: int, width: int, has: float, wants: float
) -> None:
    part = inner(np.zeros((height, width, 3), np.uint8), has, wants)
    assert part.shape[0] <= height
    assert part.shape[1] <= width
    assert bool(part.size) == bool(height and width) or min(height, width) < 3
