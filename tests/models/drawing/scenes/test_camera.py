"""Projection: where a point of the lot falls, and back along the pixel's ray."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.drawing.scenes.camera import Camera, Mount

CAMERA = Camera(Mount(height=2.8, lateral=0.5, down=9.0, right=4.0, view=32.0), (1280, 720))


@given(st.floats(-5, 5), st.floats(5, 40), st.floats(0, 3))
def test_a_pixels_ray_leads_back_to_the_point(x: float, y: float, z: float) -> None:
    point = np.array([x, y, z])
    ray = CAMERA.rays(CAMERA.pixels(point[None]))[0]
    reach = np.linalg.norm(point - CAMERA.position)
    assert np.allclose(CAMERA.position + ray * reach, point, atol=1e-6)


def test_up_is_up_right_is_right_and_far_is_small() -> None:
    low, high = CAMERA.pixels(np.array([[0, 10, 0], [0, 10, 1.0]]))
    left, right = CAMERA.pixels(np.array([[0, 10, 0], [1.0, 10, 0]]))
    assert high[1] < low[1]
    assert right[0] > left[0]
    near, far = (np.ptp(CAMERA.pixels(np.array([[0.0, y, 0], [1.0, y, 0]]))[:, 0]) for y in (8, 16))
    assert 1.9 < near / far < 2.1


def test_the_angle_of_view_is_the_whole_picture_across() -> None:
    straight = Camera(Mount(height=0.0, lateral=0.0, down=0.0, right=0.0, view=90.0), (100, 100))
    edges = straight.pixels(np.array([[-1.0, 1.0, 0.0], [1.0, 1.0, 0.0]]))
    assert np.allclose(edges[:, 0], [0, 100])
