"""Pictures through shared memory: whole or not at all."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sources.live.shared import SLOTS, Slots, made


@given(st.integers(1, 40), st.integers(1, 30), st.integers(1, 12))
def test_a_picture_is_read_as_written_until_its_slot_is_taken(
    width: int, height: int, pictures: int
) -> None:
    descriptor = made("test")
    try:
        writer = Slots(descriptor, width, height, grow=True)
        reader = Slots(descriptor, width, height, grow=False)
        images = [np.full((height, width, 3), number, np.uint8) for number in range(pictures)]
        for number, image in enumerate(images, start=1):
            writer.write(number, image)
        for number, image in enumerate(images, start=1):
            read = reader.read(number)
            if number > pictures - SLOTS:
                assert read is not None
                assert np.array_equal(read, image)
            else:
                assert read is None
        assert reader.read(pictures + SLOTS) is None
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("size", [(0, 10), (10, 0), (9000, 10), (-1, 5)])
def test_a_size_that_cannot_be_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        Slots(0, *size, grow=False)
