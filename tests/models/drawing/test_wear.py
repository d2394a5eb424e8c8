"""Worn plates: another each time, repeatable by seed, and left in peace where nothing wears."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.drawing.designs import designs
from models.drawing.plates import drawn_plate
from models.drawing.wear import DRAWN, PHOTOGRAPHED, Harshness, worn


def a_plate() -> NDArray[np.uint8]:
    return drawn_plate("BCD1234", designs()["us-tx-classic"], 64, np.random.default_rng(0))


@pytest.mark.parametrize("harshness", [DRAWN, PHOTOGRAPHED])
def test_the_same_seed_wears_alike_and_another_does_not(harshness: Harshness) -> None:
    one, again, other = (worn(a_plate(), np.random.default_rng(s), harshness) for s in (1, 1, 2))
    assert np.array_equal(one, again)
    assert one.shape != other.shape or not np.array_equal(one, other)


def test_the_plate_given_is_not_written_to() -> None:
    plate = a_plate()
    plate.flags.writeable = False
    for seed in range(30):
        worn(plate, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(20))
def test_a_worn_plate_is_a_small_colour_picture_of_the_width_asked_for(seed: int) -> None:
    narrow = replace(DRAWN, width_low=50, width_high=100)
    image = worn(a_plate(), np.random.default_rng(seed), narrow)
    assert image.dtype == np.uint8
    assert image.ndim == 3
    assert 50 <= image.shape[1] <= 100


def test_most_worn_plates_keep_contrast_enough_to_be_read() -> None:
    rng = np.random.default_rng(0)
    spreads = [worn(a_plate(), rng).mean(axis=2).std() for _ in range(100)]
    assert np.mean(np.array(spreads) > 10) > 0.9


@given(st.integers(1, 24), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_a_crop_of_any_size_can_be_worn(height: int, width: int, seed: int) -> None:
    crop = np.full((height, width, 3), 90, np.uint8)
    soiled = replace(PHOTOGRAPHED, dirt=1.0)
    assert worn(crop, np.random.default_rng(seed), soiled).size
