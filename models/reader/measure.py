"""How well texts were read, and how far the network's own confidence can be trusted.

American plates are scored with the letter O written 0, as the sets do. A figure without its
count says nothing here: some groups are 25 plates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.reading.ctc import decoded, probabilities
from models.reader.data import ALPHABET, Crop

Logits = NDArray[np.float32]  # crops x moments x classes


@dataclass(frozen=True, slots=True)
class Score:
    """How many of a group were read wholly, and how many with at most one mistake."""

    plates: int
    exact: int
    within_one: int


def texts(logits: Logits) -> list[str]:
    """Return what each crop's logits say along the best path."""
    return [decoded(one, ALPHABET).text for one in probabilities(logits, 1.0)]


def groups(crop: Crop) -> tuple[str, ...]:
    """Return the groups whose figures a crop counts for: source, region, Texas apart."""
    found = [f"source {crop.source}"]
    if crop.region is not None:
        found.append("us" if crop.region.startswith("us-") else crop.region)
        if crop.region == "us-tx":
            found.append("us-tx")
    return tuple(found)


def scores(crops: Sequence[Crop], read: Sequence[str]) -> dict[str, Score]:
    """Return each group's score, and that of `all`."""
    counted: dict[str, list[int]] = {}
    for crop, text in zip(crops, read, strict=True):
        spelled = text.replace("O", "0") if (crop.region or "").startswith("us-") else text
        away = distance(spelled, crop.text)
        for group in ("all", *groups(crop)):
            counts = counted.setdefault(group, [0, 0, 0])
            counts[0] += 1
            counts[1] += away == 0
            counts[2] += away <= 1
    return {group: Score(*counts) for group, counts in sorted(counted.items())}


def distance(one: str, other: str) -> int:
    """Return how many characters must be changed, added or left out."""
    return int(_table(one, other)[-1, -1])


def right(read: str, truth: str) -> list[bool]:
    """Say of each character read whether it stands in the truth at its place."""
    table = _table(read, truth)
    found = [False] * len(read)
    i, j = len(read), len(truth)
    while i and j:
        same = read[i - 1] == truth[j - 1]
        if table[i, j] == table[i - 1, j - 1] + (not same):
            found[i - 1] = same
            i, j = i - 1, j - 1
        elif table[i, j] == table[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
    return found


def _table(one: str, other: str) -> NDArray[np.int64]:
    table = np.zeros((len(one) + 1, len(other) + 1), np.int64)
    table[:, 0] = np.arange(len(one) + 1)
    table[0, :] = np.arange(len(other) + 1)
    for i, a in enumerate(one, start=1):
        for j, b in enumerate(other, start=1):
            changed = table[i - 1, j - 1] + (a != b)
            table[i, j] = min(changed, table[i - 1, j] + 1, table[i, j - 1] + 1)
    return table


@dataclass(frozen=True, slots=True)
class Reliability:
    """Of the characters given some confidence, how many there were and how many were right."""

    confidence: float  # their mean
    share_right: float
    characters: int


def temperature(logits: Logits, truths: Sequence[str]) -> float:
    """Return what to divide logits by, so that a confidence is the share that is right."""
    candidates = np.round(np.geomspace(0.5, 4.0, 43), 3)
    losses = []
    for candidate in candidates:
        confidences, correct = _characters(logits, truths, float(candidate))
        kept = np.clip(np.where(correct, confidences, 1 - confidences), 1e-6, 1)
        losses.append(-np.log(kept).mean())
    return float(candidates[int(np.argmin(losses))])


def reliability(
    logits: Logits, truths: Sequence[str], divided_by: float
) -> tuple[Reliability, ...]:
    """Return the table of confidence against truth, from least to most confident."""
    confidences, correct = _characters(logits, truths, divided_by)
    edges = np.array([0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0 + 1e-9])
    places = np.digitize(confidences, edges)
    return tuple(
        Reliability(
            round(float(confidences[places == place].mean()), 4),
            round(float(correct[places == place].mean()), 4),
            int((places == place).sum()),
        )
        for place in range(1, len(edges))
        if (places == place).any()
    )


def _characters(
    logits: Logits, truths: Sequence[str], divided_by: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    confidences: list[float] = []
    correct: list[bool] = []
    for moments, truth in zip(probabilities(logits, divided_by), truths, strict=True):
        read = decoded(moments, ALPHABET)
        confidences.extend(read.characters)
        correct.extend(right(read.text, truth))
    return np.array(confidences), np.array(correct, np.bool_)
