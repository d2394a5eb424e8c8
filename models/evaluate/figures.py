"""What all pictures together come to: shares with their counts and their chance error.

A share of 40 plates and one of 4,000 look alike; the interval beside them does not. It is
Wilson's, which stays within 0 and 1 and is honest near both, where good readers are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import numpy as np

from models.evaluate.outcomes import Found, Kind, Outcome, Result, folded
from models.reader.measure import distance, right

_Z = 1.96  # 95 %
WIDE_PX = 30  # what a detector shall find; on a narrower plate no character can be told
# A plate's width decides what can be read of it: 40 pixels are five or six a character, 80 twelve.
_BANDS = ((None, 40), (40, 60), (60, 80), (80, None))
# Finer towards 1, where most characters lie and a gate draws its lines.
_EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float]:
        """Return between what the true share lies, 19 times in 20."""
        if not self.whole:
            return 0.0, 1.0
        n, p = self.whole, self.part / self.whole
        middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        # At 0 and at 1 the bound is the share itself, which rounding may miss.
        return max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half))


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a picture; a picture may have several."""

    count: int
    pictures: int

    @property
    def value(self) -> float | None:
        return self.count / self.pictures if self.pictures else None

    @property
    def interval(self) -> tuple[float, float]:
        """Return between what the true rate lies, 19 times in 20, for counts as chance has them."""
        middle, half = self.count + _Z**2 / 2, _Z * sqrt(self.count + _Z**2 / 4)
        whole = max(1, self.pictures)
        return max(0.0, (middle - half) / whole), (middle + half) / whole


@dataclass(frozen=True, slots=True)
class Bin:
    """Of what was given a confidence between two bounds: how sure on average, how many right."""

    low: float
    high: float
    confidence: float
    right: Share


@dataclass(frozen=True, slots=True)
class Cost:
    """What the looking cost."""

    ms_median: float | None
    ms_p95: float | None
    peak_mb: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one run."""

    pictures: int
    exact: Share
    exact_folded: Share
    within_one: Share
    no_answer: Share
    given_box_exact: Share
    given_box_folded: Share
    recall_50: Share
    recall_30: Share
    recall_50_wide: Share  # of plates from WIDE_PX on
    false_plates: Rate
    by_width: tuple[tuple[str, Share], ...]  # right with 0 = O and 1 = I, of plates so wide
    kinds: Counter[Kind]
    characters: tuple[Bin, ...]
    plates: tuple[Bin, ...]
    cost: Cost

    def shares(self) -> tuple[tuple[str, Share], ...]:
        """Return the shares with the names that a person reads, in their order."""
        return (
            ("exact, whole picture", self.exact),
            ("  with 0 = O and 1 = I", self.exact_folded),
            ("  within one character", self.within_one),
            ("  no answer", self.no_answer),
            ("exact, given boxes", self.given_box_exact),
            ("  with 0 = O and 1 = I", self.given_box_folded),
            ("found, overlap of 0.5", self.recall_50),
            ("found, overlap of 0.3", self.recall_30),
            (f"found at 0.5 from {WIDE_PX} pixels on", self.recall_50_wide),
        )

    def keys(self) -> dict[str, float | None]:
        """Return what `--json` prints, under the names that outsiders rely on."""
        return {
            "pictures": self.pictures,
            "exact": self.exact.value,
            "exact_folded": self.exact_folded.value,
            "within_one": self.within_one.value,
            "given_box_exact": self.given_box_exact.value,
            "recall_50": self.recall_50.value,
            "recall_30": self.recall_30.value,
            "false_plates_per_picture": self.false_plates.value,
            "ms_median": self.cost.ms_median,
            "ms_p95": self.cost.ms_p95,
            "peak_mb": self.cost.peak_mb,
        }


def figures(outcomes: Sequence[Outcome], cost: Cost) -> Figures:
    """Sum up pictures."""
    results = [result for one in outcomes for result in one.results]
    read = [(r, r.wanted.text) for r in results if r.wanted.text is not None]
    answers = [(r.answer, text) for r, text in read]
    given = [(r.given, text) for r, text in read if r.given is not None]
    own = [(r.answer, text) for r, text in read if r.answer is not None and r.own]
    return Figures(
        pictures=len(outcomes),
        exact=exact_share(answers),
        exact_folded=folded_share(answers),
        within_one=_share(a is not None and distance(a.text, t) <= 1 for a, t in answers),
        no_answer=_share(answer is None for answer, _ in answers),
        given_box_exact=exact_share(given),
        given_box_folded=folded_share(given),
        recall_50=_share(r.close for r in results if r.close is not None),
        recall_30=_share(r.near for r in results if r.near is not None),
        recall_50_wide=_share(
            r.close for r in results if r.close is not None and (r.wanted.pixels or 0) >= WIDE_PX
        ),
        false_plates=Rate(sum(one.false for one in outcomes), len(outcomes)),
        by_width=_by_width(results),
        kinds=Counter(r.kind for r, _ in read if r.kind is not None),
        characters=bins([pair for answer, text in own for pair in _characters(answer, text)]),
        plates=bins([(a.confidence, folded(a.text) == folded(t)) for a, t in own]),
        cost=cost,
    )


def exact_share(answers: Sequence[tuple[Found | None, str]]) -> Share:
    """Return how many answers are the truth to the last character."""
    return _share(answer is not None and answer.text == text for answer, text in answers)


def folded_share(answers: Sequence[tuple[Found | None, str]]) -> Share:
    """Return how many are, with 0 and O, and 1 and I, taken as one."""
    return _share(a is not None and folded(a.text) == folded(text) for a, text in answers)


def _by_width(results: Sequence[Result]) -> tuple[tuple[str, Share], ...]:
    bands = []
    for low, high in _BANDS:
        pairs = [
            (one.answer, one.wanted.text)
            for one in results
            if one.wanted.text is not None
            and one.wanted.pixels is not None
            and (low or 0) <= one.wanted.pixels < (high or np.inf)
        ]
        if pairs:
            name = f"under {high}" if low is None else f"{low} to {high}" if high else f"from {low}"
            bands.append((f"{name} pixels wide", folded_share(pairs)))
    return tuple(bands)


def cost(milliseconds: Sequence[float], peak_mb: float | None) -> Cost:
    """Sum up the times of pictures."""
    if not milliseconds:
        return Cost(None, None, peak_mb)
    median, late = np.percentile(milliseconds, [50, 95])
    return Cost(round(float(median), 2), round(float(late), 2), peak_mb)


def bins(pairs: Iterable[tuple[float, bool]]) -> tuple[Bin, ...]:
    """Return confidence against truth, from least to most sure; empty bins are left out."""
    every = list(pairs)
    found = []
    for low, high in pairwise(_EDGES):
        last = high == _EDGES[-1]
        inside = [(sure, so) for sure, so in every if low <= sure < high or (last and sure == high)]
        if inside:
            mean = sum(sure for sure, _ in inside) / len(inside)
            found.append(Bin(low, high, mean, _share(so for _, so in inside)))
    return tuple(found)


def worst_first(result: Result) -> tuple[int, float]:
    """Return by what to sort results so that what harms a gate most stands first.

    Surely wrong before wrong in doubt, then what was not answered, then what was right in doubt.
    """
    if result.kind is None:
        return 3, 0.0
    if result.answer is None:
        return 1, 0.0
    if result.kind in ("right", "look_alike"):
        return 2, result.answer.confidence
    return 0, -result.answer.confidence


def _characters(answer: Found, text: str) -> list[tuple[float, bool]]:
    # Folded: sets and states write O or 0 as they please, and no confidence can know which.
    so = right(folded(answer.text), folded(text))
    return list(zip(answer.characters, so, strict=True))


def _share(said: Iterable[bool | None]) -> Share:
    every = list(said)
    return Share(sum(map(bool, every)), len(every))
