"""Which pictures are shown oftener: those of rare kinds, of small sets, and with narrow plates.

Kinds are rare in the sets (a motorcycle in one picture of fifty), and so are plates as narrow as
a far car's, which detection loses first.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from models.balance import Balance, balanced
from models.detector.data import Prepared, boxes_of

NARROW: Final = 30.0  # pixels, where the picture's longest side is SIZE
SIZE: Final = 640  # what the edge runs the network at


@dataclass(frozen=True, slots=True)
class Shown:
    """How often each picture of the train side is drawn; pictures by their resolved path."""

    balance: Balance
    paths: tuple[str, ...]

    def weights_of(self, files: Sequence[str]) -> list[float]:
        """Return the weights of the trainer's own files, which link to the pictures."""
        weights = dict(zip(self.paths, self.balance.weights.tolist(), strict=True))
        return [weights[str(Path(file).resolve())] for file in files]


def shown(prepared: Prepared, strength: float) -> Shown:
    """Return how often the pictures of the train side are drawn."""
    boxes = boxes_of(prepared.boxes)
    taught = prepared.pictures[prepared.pictures["side"] == "train"]
    columns = ["source", "picture", "path", "width", "height"]
    classes: list[set[str]] = []
    paths: list[str] = []
    for source, picture, path, width, height in taught[columns].itertuples(index=False, name=None):
        found = boxes.get(picture, [])
        across = SIZE * width / max(width, height)
        narrow = any(kind == "plate" and box.width * across < NARROW for kind, box in found)
        classes.append({f"set {source}", *(kind for kind, _ in found)})
        if narrow:
            classes[-1].add("narrow plate")
        paths.append(path)
    return Shown(balanced(classes, strength), tuple(paths))


def show_by_weight(dataset: Any, weights: Sequence[float]) -> None:
    """Let the library's dataset give pictures by weight, whichever place it is asked for.

    Not by its loader's order: three of a mosaic's four pictures are asked for by the mosaic.
    """
    given = dataset.get_image_and_label
    places = range(len(weights))
    summed = list(accumulate(weights))

    def by_weight(place: int) -> Any:
        del place
        # The library seeds this generator anew for each loader.
        return given(random.choices(places, cum_weights=summed)[0])  # noqa: S311  # no secret

    dataset.get_image_and_label = by_weight
