"""The first steps' lettering: what every moment should say is what stands there."""

import numpy as np
import pytest

from models.reader.data import ALPHABET
from models.reader.primer import EITHER, primed


@pytest.mark.parametrize("seed", range(30))
def test_every_character_has_one_moment_over_its_ink(seed: int) -> None:
    found = primed(np.random.default_rng(seed), (48, 144), 36)
    assert found.pixels.shape == (48, 144, 3)
    assert found.moments.shape == (72,)
    named = np.flatnonzero(found.moments > 0)
    assert 4 <= len(named) <= 8
    assert found.moments.max() <= len(ALPHABET)
    columns = found.pixels.reshape(48, 36, 4, 3).astype(int)
    for moment in named:
        column = columns[:, moment % 36]
        assert column.max() - column.min() > 40, "a character is named where nothing stands"


def test_nobody_minds_the_moments_beside_a_character() -> None:
    found = primed(np.random.default_rng(0), (48, 144), 36)
    for moment in np.flatnonzero(found.moments > 0):
        if moment % 36 not in (0, 35):
            beside = {int(found.moments[moment - 1]), int(found.moments[moment + 1])}
            assert 0 not in beside
    assert EITHER in found.moments


def test_one_row_is_the_upper_rows_alone() -> None:
    lower = [
        bool((primed(np.random.default_rng(seed), (48, 144), 36).moments[36:] != 0).any())
        for seed in range(60)
    ]
    assert 0 < sum(lower) < 30
