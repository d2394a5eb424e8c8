"""What another engine said becomes a Reading: spelled as all plates are, a probability a place."""

from __future__ import annotations

from collections.abc import Sequence

from contract.plates import LENGTH_MAX, normalise
from edge.values import Reading

Runners = tuple[tuple[str, float], ...]


def nothing(engine: str) -> Reading:
    """Return the reading of a crop on which nothing was legible."""
    return Reading("", (), (), engine)


def reading(
    engine: str, text: str, chances: Sequence[float], runners: Sequence[Runners] | None = None
) -> Reading:
    """Return a reading of `text`, whose places have `chances`; what is no plate's falls away.

    A sign that normalises to several characters gives each of them its probability. Where an
    engine gives more probabilities than it has characters, the last ones speak of nothing.
    """
    places: list[tuple[str, float, Runners]] = []
    others = runners if runners is not None else [()] * len(text)
    for sign, chance, rest in zip(text, chances, others, strict=False):
        spelled = normalise(sign)
        own: Runners = rest if len(spelled) == 1 else ()
        places += [(character, _probability(chance), own) for character in spelled]
    places = places[:LENGTH_MAX]
    return Reading(
        "".join(character for character, _, _ in places),
        tuple(chance for _, chance, _ in places),
        tuple(rest for _, _, rest in places),
        engine,
    )


def _probability(chance: float) -> float:
    # Sums of single precision end a hair above 1, and an engine may say "not a number".
    return min(1.0, max(0.0, chance)) if chance == chance else 0.0
