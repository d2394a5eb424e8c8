"""What is rare is shown oftener in training, without the common being forgotten.

Repeat factors after Gupta and others ("LVIS", CVPR 2019): what a class rarer than the average needs
decides how often the pictures that hold it are drawn; a picture of several counts by its rarest.
A strength of 0 draws all alike, 0.5 is LVIS's square root, 1 raises each class to the average.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

OFTENER_MOST: Final = 8.0  # shown more often, a handful of pictures is learned by heart
NAMED_MOST: Final = 12  # classes in a run's line and in the card, the rarest

Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Balance:
    """How often each item is drawn beside the others, and what that does to each class."""

    strength: float
    weights: Weights  # one an item
    plain: Mapping[str, float]  # each class's share of the items
    drawn: Mapping[str, float]  # and of what is drawn

    def line(self) -> str:
        """Return what a person should know of it, the rarest classes first."""
        told = ", ".join(
            f"{name} {100 * plain:.2f} % -> {100 * drawn:.2f} %"
            for name, (plain, drawn) in self._rarest().items()
        )
        how = f"balance {self.strength:g}" if self.strength else "balance off"
        return f"{how}; rarest: {told or 'nothing is taught'}"

    def facts(self) -> dict[str, object]:
        """Return the same for the card: shares as they are, and as they are drawn."""
        shares = {
            name: {"plain": round(plain, 4), "drawn": round(drawn, 4)}
            for name, (plain, drawn) in self._rarest().items()
        }
        return {"strength": self.strength, "rarest": shares}

    def _rarest(self) -> dict[str, tuple[float, float]]:
        names = sorted(self.plain, key=lambda name: (self.plain[name], name))[:NAMED_MOST]
        return {name: (self.plain[name], self.drawn[name]) for name in names}


def from_0_to_1(written: str) -> float:
    """Read a strength, for a parser."""
    number = float(written)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{written} is not from 0 to 1")
    return number


def balanced(
    classes: Sequence[Collection[str]], strength: float, given: Weights | None = None
) -> Balance:
    """Return how to draw items that are of these classes; `given` weights are multiplied."""
    counts = Counter(name for of in classes for name in set(of))
    average = sum(counts.values()) / max(1, len(counts))
    oftener = {
        name: min(OFTENER_MOST, max(1.0, (average / count) ** strength))
        for name, count in counts.items()
    }
    weights = np.array([max((oftener[name] for name in of), default=1.0) for of in classes])
    weights = weights if given is None else weights * given
    whole = max(float(weights.sum()), 1e-9)
    drawn = dict.fromkeys(counts, 0.0)
    for of, weight in zip(classes, weights, strict=True):
        for name in set(of):
            drawn[name] += float(weight) / whole
    plain = {name: count / len(classes) for name, count in counts.items()}
    return Balance(strength, weights / whole, plain, drawn)
