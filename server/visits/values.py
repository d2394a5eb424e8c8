"""What pairing is told and what it answers: values only.

An event says more than pairing needs, and a million of them would not fit into a Pi's memory; a
`Sighted` is the part of one that a story can turn on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args

from contract.event import Event, KindBy, Way
from contract.plates import confusable, normalise

Crossing = Literal["entry", "exit"]
SightedKind = Literal["entry", "exit", "seen"]
Sureness = Literal["certain", "likely", "open"]
Side = Literal["in", "out"]
VisitFlag = Literal[
    "missed_entry",  # it left and nobody saw it come
    "missed_exit",  # it came back, and nobody saw it leave between
    "blind",  # a camera was blind for a window or more of it, so a crossing may be missing
    "near_match",  # entry and exit were read one character apart
    "kind_decided",  # the story gives an event another kind than its edge did
    "corrected",  # a person's statement is in it
    "two_candidates",  # more than one car inside may have been the one that left
    "checked_out",  # ended at the desk
    "unread",  # no plate was read
]
VISIT_FLAGS: tuple[VisitFlag, ...] = get_args(VisitFlag)

CERTAIN, LIKELY = 950, 700  # thousandths

# By these an edge saw which way a car went, or a person said so: no story overrules them.
_WITNESSED: frozenset[KindBy | None] = frozenset({"turn", "direction", "role", "person"})
_DOUBT_LEAST = 10  # thousandths of the reading's own confidence; below, every letter is a runner-up


@dataclass(frozen=True, slots=True)
class Doubt:
    """What one character of a plate may be instead."""

    place: int
    character: str
    odds: int  # thousandths: how likely the other spelling is beside the one that was read


@dataclass(frozen=True, slots=True)
class Sighted:
    """What pairing needs to know of one event."""

    id: str
    edge: str
    sequence: int  # of its first revision that came here
    kind: SightedKind
    by: KindBy | None
    plate: str | None  # normalised
    first_seen: int
    last_seen: int
    camera: str
    ways: tuple[Way, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    others: tuple[str, ...] = ()  # a trailer's plate: either finds the car
    refers: str | None = None  # the entry that the edge took for this car's, one character apart
    two_candidates: bool = False

    @property
    def at(self) -> int:
        return self.last_seen if self.kind == "exit" else self.first_seen

    @property
    def witnessed(self) -> bool:
        """Say whether the kind stands on more than whose turn it was."""
        return self.by in _WITNESSED

    def spelt(self, plate: str) -> Sighted:
        return replace(self, plate=plate)


def sighted(event: Event, sequence: int | None = None) -> Sighted | None:
    """Return what pairing needs of an event, None where it is void."""
    if event.kind == "void":
        return None
    plate = normalise(event.plate) if event.plate is not None else None
    return Sighted(
        id=event.id,
        edge=event.edge,
        sequence=event.sequence if sequence is None else sequence,
        kind=event.kind,
        by=event.kind_by,
        plate=plate or None,
        first_seen=event.first_seen,
        last_seen=event.last_seen,
        camera=event.camera,
        ways=event.ways,
        doubts=tuple(_doubts(event, plate)) if plate else (),
        others=tuple(normalise(one.plate) for one in event.others),
        refers=event.refers,
        two_candidates="two_candidates" in event.flags,
    )


def place_apart(one: str, other: str) -> int | None:
    """Return the only place in which two plates of one length differ."""
    if len(one) != len(other):
        return None
    places = [n for n, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    return places[0] if len(places) == 1 else None


def _doubts(event: Event, plate: str) -> Iterator[Doubt]:
    """Keep the runner-up spellings that cameras do take for one another, each place once a letter.

    Others are left out because a story may only follow a confusion that works both ways.
    """
    own = max(event.confidence or 0, 1)
    found: dict[tuple[int, str], int] = {}
    for one in event.alternatives:
        text = normalise(one.plate)
        place = place_apart(plate, text)
        if place is None or not confusable(plate[place], text[place]):
            continue
        odds = min(1000, one.confidence * 1000 // own)
        if odds >= _DOUBT_LEAST:
            found[place, text[place]] = max(odds, found.get((place, text[place]), 0))
    for (place, character), odds in sorted(found.items()):
        yield Doubt(place, character, odds)


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay of one car, as the likeliest story tells it.

    Its id is that of its first event, so it stays the same while the visit grows.
    """

    plate: str | None
    entry: str | None  # event ids
    exit: str | None
    entered_at: int | None
    left_at: int | None
    probability: int  # thousandths, against all other stories
    flags: tuple[VisitFlag, ...]  # sorted
    during: tuple[str, ...] = ()  # events of the car between the two, which moved nobody

    @property
    def id(self) -> str:
        first = self.entry or self.exit
        assert first is not None  # a visit has one end at least
        return first

    @property
    def at(self) -> int:
        began = self.left_at if self.entered_at is None else self.entered_at
        assert began is not None
        return began

    @property
    def inside(self) -> bool:
        """Say whether the car is still there: it came, and neither left nor must have left."""
        return self.left_at is None and "missed_exit" not in self.flags

    @property
    def stay(self) -> int | None:
        if self.entered_at is None or self.left_at is None:
            return None
        return self.left_at - self.entered_at

    @property
    def sureness(self) -> Sureness:
        return sureness(self.probability)


def sureness(probability: int) -> Sureness:
    """Return the word for a probability in thousandths."""
    if probability >= CERTAIN:
        return "certain"
    return "likely" if probability >= LIKELY else "open"
