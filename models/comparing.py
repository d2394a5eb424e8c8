"""Two detectors look at the same drawn pictures: do they find the same, and how fast is each?

Runtimes round differently, so a finding near its threshold may be one's alone. What a wrong
build does looks otherwise: boxes elsewhere, or nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from statistics import median
from time import perf_counter

from edge.detection import Detector
from edge.detection.choice import detector
from edge.values import Detection, Image
from edge.weights import named
from lot.errors import WrongUsage
from models.detector.drawn import drawings
from models.detector.measure import matched

SAME_PLACE = 0.5
BOTH_MIN = 0.95  # of 8 bits and of 16 alike: what else a pair loses is loss, and worth a look
OVERLAP_MIN = 0.9


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far one detector finds what another finds."""

    pictures: int
    found: int  # by the other
    both: int
    alone: int  # found by the one and not by the other
    overlap: float  # the median of boxes that both found
    score_apart: float
    ms: float
    other_ms: float

    @property
    def both_share(self) -> float:
        return self.both / self.found if self.found else 1.0

    @property
    def agrees(self) -> bool:
        """Whether the difference is rounding."""
        return self.both_share >= BOTH_MIN and (not self.both or self.overlap >= OVERLAP_MIN)


def named_detector(word: str) -> Detector:
    """Open the detector that NAME=FILE names."""
    name, path = named(word)
    if path is None:
        raise WrongUsage(f"{word} is not NAME=FILE", then="write for example onnx=FILE")
    return detector(name, path)


def compared(one: Detector, other: Detector, pictures: int, seed: int) -> Agreement:
    """Show both the same pictures, in turns, so that a neighbour's load meets both alike."""
    images = [drawn.image for drawn in islice(drawings(seed), pictures)]
    if not images:
        raise WrongUsage("there is nothing to compare on", then="ask for a picture or more")
    for eyes in (one, other):
        eyes.detect(images[:1])  # what a runtime does once is no picture's time
    ours, theirs = zip(*((_timed(one, i), _timed(other, i)) for i in images), strict=True)
    pairs: list[tuple[Detection, Detection]] = []
    for (found, _), (others, _) in zip(ours, theirs, strict=True):
        pairs += _pairs(found, others)
    found = sum(len(others) for others, _ in theirs)
    return Agreement(
        pictures=len(images),
        found=found,
        both=len(pairs),
        alone=sum(len(one) for one, _ in ours) - len(pairs),
        overlap=median(a.box.iou(b.box) for a, b in pairs) if pairs else 0.0,
        score_apart=median(abs(a.score - b.score) for a, b in pairs) if pairs else 0.0,
        ms=1000 * median(seconds for _, seconds in ours),
        other_ms=1000 * median(seconds for _, seconds in theirs),
    )


def _timed(eyes: Detector, image: Image) -> tuple[list[Detection], float]:
    began = perf_counter()
    (found,) = eyes.detect([image])
    return found, perf_counter() - began


def _pairs(found: list[Detection], others: list[Detection]) -> list[tuple[Detection, Detection]]:
    pairs: list[tuple[Detection, Detection]] = []
    for kind in dict.fromkeys(one.kind for one in others):
        ours = [one for one in found if one.kind == kind]
        theirs = [one for one in others if one.kind == kind]
        places = matched([one.box for one in theirs], [one.box for one in ours], SAME_PLACE)
        pairs += [(ours[of], theirs[at]) for at, of in places.items()]
    return pairs
