"""Figures of a reader: what counts as read, and whether a confidence is the share that is right."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.reader.data import ALPHABET, Crop, labels
from models.reader.measure import Score, distance, reliability, right, scores, temperature, texts

TEXTS = st.text("AB0", max_size=6)


def a_crop(text: str, region: str) -> Crop:
    return Crop(Path("a.jpg"), text, region, "street", "a")


def spelled(text: str, sure: float) -> NDArray[np.float32]:
    """Logits that say `text`, each character before a blank."""
    moments = np.zeros((2 * len(text), 1 + len(ALPHABET)), np.float32)
    for place, label in enumerate(labels(text)):
        moments[2 * place, label] = sure
        moments[2 * place + 1, 0] = sure
    return moments


def test_logits_are_read_along_the_best_path() -> None:
    assert texts(np.stack([spelled("AA11", 9.0)])) == ["AA11"]


@pytest.mark.parametrize(
    ("one", "other", "away"),
    [("", "", 0), ("ABC", "ABC", 0), ("ABC", "ABD", 1), ("ABC", "AC", 1), ("AB", "BA", 2)],
)
def test_distance_counts_changes(one: str, other: str, away: int) -> None:
    assert distance(one, other) == away


@given(TEXTS, TEXTS, TEXTS)
def test_distance_is_a_distance(a: str, b: str, c: str) -> None:
    assert distance(a, b) == distance(b, a)
    assert (distance(a, b) == 0) == (a == b)
    assert distance(a, c) <= distance(a, b) + distance(b, c)


@given(TEXTS, TEXTS)
def test_characters_called_right_are_no_more_than_both_texts_share(a: str, b: str) -> None:
    flags = right(a, b)
    assert len(flags) == len(a)
    assert sum(flags) >= max(len(a), len(b)) - distance(a, b)
    assert sum(flags) <= min(len(a), len(b))


def test_a_missing_character_does_not_make_the_others_wrong() -> None:
    assert right("BC1234", "ABC1234") == [True] * 6


def test_groups_are_counted_apart_and_texas_also_by_itself() -> None:
    held = [a_crop("BCD1234", "us-tx"), a_crop("ABC123", "us-ny"), a_crop("ABC12", "eu")]
    found = scores(held, ["BCD1234", "ABC12", "XYZ"])
    assert found["us"] == Score(plates=2, exact=1, within_one=2)
    assert found["us-tx"] == Score(1, 1, 1)
    assert found["eu"] == Score(1, 0, 0)
    assert found["all"].plates == 3


def test_american_plates_are_scored_with_o_as_zero() -> None:
    held = [a_crop("B0B", "us-ca"), a_crop("B0B", "eu")]
    found = scores(held, ["BOB", "BOB"])
    assert (found["us"].exact, found["eu"].exact) == (1, 0)


def test_a_network_too_sure_of_itself_gets_a_temperature_above_one() -> None:
    logits = np.stack([spelled("AB", 8.0)] * 100)
    truths = ["AB"] * 80 + ["AC"] * 20  # one character in ten is wrong
    divided_by = temperature(logits, truths)
    assert divided_by > 1
    (line,) = reliability(logits, truths, divided_by)
    assert line.share_right == pytest.approx(0.9)
    assert line.confidence == pytest.approx(0.9, abs=0.03)
    assert line.characters == 200
