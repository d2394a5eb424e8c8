"""What a step of reading is worth is measured on the looks and cuts that it says."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import cv2
import numpy as np
import pytest

from benchmarks.steps import first, surest, tilt, turned, voted, widest
from edge.values import Box, Image, Look, Reading

NOON = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)


def plate() -> Image:
    """Draw letters' upper and lower edges as two long lines."""
    image = np.full((60, 180, 3), 230, np.uint8)
    for left in range(12, 168, 22):
        cv2.rectangle(image, (left, 16), (left + 14, 44), (20, 20, 20), -1)
    return image


@pytest.mark.parametrize("degrees", [-8, 0, 6])
def test_a_plate_that_hangs_askew_is_turned_back(degrees: int) -> None:
    askew = turned(plate(), degrees)
    assert tilt(askew) == pytest.approx(-degrees, abs=2)


def test_what_is_too_small_to_have_rows_is_left_as_it_is() -> None:
    assert tilt(np.zeros((0, 0, 3), np.uint8)) == 0.0
    assert tilt(np.zeros((4, 60, 3), np.uint8)) == 0.0


def test_each_choice_takes_the_look_that_it_is_called_by() -> None:
    def look(second: int, text: str, sure: float, width: float) -> Look:
        reading = Reading(text, (sure,) * len(text), ((),) * len(text), "written")
        box = Box(0.4, 0.4, 0.5, 0.5)
        return Look(reading, NOON + timedelta(seconds=second), second, box, width, 0.5)

    looks = [
        look(0, "FIRST1", 0.5, 60.0),
        look(1, "WIDE12", 0.6, 120.0),
        look(2, "SURE12", 0.9, 90.0),
        look(3, "SURE12", 0.8, 80.0),
    ]
    assert [choice(looks) for choice in (first, widest, surest, voted)] == [
        "FIRST1", "WIDE12", "SURE12", "SURE12",
    ]  # fmt: skip
