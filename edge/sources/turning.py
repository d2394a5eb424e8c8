"""How a picture lies, and how it is set upright: phones and cameras note the turn beside it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Turn:
    """First across its diagonal, then left to right, then top to bottom: all eight ways."""

    transposed: bool = False
    mirrored: bool = False
    upended: bool = False

    def applied(self, plane: Plane) -> Plane:
        """Return the picture upright; itself where it lies upright already."""
        if self.transposed:
            plane = _picture(cv2.transpose(plane))
        if self.mirrored or self.upended:
            axes = -1 if self.mirrored and self.upended else int(self.mirrored)
            plane = _picture(cv2.flip(plane, axes))
        return plane

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Return width and height once upright."""
        return (height, width) if self.transposed else (width, height)


UPRIGHT = Turn()


def turn_of_matrix(matrix: bytes) -> Turn:
    """Read a display matrix: nine whole numbers, by which (x, y, 1) is multiplied.

    Only quarter turns and mirrors are known; a skewed matrix counts as the nearest of them.
    """
    a, b, _, c, d = struct.unpack("=9i", matrix[:36])[:5]
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Turn(transposed=True, mirrored=c < 0, upended=b < 0)
    return Turn(mirrored=a < 0, upended=d < 0)


def turn_of_exif(orientation: int) -> Turn:
    """Read EXIF's orientation, 1 to 8; anything else is upright."""
    return {
        2: Turn(mirrored=True),
        3: Turn(mirrored=True, upended=True),
        4: Turn(upended=True),
        5: Turn(transposed=True),
        6: Turn(transposed=True, mirrored=True),
        7: Turn(transposed=True, mirrored=True, upended=True),
        8: Turn(transposed=True, upended=True),
    }.get(orientation, UPRIGHT)


def _picture(matrix: object) -> Plane:
    return np.asarray(matrix, dtype=np.uint8)
