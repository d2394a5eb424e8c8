import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.detection.letterbox import STRIDE, fitted, place


@pytest.mark.parametrize(
    ("height", "width", "shape"),
    [
        (1080, 1920, (384, 640)),
        (720, 1280, (384, 640)),
        (480, 640, (480, 640)),
        (1920, 1080, (640, 384)),
        (500, 500, (640, 640)),
        (1, 4000, (32, 640)),
    ],
)
def test_the_input_follows_the_pictures_aspect(
    height: int, width: int, shape: tuple[int, int]
) -> None:
    assert fitted(height, width, 640).shape == shape


@given(st.integers(1, 5000), st.integers(1, 5000), st.sampled_from([320, 416, 640, 1280]))
def test_a_picture_fits_whole_and_in_the_middle(height: int, width: int, longest: int) -> None:
    fit = fitted(height, width, longest)
    assert max(fit.picture_height, fit.picture_width) == longest
    for outer, inner, before in (
        (fit.height, fit.picture_height, fit.top),
        (fit.width, fit.picture_width, fit.left),
    ):
        assert outer % STRIDE == 0
        assert 0 <= outer - inner < STRIDE
        assert abs(outer - inner - 2 * before) <= 1


@given(st.integers(1, 3000), st.integers(1, 3000), st.data())
def test_a_place_in_the_input_is_the_same_place_in_the_picture(
    height: int, width: int, data: st.DataObject
) -> None:
    fit = fitted(height, width, 640)
    x, y = data.draw(st.floats(0, 1)), data.draw(st.floats(0, 1))
    corner = [fit.left + x * fit.picture_width, fit.top + y * fit.picture_height]
    assert fit.fractions(np.array([corner * 2], np.float32))[0] == pytest.approx(
        [x, y] * 2, abs=1e-3
    )


def test_a_picture_lies_in_grey_as_red_green_blue_from_0_to_1() -> None:
    fit = fitted(360, 640, 640)
    image = np.zeros((360, 640, 3), np.uint8)
    image[:] = (255, 51, 0)
    into = np.full((3, *fit.shape), 7, np.float32)
    place(image, fit, into)
    for plane, shade in zip(into, (0, 0.2, 1), strict=True):
        assert np.allclose(plane[12:372], shade)
    assert (into[:, :12] == np.float32(114 / 255)).all()
    assert (into[:, 372:] == np.float32(114 / 255)).all()
