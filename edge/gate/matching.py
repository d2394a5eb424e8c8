"""Rule 2: when two spellings are one plate, and when a weak one may be the other's.

Readers err by one look-alike character, and say so: the character is weak and the right one
stands among its runner-ups. Where both spellings are strong they are two plates, however
alike: a lot has seen 8ABC123 and BABC123 on one day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.voting import Voted

STRONG = 0.9  # of a character, a region, another plate on the vehicle
HISTORY = timedelta(hours=24)  # so long a strong reading vouches for a spelling


@dataclass(frozen=True, slots=True)
class Spelling:
    """A plate as it was read, and where the reader doubted it."""

    text: str
    region: str | None  # only if read strongly
    weak: tuple[tuple[int, str], ...]  # a weak character's place, and its runner-ups

    def doubts(self, place: int, character: str) -> bool:
        """Say whether that place is weak and might be this character."""
        return any(at == place and character in runners for at, runners in self.weak)

    def weak_at(self, place: int) -> bool:
        return any(at == place for at, _ in self.weak)


def spelled(voted: Voted) -> Spelling:
    """Return what matching needs of a vote."""
    strong_region = voted.region if voted.region_confidence >= STRONG else None
    weak = tuple(
        (place, "".join(character for character, _ in runners))
        for place, (probability, runners) in enumerate(
            zip(voted.characters, voted.runners, strict=True)
        )
        if probability < STRONG
    )
    return Spelling(voted.plate, strong_region, weak)


def same(one: Spelling, other: Spelling) -> bool:
    return one.text == other.text and not _of_other_regions(one, other)


def near(one: Spelling, other: Spelling) -> bool:
    """Say whether one spelling may be the other, badly read in one character."""
    place = one_apart(one.text, other.text)
    if place is None or _of_other_regions(one, other):
        return False
    return one.doubts(place, other.text[place]) or other.doubts(place, one.text[place])


def one_apart(one: str, other: str) -> int | None:
    """Return the only place where two texts of one length differ, else None."""
    if len(one) != len(other):
        return None
    found = None
    for place, (a, b) in enumerate(zip(one, other, strict=True)):
        if a != b:
            if found is not None:
                return None
            found = place
    return found


def _of_other_regions(one: Spelling, other: Spelling) -> bool:
    """Both are known and differ; `us` holds `us-tx` and does not differ from it."""
    a, b = one.region, other.region
    if a is None or b is None or a == b:
        return False
    return not (a.startswith(f"{b}-") or b.startswith(f"{a}-"))


class StrongReadings:
    """When each spelling was last read strongly, character by character.

    A spelling that was lately read beyond doubt is a car that exists: when it is read weakly,
    it is still that car and no misreading of another.
    """

    def __init__(self, times: dict[str, tuple[datetime | None, ...]] | None = None) -> None:
        self.times = times if times is not None else {}

    def with_reading(self, spelling: Spelling, at: datetime) -> tuple[datetime | None, ...]:
        """Return the spelling's times once this reading is among them."""
        before = self.times.get(spelling.text) or (None,) * len(spelling.text)
        return tuple(
            old if spelling.weak_at(place) else at if old is None else max(old, at)
            for place, old in enumerate(before)
        )

    def vouched(self, text: str, place: int, at: datetime) -> bool:
        times = self.times.get(text)
        last = times[place] if times else None
        return last is not None and at - last <= HISTORY

    def unvouched(self, spelling: Spelling, at: datetime) -> Spelling:
        """Return the spelling with only those doubts that no strong reading has answered."""
        if not spelling.weak:
            return spelling
        kept = tuple(
            (place, runners)
            for place, runners in spelling.weak
            if not self.vouched(spelling.text, place, at)
        )
        return Spelling(spelling.text, spelling.region, kept)
