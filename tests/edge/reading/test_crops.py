import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.reading.crops import CUTS, Condition, Legible, Slack, condition, cut, reason
from edge.values import Box, Image

LEGIBLE = Legible(width_min=40, sharpness_min=0.2, brightness_min=25)


def picture(height: int = 100, width: int = 200) -> Image:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def plate(width: int, shade: int = 220) -> Image:
    """Draw strokes as wide and as far apart as a plate's, `width` pixels in all."""
    image = np.full((width // 2, width, 3), shade, np.uint8)
    for at in range(8):
        left = round((0.06 + 0.115 * at) * width)
        cv2.rectangle(image, (left, width // 10), (left + width // 40, width // 3), (20,) * 3, -1)
    return image


WHOLE = Box(0, 0, 1, 1)


def test_a_cut_is_the_part_of_the_picture_in_the_box() -> None:
    image = picture()
    assert (cut(image, Box(0.1, 0.2, 0.5, 0.6), 0.0) == image[20:60, 20:100]).all()


def test_a_margin_is_a_part_of_the_boxs_own_size() -> None:
    image = picture()
    assert (cut(image, Box(0.1, 0.2, 0.5, 0.6), 0.1) == image[16:64, 12:108]).all()


def test_slack_is_more_of_the_plate_or_less_each_way_by_its_own_part() -> None:
    image, box = picture(), Box(0.1, 0.2, 0.5, 0.6)
    assert (cut(image, box, 0.1, Slack(0.05, -0.05)) == image[18:62, 8:112]).all()
    assert len({cut(image, box, 0.1, slack).shape for slack in CUTS}) == len(CUTS)


def test_a_cut_ends_at_the_borders() -> None:
    image = picture()
    assert (cut(image, Box(0.9, 0.9, 1.0, 1.0), 1.0) == image[80:, 160:]).all()


def test_a_box_outside_is_an_empty_cut() -> None:
    assert cut(picture(), Box(1.2, 1.2, 1.4, 1.4), 0.0).size == 0
    assert condition(picture(), Box(1.2, 1.2, 1.4, 1.4)).sharpness == 0.0


def test_a_cut_copies_nothing() -> None:
    image = picture()
    assert np.shares_memory(cut(image, Box(0.1, 0.1, 0.5, 0.5), 0.1), image)


@given(st.lists(st.floats(-1, 2), min_size=4, max_size=4), st.floats(0, 1))
def test_no_box_reaches_beyond_the_picture(edges: list[float], margin: float) -> None:
    left, right = sorted(edges[:2])
    top, bottom = sorted(edges[2:])
    part = cut(picture(), Box(left, top, right, bottom), margin)
    assert part.shape[0] <= 100
    assert part.shape[1] <= 200


@pytest.mark.parametrize("width", [80, 160, 320])
def test_the_more_a_plate_is_blurred_the_less_sharp_it_is(width: int) -> None:
    sharp = plate(width)
    found = [condition(sharp, WHOLE).sharpness]
    for strength in (0.01, 0.02, 0.04):
        blurred = np.asarray(cv2.GaussianBlur(sharp, (0, 0), strength * width), np.uint8)
        found.append(condition(blurred, WHOLE).sharpness)
    assert found == sorted(found, reverse=True)
    assert found[0] > 2 * found[-1]


def test_a_plate_with_less_contrast_is_as_sharp() -> None:
    full = plate(160)
    faint = np.asarray(full // 4 + 90, np.uint8)
    assert condition(faint, WHOLE).sharpness == pytest.approx(
        condition(full, WHOLE).sharpness, rel=0.1
    )


def test_a_crop_of_one_shade_is_not_sharp() -> None:
    assert condition(np.full((30, 90, 3), 80, np.uint8), WHOLE).sharpness == 0.0


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (Condition(39.9, 1.0, 100.0), "too_small"),
        (Condition(40.0, 1.0, 100.0), None),
        (Condition(90.0, 0.19, 100.0), "blurred"),
        (Condition(90.0, 1.0, 24.0), "dark"),
        (Condition(20.0, 0.0, 0.0), "too_small"),
        (Condition(90.0, 0.0, 0.0), "dark"),
    ],
)
def test_the_gravest_reason_is_given(found: Condition, why: str | None) -> None:
    assert reason(found, LEGIBLE) == why
