"""The first steps: plain characters whose places are known, so that CTC need not search for them.

CTC alone spends its first thousand steps answering blank everywhere, because that is right in
nine moments of ten. A few hundred steps on lettering whose places are known teach what a
character looks like and in which moment it is named; weather and plates come afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.drawing.faces import FACES, face
from models.drawing.lettering import Mask, Room, write
from models.reader.data import ALPHABET, labels

EITHER: Final = -1  # a moment beside a character's middle: nobody minds what is said there
_OVERSIZE: Final = 2


@dataclass(frozen=True, slots=True)
class Primed:
    """A flat picture of characters, and what every moment of it should say."""

    pixels: NDArray[np.uint8]  # height x width x 3
    moments: NDArray[np.int64]  # the upper row's, then the lower's; one row is the upper's alone


def primed(rng: np.random.Generator, size: tuple[int, int], columns: int) -> Primed:
    """Letter one row, or now and then two, on a flat ground."""
    height, width = size[0] * _OVERSIZE, size[1] * _OVERSIZE
    mask = np.zeros((height, width), np.uint8)
    moments = np.zeros((2, columns), np.int64)
    rows = 2 if rng.random() < 0.15 else 1
    tall = height * (rng.uniform(0.3, 0.4) if rows == 2 else rng.uniform(0.4, 0.75))
    top = rng.uniform(0.06, 0.12) * height if rows == 2 else rng.uniform(0.3, 0.9) * (height - tall)
    for row in range(rows):
        room = Room(
            rng.uniform(0.03, 0.15) * width,
            top + row * (tall + 0.08 * height),
            rng.uniform(0.7, 0.84) * width,
            tall,
        )
        _letter(mask, moments[row], room, rng, longest=8 // rows)
    ground, ink = _shades(rng)
    share = (mask / 255)[:, :, None]
    image = cv2.resize(ground + (ink - ground) * share, size[::-1], interpolation=cv2.INTER_AREA)
    noisy = image + rng.normal(0, rng.uniform(0, 10), image.shape)
    return Primed(np.clip(noisy, 0, 255).astype(np.uint8), moments.reshape(-1))


def _letter(
    mask: Mask, moments: NDArray[np.int64], room: Room, rng: np.random.Generator, *, longest: int
) -> None:
    text = "".join(rng.choice(list(ALPHABET), int(rng.integers(longest // 2, longest + 1))))
    cut = int(rng.integers(1, len(text))) if rng.random() < 0.5 else len(text)
    spelled = f"{text[:cut]} {text[cut:]}".strip()
    letters = face(FACES[int(rng.integers(len(FACES)))])
    places = write(mask, spelled, room, letters, cells=float(rng.uniform(0, 1)))
    scale = len(moments) / mask.shape[1]
    for character, place in zip(spelled, places, strict=True):
        if character != " ":
            middle = int((place.left + place.width / 2) * scale)
            before, after = max(0, middle - 1), middle + 2
            moments[before:after] = np.where(
                moments[before:after] == 0, EITHER, moments[before:after]
            )
            moments[middle] = labels(character)[0]


def _shades(rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    dark = rng.uniform(0, 110) + rng.normal(0, 15, 3)
    light = dark + rng.uniform(60, 140) + rng.normal(0, 15, 3)
    return (light, dark) if rng.random() < 0.75 else (dark, light)
