"""A mount is judged by what its plates look like, and each fault says what to change."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.daemon.aiming import Measured, measured, tilt
from edge.values import Box, Image


def a_plate(width: int = 140, *, turned: float = 0.0) -> Image:
    """Draw a plate in the middle of a grey picture."""
    image = np.full((480, 640, 3), 90, np.uint8)
    high = width // 2
    left, top = 320 - width // 2, 240 - high // 2
    cv2.rectangle(image, (left, top), (left + width, top + high), (215, 215, 215), -1)
    place = (left + width // 16, top + round(high * 0.68))
    cv2.putText(
        image, "ABC1234", place, cv2.FONT_HERSHEY_SIMPLEX, width / 145, (25, 25, 25), 2, cv2.LINE_AA
    )
    matrix = cv2.getRotationMatrix2D((320, 240), -turned, 1.0)
    return np.asarray(
        cv2.warpAffine(image, matrix, (640, 480), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def box_of(width: int = 140) -> Box:
    return Box(
        (320 - width / 2) / 640,
        0.5 - width / 4 / 480,
        (320 + width / 2) / 640,
        0.5 + width / 4 / 480,
    )


def test_a_good_plate_has_no_fault() -> None:
    plate = measured(a_plate(), box_of())
    assert plate.faults() == []
    assert plate.pixels_a_character == pytest.approx(18, abs=1)


def test_a_far_plate_is_too_small() -> None:
    assert "too small: zoom in, or come nearer" in measured(a_plate(60), box_of(60)).faults()


@pytest.mark.parametrize("degrees", [-14, -7, 0, 7, 14])
def test_the_tilt_is_told_within_a_few_degrees(degrees: int) -> None:
    image = a_plate(turned=degrees)
    crop = cv2.cvtColor(image[205:275, 250:390], cv2.COLOR_BGR2GRAY)
    assert tilt(np.asarray(crop, np.uint8)) == pytest.approx(degrees, abs=3)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda image: cv2.GaussianBlur(image, (0, 0), 6), "blurred"),
        (lambda image: (image * 0.1).astype(np.uint8), "dark"),
        (lambda image: cv2.add(image, np.full_like(image, 45)), "glare"),
    ],
)
def test_each_fault_is_named(change: object, word: str) -> None:
    assert callable(change)
    faults = measured(np.asarray(change(a_plate()), np.uint8), box_of()).faults()
    assert any(word in fault for fault in faults)


def test_a_mount_without_fault_passes_by_its_numbers_alone() -> None:
    assert Measured(15, 3, 0.5, 0.01, 120).faults() == []
    assert len(Measured(5, 30, 0.1, 0.5, 20).faults()) == 5
