"""What lies between the lot and the picture: noise, rain, drops, glare, the coder's blocks."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from edge.values import Image
from models.drawing.scenes import brush
from models.drawing.scenes.camera import NEAR, Camera, Floats
from models.drawing.scenes.light import Light
from models.drawing.scenes.meshes import mesh
from models.drawing.scenes.movement import Pose
from models.drawing.scenes.vehicles import Patch

_SLACK = 64  # how far a tile of noise or rain is shifted from frame to frame, in pixels


class Sensor:
    """A sensor's noise: two precomputed tiles, shifted at random, cost half a millisecond."""

    def __init__(self, light: Light, size: tuple[int, int], rng: Generator) -> None:
        width, height = size[0] + _SLACK, size[1] + _SLACK
        grain = rng.normal(0, light.noise, (height, width, 1))
        if not light.grey:
            grain = grain * 0.8 + rng.normal(0, light.noise * 0.5, (height, width, 3))
        # A sensor's pixels are mixed into colours and sharpened: its grain is not of one pixel.
        loose = np.broadcast_to(grain, (height, width, 3)).astype(np.float32)
        smooth = np.asarray(cv2.GaussianBlur(loose, (3, 3), 0.6)) * 1.5
        self._added = np.clip(np.round(smooth), 0, 255).astype(np.uint8)
        self._taken = np.clip(np.round(-smooth), 0, 255).astype(np.uint8)
        self._size = size
        self._rng = rng

    def expose(self, picture: Image) -> Image:
        """Return the picture with this moment's noise."""
        left, top = (int(n) for n in self._rng.integers(0, _SLACK, 2))
        width, height = self._size
        spot = np.s_[top : top + height, left : left + width]
        noisy = cv2.add(picture, self._added[spot])
        return cv2.subtract(noisy, self._taken[spot], dst=noisy).astype(np.uint8)


class Rain:
    """Streaks that fall through every picture, and drops that sit on the lens."""

    def __init__(self, size: tuple[int, int], rng: Generator) -> None:
        self._size, self._rng = size, rng
        scale = size[1] / 720
        width, height = size[0] + 4 * _SLACK, size[1] + 4 * _SLACK
        streaks = np.zeros((height, width), np.uint8)
        for _ in range(420):
            x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
            long, lean = rng.uniform(14, 60) * scale, rng.uniform(-0.12, -0.02)
            tip = (int(x + long * lean), int(y + long))
            cv2.line(streaks, (x, y), tip, (int(rng.integers(14, 52)),), 1, cv2.LINE_AA)
        self._streaks = cv2.merge([cv2.GaussianBlur(streaks, (3, 3), 0)] * 3)
        self._drops = [
            (int(rng.uniform(0, size[0])), int(rng.uniform(0, size[1])), int(radius * scale) + 2)
            for radius in rng.uniform(5, 15, 9)
        ]

    def fall(self, picture: Image) -> Image:
        left, top = (int(n) for n in self._rng.integers(0, 4 * _SLACK, 2))
        width, height = self._size
        wet = np.asarray(
            cv2.add(picture, self._streaks[top : top + height, left : left + width]), np.uint8
        )
        for x, y, radius in self._drops:
            self._refract(wet, x, y, radius)
        return wet

    def _refract(self, picture: Image, x: int, y: int, radius: int) -> None:
        """A drop shows what lies behind it upside down and out of focus."""
        width, height = self._size
        left, right = max(0, x - radius), min(width, x + radius)
        top, bottom = max(0, y - radius), min(height, y + radius)
        region = picture[top:bottom, left:right]
        if region.size == 0:
            return
        turned = cv2.blur(cv2.flip(region, -1), (radius | 1, radius | 1))
        mask = np.zeros(region.shape[:2], np.uint8)
        cv2.circle(mask, (x - left, y - top), radius - 1, (255,), -1)
        cv2.copyTo(turned, mask, region)


def blurred(patch: Patch, movement: tuple[float, float]) -> Patch:
    """Return the patch smeared by its movement in pixels while the shutter was open."""
    long = float(np.hypot(*movement))
    if long < 1.2:
        return patch
    reach = min(15, int(np.ceil(long / 2)))
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    half = np.array(movement) / 2
    begin, end = (np.array([reach, reach]) - half) * 16, (np.array([reach, reach]) + half) * 16
    tips = [(int(x), int(y)) for x, y in (begin, end)]
    cv2.line(kernel, tips[0], tips[1], (1.0,), 1, cv2.LINE_AA, 4)
    smeared = cv2.filter2D(patch.colours, -1, kernel / kernel.sum())
    return Patch(patch.left, patch.top, smeared.astype(np.uint8))


def mirrored(patch: Patch, picture: Image) -> None:
    """Lay the vehicle's reflection on the wet ground below it, in place."""
    height, width = patch.colours.shape[:2]
    low = patch.top + height - max(2, height // 20)
    tall = min(int(height * 0.45), picture.shape[0] - low)
    if tall < 4:
        return
    upside = cv2.flip(patch.colours, 0)
    squeezed = cv2.resize(upside, (width, int(height * 0.45)), interpolation=cv2.INTER_AREA)
    squeezed = cv2.blur(squeezed, (9, 15))[:tall]
    fading = np.linspace(0.34, 0.03, tall, dtype=np.float32)[:, None, None]
    faint = (squeezed * fading).astype(np.uint8)
    brush.over(picture[low : low + tall, patch.left : patch.left + width], faint)


_GLOW: Image = np.clip(
    255
    * np.exp(
        -np.hypot(*np.meshgrid(np.linspace(-1, 1, 129), np.linspace(-1, 1, 129))) / 0.17
    ).astype(np.float32)
    - 1,
    0,
    255,
).astype(np.uint8)


def glare(model: str, pose: Pose, light: Light, camera: Camera, picture: Image) -> None:
    """Add the shine of lit lamps that look at the camera, in place."""
    faces = mesh(model)
    for lamps, ahead, colour, strength in (
        (faces.headlamps, 1.0, (250, 252, 255), 1.0),
        (faces.tails, -1.0, (24, 16, 120), 0.5),
    ):
        if len(lamps) == 0:
            continue
        world = pose.placed(lamps)
        facing = pose.turned(np.array([ahead, 0.0, 0.0]))
        for lamp in world:
            towards = camera.position - lamp
            distance = float(np.linalg.norm(towards))
            aim = float(towards @ facing) / distance
            if aim <= 0.2 or camera.depths(lamp[None]).min() < NEAR:
                continue
            # A dipped beam is thrown downwards: the nearer the camera, the farther above it.
            beam = aim * (0.35 + 0.65 * min(1.0, distance / 22))
            dark = 1.0 - light.ambient
            radius = camera.focal / distance * 0.9 * strength * beam * dark**1.5
            shine = tuple(channel * min(1.0, beam * dark) for channel in colour)
            _add_glow(picture, camera.pixels(lamp), radius, shine)


def _add_glow(picture: Image, at: Floats, radius: float, colour: tuple[float, ...]) -> None:
    reach = int(radius)
    if reach < 3:
        return
    left, top = int(at[0]) - reach, int(at[1]) - reach
    glow = cv2.resize(_GLOW, (2 * reach + 1, 2 * reach + 1), interpolation=cv2.INTER_LINEAR)
    low = max(0, left), max(0, top)
    high = min(picture.shape[1], left + 2 * reach + 1), min(picture.shape[0], top + 2 * reach + 1)
    if high[0] <= low[0] or high[1] <= low[1]:
        return
    part = glow[low[1] - top : high[1] - top, low[0] - left : high[0] - left]
    brush.brightened(picture[low[1] : high[1], low[0] : high[0]], np.asarray(part), colour)


def beam(model: str, pose: Pose, light: Light, camera: Camera, picture: Image) -> None:
    """Light the ground before the headlamps, in place."""
    lamps = mesh(model).headlamps
    if len(lamps) == 0:
        return
    front = float(lamps[:, 0].max())
    shape = [(0.3, 0.7), (9.0, 2.6), (9.0, -2.6), (0.3, -0.7)]
    ground = pose.placed(np.array([(front + away, aside, 0.0) for away, aside in shape]))
    ground[:, 1] = np.maximum(ground[:, 1], 4.0)  # nearer there is no picture
    pixels = camera.pixels(ground)
    soft = camera.size[0] // 22
    low = np.maximum(np.floor(pixels.min(axis=0)).astype(int) - 2 * soft, 0)
    high = np.minimum(np.ceil(pixels.max(axis=0)).astype(int) + 2 * soft, camera.size)
    if (high - low).min() < 8:
        return
    coarse = 8
    width, height = (int(n) for n in high - low)
    mask = np.zeros((height // coarse + 1, width // coarse + 1), np.uint8)
    brush.fill(
        mask, brush.fixed(pixels - low, 1 / coarse), (60 * (1 - light.ambient),), smooth=True
    )
    smooth = cv2.GaussianBlur(mask, (0, 0), soft / coarse * 0.7)
    full = np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    brush.brightened(picture[low[1] : high[1], low[0] : high[0]], full, (255, 255, 255))


def coded(picture: Image, quality: int) -> Image:
    """Return the picture as a cheap camera's JPEG leaves it."""
    _, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(packed, cv2.IMREAD_COLOR).astype(np.uint8)
