"""A reader whose probabilities are right by construction, and whose looks err together.

Every glyph gives each character a strength: more for the true one, and noise. A share `rho`
of the noise's variance is the same in all looks at a plate (its dirt, its angle), the rest is
the frame's own. What a single look then says is exactly calibrated, so that what is measured
of a vote is the vote's.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np

from edge.values import Box, Look, Reading

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
START = datetime(2026, 3, 1, 8, 0, tzinfo=timezone.utc)


def look_at(reading: Reading, number: int = 0, width: float = 100.0) -> Look:
    at = START + timedelta(seconds=number / 10)
    return Look(reading, at, number, Box(0.4, 0.6, 0.5, 0.65), width, 1.0)


def looks_at_a_plate(
    random: np.random.Generator, count: int, *, rho: float, strength: float, length: int = 7
) -> tuple[str, list[Look]]:
    """Return what truly stands on a plate, and what the reader made of it in so many looks."""
    truth = random.integers(0, len(ALPHABET), length)
    shared = random.normal(0, 1, (length, len(ALPHABET)))
    looks = []
    for number in range(count):
        own = random.normal(0, 1, shared.shape)
        seen = np.sqrt(rho) * shared + np.sqrt(1 - rho) * own
        seen[np.arange(length), truth] += strength
        chances = np.exp(strength * seen)
        chances /= chances.sum(axis=1, keepdims=True)
        ranked = np.argsort(-chances, axis=1)
        text = "".join(ALPHABET[i] for i in ranked[:, 0])
        characters = tuple(float(c[r[0]]) for c, r in zip(chances, ranked, strict=True))
        runners = tuple(
            tuple((ALPHABET[i], float(c[i])) for i in r[1:4])
            for c, r in zip(chances, ranked, strict=True)
        )
        looks.append(look_at(Reading(text, characters, runners, "noisy"), number))
    return "".join(ALPHABET[i] for i in truth), looks
