"""Two grounds to draw on with one hand: a picture as a screen has it, and one as a film has it.

The annotated film is drawn on the planes that the decoder gave. The way to BGR and back would
cost 2.6 ms a 1080p frame and a little of the picture's colour; what is drawn is small, so it
is made as small opaque pictures, converted once each, and pasted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.values import Image

Plane = NDArray[np.uint8]
Colour = tuple[int, int, int]  # blue, green, red


class Patch:
    """A small opaque picture, of even size since a film's colour has half the resolution."""

    def __init__(self, image: Image) -> None:
        height, width = image.shape[:2]
        self.image: Image = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        self.height, self.width = self.image.shape[:2]

    @cached_property
    def planes(self) -> tuple[Plane, Plane, Plane]:
        """Brightness at full, blue and red difference at half the resolution."""
        flat = np.asarray(cv2.cvtColor(self.image, cv2.COLOR_BGR2YUV_I420), dtype=np.uint8).ravel()
        full, quarter = self.height * self.width, self.height * self.width // 4
        half = (self.height // 2, self.width // 2)
        return (
            flat[:full].reshape(self.height, self.width),
            flat[full : full + quarter].reshape(half),
            flat[full + quarter :].reshape(half),
        )


class Canvas(Protocol):
    """What can be drawn on: places are pixels of the picture, anything outside falls away."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...

    def paste(self, patch: Patch, left: int, top: int) -> None:
        """Cover the picture with `patch` from that corner on."""

    def outline(self, corners: tuple[int, int, int, int], colour: Colour, thick: int) -> None:
        """Draw a rectangle's border inwards of left, top, right and bottom."""


class Picture:
    """A BGR image, for a window or a still."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self.height, self.width = image.shape[:2]

    def paste(self, patch: Patch, left: int, top: int) -> None:
        _cover(self.image, patch.image, left, top)

    def outline(self, corners: tuple[int, int, int, int], colour: Colour, thick: int) -> None:
        for bar in _bars(corners, thick):
            self.image[_within(bar, self.width, self.height)] = colour

    def rows(self, top: int, bottom: int) -> Picture:
        """Return the part between two lines, to be drawn on as a canvas of its own."""
        return Picture(self.image[top:bottom])


@dataclass(frozen=True, slots=True)
class Planar:
    """A film's picture: brightness, and colour at half the resolution. Its sides are even."""

    y: Plane
    u: Plane
    v: Plane
    width: int
    height: int

    def paste(self, patch: Patch, left: int, top: int) -> None:
        left, top = left // 2 * 2, top // 2 * 2
        y, u, v = patch.planes
        _cover(self.y, y, left, top)
        _cover(self.u, u, left // 2, top // 2)
        _cover(self.v, v, left // 2, top // 2)

    def outline(self, corners: tuple[int, int, int, int], colour: Colour, thick: int) -> None:
        left, top, right, bottom = (at // 2 * 2 for at in corners)
        y, u, v = _as_planes(colour)
        for bar in _bars((left, top, right, bottom), max(2, thick // 2 * 2)):
            self.y[_within(bar, self.width, self.height)] = y
            half = (bar[0] // 2, bar[1] // 2, bar[2] // 2, bar[3] // 2)
            inside = _within(half, self.width // 2, self.height // 2)
            self.u[inside] = u
            self.v[inside] = v

    def rows(self, top: int, bottom: int) -> Planar:
        """Return the part between two even lines, to be drawn on as a canvas of its own."""
        half = slice(top // 2, bottom // 2)
        return Planar(self.y[top:bottom], self.u[half], self.v[half], self.width, bottom - top)


@lru_cache(maxsize=64)
def _as_planes(colour: Colour) -> tuple[int, int, int]:
    y, u, v = (int(plane[0, 0]) for plane in Patch(np.full((2, 2, 3), colour, np.uint8)).planes)
    return y, u, v


def _bars(corners: tuple[int, int, int, int], thick: int) -> tuple[tuple[int, int, int, int], ...]:
    left, top, right, bottom = corners
    return (
        (left, top, right, top + thick),
        (left, bottom - thick, right, bottom),
        (left, top, left + thick, bottom),
        (right - thick, top, right, bottom),
    )


def _within(bar: tuple[int, int, int, int], width: int, height: int) -> tuple[slice, slice]:
    left, top, right, bottom = bar
    return (
        slice(max(0, top), max(0, min(height, bottom))),
        slice(max(0, left), max(0, min(width, right))),
    )


def _cover(ground: Plane, patch: Plane, left: int, top: int) -> None:
    rows, columns = ground.shape[:2]
    height, width = patch.shape[:2]
    first_row, first_column = max(0, -top), max(0, -left)
    last_row, last_column = min(height, rows - top), min(width, columns - left)
    if first_row < last_row and first_column < last_column:
        ground[top + first_row : top + last_row, left + first_column : left + last_column] = patch[
            first_row:last_row, first_column:last_column
        ]
