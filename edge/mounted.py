"""The plates on one vehicle: which of the tracks found on it are one plate, which another's.

A plate that the detector lost for a second is two tracks of one plate; a truck and its trailer
carry two plates, and a dealer's frame or a sticker is read now and then. Seen in one picture,
two tracks are two things. Otherwise what they read decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import prod

from contract.plates import Formats
from edge.alignment import aligned
from edge.reading.crops import Condition
from edge.values import Look
from edge.voting import Voted, spelled_as, surest, vote

# From there on two texts are two plates: a weak reading is in the vote, and may err.
STRONGLY = 0.9
# Of their characters two readings of one plate share more than that.
ALIKE = 0.6


@dataclass(slots=True)
class Plate:
    """One plate track: when it was seen, what was read of it, its widest crop."""

    first_seen: datetime
    last_seen: datetime
    looks: tuple[Look, ...] = ()
    share: float = 0.0  # of the picture's width, where it was widest
    widest: Condition | None = None
    voted: Voted | None = field(default=None, init=False)

    def add(self, looks: Sequence[Look], formats: Formats) -> None:
        self.looks = surest([*self.looks, *looks])
        self.voted = vote(self.looks, formats)

    def see(self, at: datetime, share: float, condition: Condition | None) -> None:
        self.last_seen = at
        self.share = max(self.share, share)
        if condition is None:
            return
        if self.widest is None or condition.width > self.widest.width:
            self.widest = condition

    @property
    def confidence(self) -> float:
        return self.voted.confidence if self.voted else 0.0

    @property
    def evidence(self) -> float:
        """Return how many looks at it were right, by what they say themselves."""
        return sum(prod(look.reading.characters) for look in self.looks)

    @property
    def width(self) -> float:
        return max((look.width for look in self.looks), default=0.0)


@dataclass(frozen=True, slots=True)
class Mounted:
    """What a vehicle's plates say together."""

    looks: tuple[Look, ...] = ()  # at the vehicle's own plate, the surest
    others: tuple[tuple[str, float], ...] = ()  # other plates strongly read, the surest first


def mounted(plates: Sequence[Plate]) -> Mounted:
    """Tell the vehicle's own plate, the widest that was strongly read, from others on it."""
    read = [(plate, plate.voted) for plate in plates if plate.voted is not None]
    if not read:
        return Mounted()
    strong = [(p, v) for p, v in read if v.confidence >= STRONGLY]
    # Of plates none of which is strong it is the one of which most was read: one short reading of
    # a sticker, or of the same plate from afar, is often surer than ten that differ by a sign.
    own, voted = (
        max(strong, key=lambda r: (r[0].width, r[1].confidence, r[1].plate))
        if strong
        else max(read, key=lambda r: (r[0].evidence, r[0].width, r[1].plate))
    )
    looks = list(own.looks)
    others: dict[str, float] = {}
    for plate, other in read:
        if plate is own:
            continue
        apart = plate.first_seen > own.last_seen or own.first_seen > plate.last_seen
        if other.plate == voted.plate or (apart and _alike(other, voted)):
            looks += plate.looks
        elif other.confidence >= STRONGLY:
            others[other.plate] = max(others.get(other.plate, 0.0), other.confidence)
    ranked = sorted(others.items(), key=lambda other: (-other[1], other[0]))
    return Mounted(spelled_as(surest(looks), voted), tuple(ranked))


def _alike(one: Voted, other: Voted) -> bool:
    if min(one.confidence, other.confidence) >= STRONGLY:
        return False  # both strong and not equal: two plates, however alike
    same = sum(one.plate[i] == other.plate[j] for i, j in aligned(one.plate, other.plate))
    return same >= ALIKE * max(len(one.plate), len(other.plate))
