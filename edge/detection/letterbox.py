"""A picture of any size becomes the network's input, and the network's boxes become the picture's.

The network may run at any height and width that are multiples of 32, so the input follows
the picture's aspect: a 16:9 frame runs at 384 x 640, which costs 0.6 of a square 640 x 640
that would be grey for four tenths. What remains of the multiple of 32 is grey on both sides,
as in training.

Where the time goes, 1080p on one thread: resizing 0.6 ms, planes and scaling 0.2 ms.
cv2.dnn.blobFromImage takes 3 to 7 ms for the second half alone, INTER_AREA 3 ms for the
first.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.values import Image

STRIDE = 32  # the coarsest of the network's three grids
_GREY = 114  # what the network saw around its pictures in training
_TO_UNIT = np.float32(1 / 255)


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a picture lies in the network's input, in pixels of that input."""

    height: int
    width: int
    left: int
    top: int
    picture_height: int
    picture_width: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.height, self.width

    def fractions(self, corners: NDArray[np.float32]) -> NDArray[np.float64]:
        """Turn corners [n, (left, top, right, bottom)] of the input into fractions of the picture.

        Nothing reaches beyond the picture, though the network's boxes may.
        """
        origin = np.array([self.left, self.top] * 2, np.float64)
        size = np.array([self.picture_width, self.picture_height] * 2, np.float64)
        inside: NDArray[np.float64] = np.clip((corners - origin) / size, 0.0, 1.0)
        return inside


def fitted(height: int, width: int, longest: int) -> Fit:
    """Return how a picture of this size fits an input whose longest side is `longest`."""
    inner = _scaled(height, width, longest / max(height, width))
    return _amid(inner, (_whole_strides(inner[0]), _whole_strides(inner[1])))


def fitted_into(height: int, width: int, shape: tuple[int, int]) -> Fit:
    """Return how a picture of this size fits a network that runs at `shape` and at no other."""
    inner = _scaled(height, width, min(shape[0] / height, shape[1] / width))
    return _amid(inner, shape)


def _scaled(height: int, width: int, scale: float) -> tuple[int, int]:
    return max(1, round(height * scale)), max(1, round(width * scale))


def _whole_strides(side: int) -> int:
    return -(-side // STRIDE) * STRIDE


def _amid(inner: tuple[int, int], outer: tuple[int, int]) -> Fit:
    inner_height, inner_width = inner
    outer_height, outer_width = outer
    return Fit(
        height=outer_height,
        width=outer_width,
        left=(outer_width - inner_width) // 2,
        top=(outer_height - inner_height) // 2,
        picture_height=inner_height,
        picture_width=inner_width,
    )


def place(image: Image, fit: Fit, into: NDArray[np.float32]) -> None:
    """Write `image` as the network wants it into `into` [3, height, width]: RGB from 0 to 1."""
    rows = slice(fit.top, fit.top + fit.picture_height)
    columns = slice(fit.left, fit.left + fit.picture_width)
    size = (fit.picture_width, fit.picture_height)
    small = (
        image
        if image.shape[:2] == size[::-1]
        else cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    )
    if fit.shape != small.shape[:2]:
        into.fill(_GREY / 255)
    for plane, colour in zip(into, reversed(cv2.split(small)), strict=True):
        np.multiply(colour, _TO_UNIT, out=plane[rows, columns])
