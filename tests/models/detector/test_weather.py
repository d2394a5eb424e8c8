"""Spoiled pictures are still pictures of the same scene."""

from __future__ import annotations

import numpy as np
import pytest

from models.detector.weather import EFFECTS, Weather, caption

PICTURE = np.tile(
    np.linspace(20, 235, 96, dtype=np.uint8)[None, :, None], (64, 1, 3)
)  # left is dark, right is bright


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: str(effect.__name__))
@pytest.mark.parametrize("seed", range(20))
def test_an_effect_keeps_size_and_place(effect: type, seed: int) -> None:
    spoiled = effect(PICTURE.copy(), np.random.default_rng(seed))
    assert spoiled.shape == PICTURE.shape
    assert spoiled.dtype == np.uint8
    assert spoiled[:, 64:].mean() > spoiled[:, :32].mean()


@pytest.mark.parametrize("seed", range(20))
def test_a_caption_leaves_the_middle_alone(seed: int) -> None:
    picture = np.full((300, 400, 3), 120, np.uint8)
    written = caption(picture.copy(), np.random.default_rng(seed))
    assert np.array_equal(written[75:225], picture[75:225])
    assert not np.array_equal(written, picture)


def test_about_two_of_five_pictures_stay_as_they_came() -> None:
    weather = Weather(seed=1)
    same = sum(np.array_equal(weather(PICTURE.copy()), PICTURE) for _ in range(200))
    assert 50 < same < 100


def test_the_same_seed_spoils_the_same_way() -> None:
    one, other = Weather(seed=5), Weather(seed=5)
    for _ in range(20):
        assert np.array_equal(one(PICTURE.copy()), other(PICTURE.copy()))
