"""The ground before the camera: asphalt, kerbs, grass and a street, dry or wet.

Each pixel's ray is followed to the ground, so that grain and stains lie flat in perspective.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.drawing.scenes.camera import Camera, Floats
from models.drawing.scenes.light import Colour, Light

STREET = (21.5, 29.0)  # from and to, metres away from the camera
FENCE = 33.0  # where the ground ends
_GRAIN = 512  # of the ground's texture, which repeats

Shades = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Site:
    """What is built at this gate."""

    drive: tuple[float, float] = (-2.6, 2.6)  # x of its kerbs
    lanes: tuple[float, ...] = ()  # x of the lines between lanes
    stop_line: float = 8.3
    kiosk: float = 3.4  # x of its near wall, beyond the street, so that it hides nobody


def lit_ground(site: Site, camera: Camera, light: Light, rng: Generator) -> Shades:
    """Return the colours of sky and ground, height x width x 3, not yet clipped."""
    width, height = camera.size
    across, down = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    rays = camera.rays(np.stack([across, down], axis=-1))
    sinking = np.minimum(rays[..., 2], -1e-3)
    reach = np.where(rays[..., 2] < -1e-3, -camera.position[2] / sinking, 0)
    x = (camera.position[0] + rays[..., 0] * reach).astype(np.float32)
    y = (camera.position[1] + rays[..., 1] * reach).astype(np.float32)
    lamp = light.own_lamp * np.minimum(1.3, (9.0 / np.maximum(reach, 1.0)) ** 2)
    # A street lamp beside the drive, where there is night.
    pool = 0.28 * np.exp(-((x + 2) ** 2 + (y - 14) ** 2) / 40) * (light.own_lamp > 0.2)
    lit = (light.ambient + light.sun_strength * 0.8 + lamp + pool).astype(np.float32)[..., None]
    ground = _ground(site, x, y) * _texture(rng, x, y)[..., None] * lit * _colour(light.tint)
    if light.wet:
        ground = _wet(ground, rays, light, _puddles(rng, x, y))
    is_ground = (reach > 0) & (y < FENCE)
    found: Shades = np.where(is_ground[..., None], ground, _sky(rays, light)).astype(np.float32)
    return found


def _colour(values: Colour) -> Shades:
    return np.array(values, np.float32)


def _sky(rays: Floats, light: Light) -> Shades:
    rise = np.clip(rays[..., 2:] * 2.5, 0, 1).astype(np.float32)
    horizon, zenith = _colour(light.horizon), _colour(light.zenith)
    return np.asarray(horizon + (zenith - horizon) * rise, np.float32)


def _texture(rng: Generator, x: Shades, y: Shades) -> Shades:
    """Return how bright each ground point is against its material: coarse stains, fine grain."""
    total = np.ones(x.shape, np.float32)
    for metres, depth, blur in ((26.0, 0.11, 9.0), (9.0, 0.07, 3.0), (2.6, 0.08, 0.9)):
        total += _spread(_tile(rng, blur), x, y, _GRAIN / metres) * np.float32(depth)
    return np.clip(total, 0.4, 1.7)


def _spread(tile: Shades, x: Shades, y: Shades, per_metre: float) -> Shades:
    """Return the tile laid over the ground again and again."""
    across = (x * np.float32(per_metre)) % _GRAIN
    along = (y * np.float32(per_metre)) % _GRAIN
    laid = cv2.remap(tile, across, along, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(laid, np.float32)


def _tile(rng: Generator, blur: float) -> Shades:
    """Return a square of smoothed noise that repeats without a seam, of deviation one."""
    margin = int(blur * 4)
    loose = rng.normal(0, 1, (_GRAIN, _GRAIN)).astype(np.float32)
    smooth = cv2.GaussianBlur(np.pad(loose, margin, mode="wrap"), (0, 0), blur)
    tile = smooth[margin:-margin, margin:-margin]
    return np.asarray(tile / tile.std(), np.float32)


def _ground(site: Site, x: Shades, y: Shades) -> Shades:
    left, right = site.drive
    asphalt, street = _colour((104, 106, 108)), _colour((84, 86, 88))
    grass, kerb = _colour((62, 104, 92)), _colour((168, 172, 174))
    walk = _colour((142, 148, 152))
    ground = np.where(((x > left) & (x < right) & (y < STREET[0]))[..., None], asphalt, grass)
    edge = ((np.abs(x - left) < 0.11) | (np.abs(x - right) < 0.11)) & (y < STREET[0])
    ground = np.where(edge[..., None], kerb, ground)
    ground = np.where(((y > STREET[0] - 1.8) & (y < STREET[0] - 0.2))[..., None], walk, ground)
    ground = np.where(((x > left) & (x < right) & (y < STREET[0]))[..., None], asphalt, ground)
    ground = np.where(((y > STREET[0] - 0.2) & (y < STREET[1]))[..., None], street, ground)
    ground = np.where(((y > STREET[1]) & (y < STREET[1] + 0.25))[..., None], kerb, ground)
    worn = np.exp(-((np.abs(x - (left + right) / 2) - 0.8) ** 2) / 0.12)
    on_drive = (x > left) & (x < right) & (y < STREET[0])
    return np.asarray(ground * (1 - 0.13 * worn * on_drive)[..., None], np.float32)


def _puddles(rng: Generator, x: Shades, y: Shades) -> NDArray[np.bool_]:
    return np.asarray(_spread(_tile(rng, 14.0), x, y, 24.0) > 0.9, np.bool_)


def _wet(ground: Shades, rays: Floats, light: Light, puddles: NDArray[np.bool_]) -> Shades:
    """Return the ground darkened by water and mirroring the sky, more where puddles stand."""
    grazing = (1 + rays[..., 2].astype(np.float32)) ** 5
    mirror = np.clip(0.10 + 0.35 * grazing + 0.25 * puddles * grazing, 0, 0.7)[..., None]
    return np.asarray(
        ground * 0.62 * (1 - mirror) + _colour(light.horizon) * 0.75 * mirror, np.float32
    )
