"""A plate as one sees it: each letter with how sure it is, and how it is read aloud."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

SURE = 0.9  # below it the gate itself speaks of a weak reading

Translate = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Letter:
    """One character and whether it can be trusted."""

    text: str
    probability: float | None

    @property
    def weak(self) -> bool:
        return self.probability is not None and self.probability < SURE


@dataclass(frozen=True, slots=True)
class Plaque:
    """A plate to be drawn; `letters` is empty where there is none to be shown."""

    letters: tuple[Letter, ...]
    region: str | None = None
    sealed: bool = False
    reason: str | None = None  # why a vehicle has no plate

    @property
    def text(self) -> str:
        return "".join(letter.text for letter in self.letters)

    @property
    def region_mark(self) -> str:
        """What stands small above the letters: TX of us-tx."""
        return (self.region or "").rpartition("-")[2].upper()


def plaque(
    plate: str | None,
    characters: Sequence[float] = (),
    *,
    region: str | None = None,
    reason: str | None = None,
) -> Plaque:
    """Return what is drawn for a reading; a plate that a person stated has no probabilities."""
    if plate is None:
        return Plaque((), region=region, reason=reason or "none_found")
    sure: Sequence[float | None] = (
        characters if len(characters) == len(plate) else [None] * len(plate)
    )
    return Plaque(tuple(map(Letter, plate, sure)), region=region)


SEALED = Plaque((), sealed=True)


def aloud(one: Plaque, _: Translate) -> str:
    """Return the plate letter by letter, as a screen reader should say it."""
    if one.sealed:
        return _("plate sealed")
    if not one.letters:
        return _("no plate read")
    unsure = [
        _("letter %(place)d unsure", place=place)
        for place, letter in enumerate(one.letters, start=1)
        if letter.weak
    ]
    return ", ".join([" ".join(one.text), *unsure])
