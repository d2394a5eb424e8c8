"""Which of the known plates a typed one means.

Distinct plates are scanned, not events: they are few, and a scan of fixed-width bytes takes
milliseconds. So there is no second index that could disagree with the first.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from contract.plates import confusable
from server.index.asked import PlateAsked
from server.index.columns import plate_key
from server.index.keys import Keys


class Match(NamedTuple):
    """Numbers of plates, and how far each is from what was typed."""

    numbers: NDArray[np.int64]
    ranks: NDArray[np.uint8]


SAME, CONFUSED, WRONG, UNLIKE = range(4)  # ranks: the plate itself, a confusion, another character


def matched(plates: Keys, asked: PlateAsked) -> Match:
    """Return what is meant by a typed plate."""
    if asked.how == "exact":
        number = plates.find(plate_key(asked.text))
        found = np.array([] if number is None else [number], np.int64)
        return Match(found, np.zeros(len(found), np.uint8))
    letters = _letters(plates)
    wanted = np.frombuffer(asked.text.encode("ascii"), np.uint8)
    if asked.how == "partial":
        found = _holding(letters, wanted)
        return Match(found, np.zeros(len(found), np.uint8))
    return _near(letters, wanted, asked.text)


def _letters(plates: Keys) -> NDArray[np.uint8]:
    """Return a row of 16 characters a plate."""
    pairs = np.empty((len(plates), 2), ">u8")
    pairs[:, 0], pairs[:, 1] = plates.high, plates.low
    return pairs.view(np.uint8).reshape(len(plates), 16)


def _holding(letters: NDArray[np.uint8], wanted: NDArray[np.uint8]) -> NDArray[np.int64]:
    holds = np.zeros(len(letters), np.bool_)
    for place in range(16 - len(wanted) + 1):
        here = letters[:, place] == wanted[0]
        for n in range(1, len(wanted)):
            here &= letters[:, place + n] == wanted[n]
        holds |= here
    return np.flatnonzero(holds)


def _near(letters: NDArray[np.uint8], wanted: NDArray[np.uint8], text: str) -> Match:
    padded = np.zeros(16, np.uint8)
    padded[: len(wanted)] = wanted
    apart = np.zeros(len(letters), np.uint8)
    for place in range(16):  # a column at a time: no table of a million by 16 in between
        apart += letters[:, place] != padded[place]
    near = np.flatnonzero(apart <= 1)
    kept, ranks = [], []
    for number in near:
        rank = _rank(letters[number].tobytes().rstrip(b"\0").decode("ascii"), text)
        if rank != UNLIKE:
            kept.append(int(number))
            ranks.append(rank)
    return Match(np.array(kept, np.int64), np.array(ranks, np.uint8))


def _rank(plate: str, text: str) -> int:
    """Return how far a plate is from the typed one; another length is no match."""
    if plate == text:
        return SAME
    if len(plate) != len(text):
        return UNLIKE
    ((one, other),) = [(a, b) for a, b in zip(plate, text, strict=True) if a != b]
    return CONFUSED if confusable(one, other) else WRONG
