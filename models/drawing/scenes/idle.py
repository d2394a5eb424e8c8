"""What moves in an empty lot: leaves and their shadow on the ground. No vehicle, no event."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from edge.values import Image
from models.drawing.scenes.camera import Camera
from models.drawing.scenes.ground import Site
from models.drawing.scenes.light import Light

_SWAY_SECONDS = 2.7  # a branch's own swing; wind makes it uneven by the second wave
_REACH = 0.05  # metres that a shadow's edge wanders


class Idle:
    """A tree's shadow that falls over the drive's edge and wanders with the wind."""

    def __init__(self, site: Site, camera: Camera, light: Light, rng: Generator) -> None:
        self._strength = min(0.42, light.sun_strength * 0.7)
        corners = np.array(
            [(site.drive[1] - 1.0, 12.5, 0), (site.drive[1] + 4.0, 12.5, 0),
             (site.drive[1] + 4.0, 19.0, 0), (site.drive[1] - 1.0, 19.0, 0)]
        )  # fmt: skip
        pixels = camera.pixels(corners)
        room = np.array(camera.size)
        self._low = np.clip(np.floor(pixels.min(axis=0)).astype(int), 0, room)
        self._high = np.clip(np.ceil(pixels.max(axis=0)).astype(int), 0, room)
        width, height = (int(n) for n in self._high - self._low)
        self._seen = self._strength > 0.02 and min(width, height) > 8
        self._per_metre = camera.focal / 15.0
        if self._seen:
            self._leaves = _leaves(width, height, self._strength, rng)

    def swayed(self, empty: Image, seconds: float) -> Image:
        """Return a copy of the empty view with the shadow where the wind has it."""
        picture = empty.copy()
        if not self._seen:
            return picture
        swing = np.sin(2 * np.pi * seconds / _SWAY_SECONDS) + 0.6 * np.sin(
            2 * np.pi * seconds / 1.13 + 1
        )
        shift = float(swing) * _REACH * self._per_metre
        move = np.array([[1.0, 0.0, shift], [0.0, 1.0, shift * 0.3]], np.float32)
        size = (self._leaves.shape[1], self._leaves.shape[0])
        moved = cv2.warpAffine(self._leaves, move, size, borderMode=cv2.BORDER_REPLICATE)
        region = picture[self._low[1] : self._high[1], self._low[0] : self._high[0]]
        np.copyto(region, cv2.multiply(region, cv2.merge([moved] * 3), scale=1 / 255))
        return picture


def _leaves(width: int, height: int, strength: float, rng: Generator) -> Image:
    """Return how much of the sun comes through: 255 all of it."""
    loose = rng.normal(0, 1, (height, width)).astype(np.float32)
    clumps = cv2.GaussianBlur(loose, (0, 0), sigmaX=width / 26, sigmaY=height / 26)
    shaded = 1 / (1 + np.exp(-clumps / clumps.std() * 4))
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    crown = np.clip(1.25 - np.hypot(across, down) * 1.25, 0, 1) ** 0.5
    return np.asarray(255 * (1 - strength * shaded * crown), np.uint8)
