"""What one training step sees: real crops and drawn plates, worn anew each time.

Real crops are drawn by their sources' weights, and by how rare their region and characters are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.values import Image
from lot.errors import Unreadable
from models.balance import Balance, balanced
from models.drawing.wear import DRAWN, PHOTOGRAPHED, Harshness, worn
from models.reader.data import REGIONS, Crop, labels
from models.reader.pool import Pool

UNKNOWN: Final = -1  # a region that the table does not say


@dataclass(frozen=True, slots=True)
class Sample:
    """A crop as the network takes it, with what it says."""

    pixels: NDArray[np.uint8]  # height x width x 3
    labels: list[int]
    region: int


def loaded(crops: Sequence[Crop]) -> list[Image]:
    """Read the pictures of `crops`."""
    images = []
    for crop in crops:
        image = cv2.imread(str(crop.path), cv2.IMREAD_COLOR)
        if image is None:
            raise Unreadable(f"{crop.path} is no picture", then="remove its line in truth.csv")
        images.append(np.asarray(image, np.uint8))
    return images


def fitted(crop: Image, height: int, width: int) -> Image:
    """Stretch a crop as the edge does: averaged where it shrinks, interpolated where it grows."""
    shrinks = crop.shape[0] > height or crop.shape[1] > width
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(crop, (width, height), interpolation=how), np.uint8)


class Mixture:
    """Draws samples for ever: a share of real crops by their sources' weights, the rest drawn."""

    def __init__(
        self,
        crops: Sequence[Crop],
        pools: Sequence[Pool],
        *,
        real: float,
        size: tuple[int, int],
        balance: float = 0.0,
    ) -> None:
        self.balance = balance_of(crops, balance)
        self._crops = crops
        self._images = loaded(crops)
        self._pools = pools
        self._real = real if crops else 0.0
        self._size = size
        self._shares = np.cumsum(self.balance.weights)

    def samples(self, rng: np.random.Generator, easy: float) -> Iterator[Sample]:
        """Yield samples; `easy` from 1 to 0 spares the first steps the worst weather."""
        gentle = _eased(DRAWN, easy), _eased(PHOTOGRAPHED, easy)
        while True:
            if rng.random() < self._real:
                yield self._photographed(rng, gentle[1])
            else:
                yield self._drawn(rng, gentle[0])

    def _photographed(self, rng: np.random.Generator, harshness: Harshness) -> Sample:
        at = min(int(np.searchsorted(self._shares, rng.random())), len(self._crops) - 1)
        crop = self._crops[at]
        image = worn(self._images[at], rng, harshness)
        region = UNKNOWN if crop.region is None else REGIONS.index(crop.region)
        return Sample(fitted(image, *self._size), labels(crop.text), region)

    def _drawn(self, rng: np.random.Generator, harshness: Harshness) -> Sample:
        pool = self._pools[int(rng.integers(len(self._pools)))]
        at = int(rng.integers(len(pool.texts)))
        image = worn(pool.images[at], rng, harshness)
        region = REGIONS.index(pool.regions[at])
        return Sample(fitted(image, *self._size), labels(pool.texts[at]), region)


def balance_of(crops: Sequence[Crop], strength: float) -> Balance:
    """Return how often each crop is drawn: by its source, by its region, by its characters."""
    # Squares of a street are rarer than collectors' pictures, and nearer to a gate's.
    counts = Counter(crop.source for crop in crops)
    by_source = np.array([counts[crop.source] ** -0.4 for crop in crops])
    classes = [{crop.region or "no region", *crop.text} for crop in crops]
    return balanced(classes, strength, by_source)


def _eased(harshness: Harshness, easy: float) -> Harshness:
    hard = 1 - easy
    return replace(
        harshness,
        dirt=harshness.dirt * hard,
        light=harshness.light * (0.4 + 0.6 * hard),
        turn=harshness.turn * (0.3 + 0.7 * hard),
        blur=harshness.blur * hard,
        noise=harshness.noise * hard,
        width_low=round(harshness.width_low + (90 - harshness.width_low) * easy),
    )
