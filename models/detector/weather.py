"""What a gate camera does to a picture and no set of daylight photos shows.

Night, rain, fog, headlights, a car's motion, a cheap lens, a stream of few kilobits, and the clock
that the camera writes into it. Only the pixels change: boxes stay true, so each effect is gentle
enough that a person still finds the plate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.values import Image

CAPTIONED = 0.25  # without it the clock and the camera's name were taken for plates
SHARE = 0.5  # the other half stays as photographed: by day most pictures are good
CAPTION_SIGNS = "0123456789012345678901234567890123456789:-/. ABCDEFGHIJKLMNOPQRSTUVWXYZ"
EFFECTS_MAX = 2  # three at once left plates that nobody could point at


class Weather:
    """Spoils a share of the pictures, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def __call__(self, image: Image) -> Image:
        """Return `image` as it came, or with one or two effects, or a caption, or both."""
        if self._random.random() < SHARE:
            count = int(self._random.integers(1, EFFECTS_MAX + 1))
            for chosen in self._random.choice(len(EFFECTS), size=count, replace=False):
                image = EFFECTS[int(chosen)](image, self._random)
        return caption(image, self._random) if self._random.random() < CAPTIONED else image


def caption(image: Image, random: np.random.Generator) -> Image:
    """Write what a camera writes into its picture, near the upper or the lower border."""
    height, width = image.shape[:2]
    written = image.copy()
    signs = random.choice(list(CAPTION_SIGNS), size=int(random.integers(4, 20)))
    text = "".join(str(sign) for sign in signs)
    scale = float(random.uniform(0.35, 0.8))
    (long, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    left = int(random.integers(0, max(1, width - long)))
    low = int(random.integers(high + 2, high + 2 + height // 12))
    foot = low if random.random() < 0.5 else height - low + high
    ink, ground = (
        ((255.0,) * 3, (0.0,) * 3) if random.random() < 0.7 else ((0.0,) * 3, (255.0,) * 3)
    )
    if random.random() < 0.5:  # on a plate of its own, or with an outline
        corner = (left + long + 3, foot + 4)
        cv2.rectangle(written, (left - 3, foot - high - 3), corner, ground, -1)
    else:
        cv2.putText(written, text, (left, foot), cv2.FONT_HERSHEY_SIMPLEX, scale, ground, 3)
    cv2.putText(written, text, (left, foot), cv2.FONT_HERSHEY_SIMPLEX, scale, ink, 1, cv2.LINE_AA)
    return _bytes(written)


def night(image: Image, random: np.random.Generator) -> Image:
    """Darken, tint as sodium or infrared lamps do, and add the sensor's noise."""
    gain = random.uniform(0.25, 0.65)  # darker hid the plate from us too
    dark = image.astype(np.float32) * gain
    if random.random() < 0.3:  # infrared cameras see no colour
        dark[:] = dark.mean(axis=2, keepdims=True)
    else:
        dark *= np.array(  # blue, green, red
            [random.uniform(0.6, 1.1), random.uniform(0.85, 1.0), random.uniform(0.9, 1.25)],
            dtype=np.float32,
        )
    dark += random.normal(0.0, random.uniform(1.0, 6.0), image.shape[:2])[:, :, None]
    return _bytes(dark)


def headlights(image: Image, random: np.random.Generator) -> Image:
    """Add one or two lamps with their glow; the plate beside them stays visible."""
    height, width = image.shape[:2]
    glow = np.zeros((height, width), np.float32)
    for _ in range(int(random.integers(1, 3))):
        centre = (int(random.integers(0, width)), int(random.integers(0, height)))
        radius = max(2, int(width * random.uniform(0.01, 0.04)))
        cv2.circle(glow, centre, radius, (random.uniform(150, 400),), -1)
    soft = cv2.GaussianBlur(glow, (0, 0), width * random.uniform(0.01, 0.04))
    return _bytes(image.astype(np.float32) + soft[..., None])


def rain(image: Image, random: np.random.Generator) -> Image:
    """Draw slanted streaks and take some contrast away."""
    height, width = image.shape[:2]
    streaks = np.zeros((height, width), np.uint8)
    length, lean = int(random.integers(6, 22)), int(random.integers(-6, 7))
    for _ in range(int(random.integers(60, 250))):
        x, y = int(random.integers(0, width)), int(random.integers(0, height))
        bright = (float(random.integers(60, 180)),)
        cv2.line(streaks, (x, y), (x + lean, y + length), bright, 1)
    soft = cv2.blur(streaks, (2, 3))
    washed = image.astype(np.float32) * 0.85 + 18.0
    return _bytes(washed + 0.5 * soft[..., None])


def fog(image: Image, random: np.random.Generator) -> Image:
    """Lay an even grey over everything."""
    share = random.uniform(0.2, 0.55)
    return _bytes(image.astype(np.float32) * (1 - share) + random.uniform(150, 220) * share)


def motion(image: Image, random: np.random.Generator) -> Image:
    """Blur along one direction, as a car in a long exposure."""
    length = int(random.integers(3, 9))
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1.0
    turn = cv2.getRotationMatrix2D(
        ((length - 1) / 2, (length - 1) / 2), float(random.uniform(-30, 30)), 1.0
    )
    turned = cv2.warpAffine(kernel, turn, (length, length))
    evened = (turned / max(float(turned.sum()), 1e-6)).astype(np.float32)
    return _bytes(cv2.filter2D(image, -1, evened))


def defocus(image: Image, random: np.random.Generator) -> Image:
    """Blur evenly."""
    return _bytes(cv2.GaussianBlur(image, (0, 0), float(random.uniform(0.6, 1.6))))


def few_pixels(image: Image, random: np.random.Generator) -> Image:
    """Shrink and enlarge, as a substream does; cheap shrinking leaves steps in thin strokes."""
    height, width = image.shape[:2]
    share = random.uniform(0.5, 0.85)
    small = cv2.resize(
        image,
        (max(8, int(width * share)), max(8, int(height * share))),
        interpolation=cv2.INTER_AREA if random.random() < 0.5 else cv2.INTER_LINEAR,
    )
    return _bytes(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def few_bits(image: Image, random: np.random.Generator) -> Image:
    """Compress as a camera short of bandwidth."""
    quality = int(random.integers(12, 50))
    _, packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return _bytes(cv2.imdecode(packed, cv2.IMREAD_COLOR))


EFFECTS: tuple[Callable[[Image, np.random.Generator], Image], ...] = (
    night,
    headlights,
    rain,
    fog,
    motion,
    defocus,
    few_pixels,
    few_bits,
)


def _bytes(pixels: NDArray[Any]) -> Image:
    return np.ascontiguousarray(np.clip(pixels, 0, 255).astype(np.uint8))
