"""Where a camera hangs, and where a point of the lot falls in its picture.

The lot's own axes: x to the right along the kerb, y away from the camera along the drive,
z up; metres. The camera hangs above the point (`lateral`, 0). Nothing here draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NEAR = 0.4  # metres before the lens: what is nearer has no place in a picture


@dataclass(frozen=True, slots=True)
class Mount:
    """How a camera hangs: metres and degrees, as an installer would say it."""

    height: float
    lateral: float
    down: float  # how far below the horizon it looks
    right: float  # how far to the right of the drive it looks
    view: float  # the whole angle across the picture


class Camera:
    """A mount with a picture's size: projects the lot into pixels."""

    def __init__(self, mount: Mount, size: tuple[int, int]) -> None:
        self.mount, self.size = mount, size
        self.focal = size[0] / 2 / np.tan(np.radians(mount.view) / 2)  # in pixels
        self.position = np.array([mount.lateral, 0.0, mount.height])
        down, right = np.radians(mount.down), np.radians(mount.right)
        forward = np.array(
            [np.sin(right) * np.cos(down), np.cos(right) * np.cos(down), -np.sin(down)]
        )
        across = np.array([np.cos(right), -np.sin(right), 0.0])
        self._axes = np.stack([across, np.cross(forward, across), forward])
        self._middle = np.array([size[0] / 2, size[1] / 2])

    def depths(self, points: Floats) -> Floats:
        """Return how far before the lens each point (..., 3) lies."""
        away: Floats = (points - self.position) @ self._axes[2]
        return away

    def pixels(self, points: Floats) -> Floats:
        """Return where each point (..., 3) falls, (..., 2); meaningful only before the lens."""
        seen = (points - self.position) @ self._axes.T
        depth = np.maximum(seen[..., 2:], NEAR)
        placed: Floats = seen[..., :2] * (self.focal / depth) + self._middle
        return placed

    def rays(self, pixels: Floats) -> Floats:
        """Return the unit direction (..., 3) in which each pixel (..., 2) looks."""
        flat = (pixels - self._middle) / self.focal
        ahead = np.concatenate([flat, np.ones_like(flat[..., :1])], axis=-1)
        turned = ahead @ self._axes
        unit: Floats = turned / np.linalg.norm(turned, axis=-1, keepdims=True)
        return unit
