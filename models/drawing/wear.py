"""What weather, dirt, distance and a cheap camera do to a picture of a plate.

Applied in the order of the world: first what lies on the plate, then light, then the lens'
view from one side, then the sensor's few pixels, its blur and noise, and the coder last. All
is numpy and OpenCV on small pictures, because a training run wears millions of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.values import Image

Floats = NDArray[np.float32]
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Harshness:
    """How bad it may become; shares of pictures, and bounds. 0 leaves the picture as it is."""

    dirt: float = 0.35  # share of plates with dirt, screws, stickers or a frame
    light: float = 1.0  # scales contrast, cast and shadow
    turn: float = 1.0  # scales rotation, perspective and the box's inaccuracy
    width_low: int = 36  # pixels across the crop; the gate calls plates under 70 illegible
    width_high: int = 200
    blur: float = 1.0  # scales motion and defocus
    noise: float = 1.0  # scales noise and coding
    margin: float = 0.14  # of the plate's size, at most, on each side
    loose: float = 0.25  # share of boxes that err more, as a detector's do on small plates


_LOOSE = 0.16  # of the plate's size, beside the usual margin

DRAWN = Harshness()
PHOTOGRAPHED = Harshness(  # it has its own dirt, light and blur already
    dirt=0.08, light=0.6, turn=0.7, width_low=40, blur=0.45, noise=0.5, margin=0.05
)


def worn(plate: Image, rng: Rng, harshness: Harshness = DRAWN) -> Image:
    """Return the plate as a detector's crop might show it, at the camera's own resolution."""
    image = plate
    if rng.random() < harshness.dirt:
        for soil in (_screwed, _dirty, _stickered, _framed):
            if rng.random() < 0.4:
                image = soil(image, rng)
    image = _turned(image, rng, harshness)
    image = _coarse(image, rng, harshness)
    image = _lit(
        image, rng, harshness.light
    )  # on the few pixels that are left: a third of the time
    image = _blurred(image, rng, harshness.blur)
    return _coded(_noisy(image, rng, harshness.noise), rng, harshness.noise)


def _screwed(image: Image, rng: Rng) -> Image:
    image = image.copy()
    h, w = image.shape[:2]
    shade = tuple(int(c) for c in rng.integers(30, 220, 3))
    for x in (rng.uniform(0.15, 0.25), rng.uniform(0.75, 0.85)):
        for y in (0.09, 0.91):
            if rng.random() < 0.6:
                place = (round(x * w), round(y * h))
                cv2.circle(image, place, round(rng.uniform(0.02, 0.05) * h), shade, -1, cv2.LINE_AA)
    return image


def _dirty(image: Image, rng: Rng) -> Image:
    h, w = image.shape[:2]
    coarse = rng.random((int(rng.integers(2, 7)), int(rng.integers(3, 14))), np.float32)
    cover = cv2.resize(coarse, (w, h), interpolation=cv2.INTER_CUBIC)
    cover = np.clip((cover - rng.uniform(0.4, 0.7)) * rng.uniform(0.5, 2.0), 0, 0.55)
    mud = rng.uniform(40, 170, 3)
    return _pixels(image + (mud - image) * cover[:, :, None])


def _stickered(image: Image, rng: Rng) -> Image:
    image = image.copy()
    h, w = image.shape[:2]
    side = rng.uniform(0.1, 0.22) * h
    left = rng.choice([rng.uniform(0.0, 0.06), rng.uniform(0.86, 0.93)]) * w
    top = rng.choice([0.02, 0.78]) * h
    tint = tuple(int(c) for c in rng.integers(0, 256, 3))
    corner, end = (round(left), round(top)), (round(left + side * 1.4), round(top + side))
    cv2.rectangle(image, corner, end, tint, -1, cv2.LINE_AA)
    return image


def _framed(image: Image, rng: Rng) -> Image:
    """Put a dealer's frame over the edge; it may hide the state's name, never the serial."""
    image = image.copy()
    h, w = image.shape[:2]
    above, below = (round(rng.uniform(0.02, 0.16) * h) for _ in range(2))
    beside = round(rng.uniform(0.01, 0.03) * w)
    shade = tuple(int(c) for c in np.clip(rng.normal(60, 60) + rng.normal(0, 12, 3), 5, 250))
    for top, bottom, left, right in (
        (0, above, 0, w), (h - below, h, 0, w), (0, h, 0, beside), (0, h, w - beside, w)
    ):  # fmt: skip
        image[top:bottom, left:right] = shade
    for middle, tall in ((above / 2, above), (h - below / 2, below)):
        if tall > 0.08 * h and rng.random() < 0.6:  # the dealer's name, as bright specks
            x = np.arange(round(0.2 * w), round(0.8 * w), 3)
            image[int(middle), x[rng.random(len(x)) < 0.6]] = 255 - np.array(shade, np.uint8)
    return image


def _turned(image: Image, rng: Rng, harshness: Harshness) -> Image:
    h, w = image.shape[:2]
    turn = harshness.turn
    margin = rng.uniform(-0.25, 1.0, 4) * harshness.margin  # left, top, right, bottom
    if rng.random() < harshness.loose:
        margin += rng.uniform(0.0, _LOOSE, 4)
    canvas_w, canvas_h = (
        round(w * (1 + margin[0] + margin[2])),
        round(h * (1 + margin[1] + margin[3])),
    )
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    angle = np.clip(rng.normal(0, 4.5 * turn), -20, 20) * np.pi / 180
    shear = rng.normal(0, 0.1 * turn)
    middle = np.array([w / 2, h / 2])
    slope = np.array([[np.cos(angle), -np.sin(angle) + shear], [np.sin(angle), np.cos(angle)]])
    moved = (corners - middle) @ slope.T + middle
    moved += rng.normal(0, 0.02 * turn, (4, 2)) * [h * 1.5, h]
    low, high = moved.min(0), moved.max(0)  # a detector's box holds the plate however it turns
    moved = (moved - low) / (high - low) * [w, h] + [margin[0] * w, margin[1] * h]
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    size = (canvas_w, canvas_h)
    if harshness.margin < 0.1:  # a photographed crop has a car around it already
        border = cv2.BORDER_REPLICATE
        return cv2.warpPerspective(image, matrix, size, borderMode=border).astype(np.uint8)
    body = _body((canvas_h, canvas_w), rng)
    cv2.warpPerspective(image, matrix, size, body, borderMode=cv2.BORDER_TRANSPARENT)
    return body


def _body(size: tuple[int, int], rng: Rng) -> Image:
    h, w = size
    paint = rng.uniform(10, 230) + rng.normal(0, 15, 3)
    patches = paint + rng.normal(0, rng.uniform(3, 45), (int(rng.integers(2, 6)), 4, 1))
    patches = np.clip(patches, 0, 255).astype(np.uint8)
    return cv2.resize(patches, (w, h), interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def _lit(image: Image, rng: Rng, light: float) -> Image:
    """Change brightness, contrast and colour; now and then a shadow's edge, infrared, glare."""
    h, w = image.shape[:2]
    lit = image.astype(np.float32)
    if rng.random() < 0.3:
        lit[:] = lit.mean(axis=2, keepdims=True) if rng.random() < 0.7 else lit[:, :, 2:]
    contrast = np.exp(rng.normal(0, 0.3 * light)) * (0.35 if rng.random() < 0.12 * light else 1.0)
    level = np.clip(rng.normal(115, 40 * light), 25, 215)
    cast = np.exp(rng.normal(0, 0.08 * light, 3))
    gain = (contrast * cast).astype(np.float32)
    lit = lit * gain + (level * cast - lit.mean() * gain).astype(np.float32)
    if rng.random() < 0.3 * light:
        lit *= _shadow((h, w), rng)
    if rng.random() < 0.1 * light:
        ys, xs = np.ogrid[:h, :w]
        far = ((xs - rng.uniform(0, w)) / w) ** 2 + ((ys - rng.uniform(0, h)) / h) ** 2
        lit += (rng.uniform(40, 140) * np.exp(-far * rng.uniform(3, 14)))[:, :, None]
    if rng.random() < 0.04 * light:
        lit = 255 - lit  # light letters on dark, which few sets show
    return _pixels(lit)


def _shadow(size: tuple[int, int], rng: Rng) -> Floats:
    h, w = size
    ys, xs = np.mgrid[:h, :w].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    away = (xs / w - rng.uniform(0.2, 0.8)) * np.cos(angle) + (ys / h - 0.5) * np.sin(angle)
    edge = 1 / (1 + np.exp(-away * rng.uniform(4, 60)))
    shade: Floats = (1 - rng.uniform(0.2, 0.65) * edge)[:, :, None].astype(np.float32)
    return shade


def _coarse(image: Image, rng: Rng, harshness: Harshness) -> Image:
    h, w = image.shape[:2]
    width = np.exp(rng.uniform(np.log(harshness.width_low), np.log(harshness.width_high)))
    if width >= w:
        return image
    size = (max(16, round(width)), max(8, round(h * width / w * rng.uniform(0.9, 1.1))))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _blurred(image: Image, rng: Rng, blur: float) -> Image:
    w = image.shape[1]
    chance = rng.random()
    if chance < 0.35 * blur:
        sigma = abs(rng.normal(0, 0.012 * w * blur)) + 0.3
        return cv2.GaussianBlur(image, (0, 0), min(sigma, 0.018 * w)).astype(np.uint8)
    if chance < 0.55 * blur:
        length = max(2, round(rng.uniform(0.008, 0.036) * w))
        return cv2.filter2D(image, -1, _motion(length, rng)).astype(np.uint8)
    return image


def _motion(length: int, rng: Rng) -> Floats:
    kernel = np.zeros((length + 2, length + 2), np.float32)
    middle = (length + 1) / 2
    angle = rng.normal(0, 0.6)
    way = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    start, end = middle - way, middle + way
    fixed = [tuple(int(v) for v in np.round(p * 16)) for p in (start, end)]
    cv2.line(kernel, fixed[0], fixed[1], (1.0,), 1, cv2.LINE_AA, shift=4)
    return kernel / max(float(kernel.sum()), 1e-6)


def _noisy(image: Image, rng: Rng, noise: float) -> Image:
    if rng.random() > 0.6 * noise:
        return image
    sigma = rng.exponential(5.0 * noise)
    grain = rng.standard_normal((*image.shape[:2], 1 if rng.random() < 0.5 else 3), np.float32)
    return _pixels(image + grain * np.float32(min(sigma, 24)))


def _coded(image: Image, rng: Rng, noise: float) -> Image:
    if rng.random() > 0.5 * noise:
        return image
    quality = int(rng.integers(25, 90))
    packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(packed, cv2.IMREAD_COLOR).astype(np.uint8)


def _pixels(values: NDArray[np.floating[Any]]) -> Image:
    return np.clip(values, 0, 255).astype(np.uint8)
