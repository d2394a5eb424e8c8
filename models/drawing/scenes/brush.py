"""The few strokes that everything here is drawn with, over pictures and premultiplied patches."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.values import Image

SHIFT = 4  # fractional bits of corners
Fixed = NDArray[np.int32]


def fixed(pixels: NDArray[np.float64], scale: float = 1.0) -> Fixed:
    """Return pixel coordinates as OpenCV's fixed-point numbers, within what it can count."""
    return np.clip(pixels * (scale * (1 << SHIFT)), -1e8, 1e8).astype(np.int32)


def fill(canvas: Image, corners: Fixed, tone: Sequence[float], *, smooth: bool = False) -> None:
    """Fill a convex polygon, in place."""
    cv2.fillConvexPoly(canvas, corners, tone, cv2.LINE_AA if smooth else cv2.LINE_8, SHIFT)


def hull(pixels: NDArray[np.float64], scale: float = 1.0) -> Fixed:
    return np.asarray(cv2.convexHull(fixed(pixels, scale)), np.int32)


def times(picture: Image, factors: Sequence[float]) -> Image:
    """Return the picture with each of its channels multiplied."""
    table = np.clip(np.arange(256)[:, None] * np.asarray(factors)[None], 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(picture, table[:, None, :]), np.uint8)


def dimmed(region: Image, mask: Image) -> None:
    """Multiply the region by a mask of one channel, 255 changing nothing, in place."""
    np.copyto(region, cv2.multiply(region, cv2.merge([mask] * 3), scale=1 / 255))


def brightened(region: Image, mask: Image, colour: Sequence[float]) -> None:
    """Add light of this colour where the mask lets it through, in place."""
    light = cv2.merge([_share(mask, channel / 255) for channel in colour])
    np.copyto(region, cv2.add(region, light))


def over(region: Image, layer: Image) -> None:
    """Lay premultiplied colours with an opacity (4 channels) over 3 or 4 channels, in place."""
    channels = region.shape[2]
    clear = cv2.merge([255 - cv2.extractChannel(layer, 3)] * channels)
    behind = cv2.multiply(region, clear, scale=1 / 255)
    colours = layer if channels == 4 else cv2.cvtColor(layer, cv2.COLOR_BGRA2BGR)
    np.copyto(region, cv2.add(behind, colours))


def _share(mask: Image, share: float) -> Image:
    return np.asarray(cv2.convertScaleAbs(mask, alpha=share), np.uint8)
