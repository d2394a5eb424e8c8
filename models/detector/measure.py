"""How well a detector finds what people drew boxes round: figures for the card, and for a choice.

Any detector can be measured, since only its findings come here. What no set labels completely
is not held against it twice: in some pictures far plates have no box, so a "false" plate here
may be a real one, and the figure is an upper bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from edge.values import Box, Detection

OVERLAPS = (
    0.5,
    0.3,
)  # half is the field's measure; at 0.3 a crop with its margin still has the text
NARROW = 24  # pixels at the network's size: a 70 px plate of a 1080p gate camera


@dataclass(frozen=True)
class Looked:
    """One picture: what it shows by its set, and what was found in it."""

    source: str
    given: tuple[tuple[str, Box], ...]
    found: tuple[Detection, ...]  # best first
    pixels: int  # the picture's width as the network saw it


@dataclass(frozen=True)
class PlateFigures:
    """Shares of the given plates, and what was found beyond them, at one threshold."""

    pictures: int
    plates: int
    recall_50: float
    recall_30: float
    recall_30_narrow: float  # of the plates under NARROW pixels
    narrow: int
    false_a_picture: float


@dataclass(frozen=True)
class VehicleFigures:
    """Agreement with another network's vehicles: it is no truth, only what must not be lost."""

    vehicles: int
    found: float
    same_kind: float  # of those found
    beyond_a_picture: float


def plate_figures(pictures: Sequence[Looked], threshold: float) -> PlateFigures:
    """Return what is found of the given plates from `threshold` on."""
    hits = dict.fromkeys(OVERLAPS, 0)
    plates = narrow = narrow_hits = false = 0
    for picture in pictures:
        given = _of(picture.given, "plate")
        found = [d.box for d in picture.found if d.kind == "plate" and d.score >= threshold]
        plates += len(given)
        for overlap in OVERLAPS:
            hits[overlap] += len(matched(given, found, overlap))
        near = matched(given, found, OVERLAPS[1])
        false += len(found) - len(near)
        for at, box in enumerate(given):
            if box.width * picture.pixels < NARROW:
                narrow += 1
                narrow_hits += at in near
    return PlateFigures(
        len(pictures),
        plates,
        _share(hits[0.5], plates),
        _share(hits[0.3], plates),
        _share(narrow_hits, narrow),
        narrow,
        _share(false, len(pictures)),
    )


def vehicle_figures(pictures: Sequence[Looked], threshold: float) -> VehicleFigures:
    """Return how many of the given vehicles are found from `threshold` on, whatever their kind."""
    vehicles = hits = same = beyond = 0
    for picture in pictures:
        given = [(kind, box) for kind, box in picture.given if kind != "plate"]
        found = [d for d in picture.found if d.kind != "plate" and d.score >= threshold]
        pairs = matched([box for _, box in given], [d.box for d in found], OVERLAPS[0])
        vehicles += len(given)
        hits += len(pairs)
        same += sum(given[at][0] == found[of].kind for at, of in pairs.items())
        beyond += len(found) - len(pairs)
    return VehicleFigures(
        vehicles, _share(hits, vehicles), _share(same, hits), _share(beyond, len(pictures))
    )


def average_precision(pictures: Sequence[Looked], kind: str, overlap: float = 0.5) -> float:
    """Return the area under precision over recall, precision made monotone, at all points."""
    outcomes: list[tuple[float, bool]] = []
    total = 0
    for picture in pictures:
        given = _of(picture.given, kind)
        found = [d for d in picture.found if d.kind == kind]
        total += len(given)
        right = set(matched(given, [d.box for d in found], overlap).values())
        outcomes.extend((d.score, at in right) for at, d in enumerate(found))
    if not total or not outcomes:
        return 0.0
    outcomes.sort(key=lambda outcome: -outcome[0])
    hits = np.cumsum([right for _, right in outcomes])
    recall = np.concatenate([[0.0], hits / total])
    precision = hits / np.arange(1, len(outcomes) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall) * precision))


def matched(given: Sequence[Box], found: Sequence[Box], overlap: float) -> dict[int, int]:
    """Pair each found box, best first, with the free given box it covers best.

    The answer maps the given's place to the found's; what overlaps too little stays alone.
    """
    pairs: dict[int, int] = {}
    for of, box in enumerate(found):
        free = [(box.iou(other), at) for at, other in enumerate(given) if at not in pairs]
        best, at = max(free, default=(0.0, -1))
        if best >= overlap:
            pairs[at] = of
    return pairs


def _of(given: Iterable[tuple[str, Box]], kind: str) -> list[Box]:
    return [box for of, box in given if of == kind]


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
