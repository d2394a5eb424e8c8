"""What the gate is told beside passages, and what it answers: values only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from contract.event import Direction, Kind, KindBy, Reason, Way
from contract.plates import Formats, fitting
from edge.values import Look, Passage, Vehicle
from edge.voting import NO_FORMATS

Part = Literal[1, 2]  # 2 is the exit of a turn
PassageKey = tuple[str, str]  # camera and passage

# Gives an event its id: the sighting's first passage, which part of it, the time it bears.
Ids = Callable[[Passage, Part, datetime], str]

# Why a sighting makes no event; each such sighting is counted under one of these words.
Uncounted = Literal[
    "no_lane",  # lanes are drawn and it touched none
    "passed_by",  # it neither came from the lot's side nor went there
    "went_back",  # back by its side before it had gone its own length
    "stood_unread",  # it never moved and nothing could be read on it
    "doubtful",  # a text of no chosen format on no moving vehicle: a sign
    "illegible",  # unread, and too far off for a plate to have been legible
]


@dataclass(frozen=True, slots=True)
class GateSettings:
    """What an owner can choose of the rule, and what the lot's plates look like."""

    window: timedelta = timedelta(seconds=30)
    longest_stay: timedelta = timedelta(hours=48)
    sure: float = 0.8
    formats: Formats = NO_FORMATS  # none: a plate can look like anything
    # So late a passage may be told of at most: the eyes must first be sure that it is a vehicle,
    # and whose plate it is. The last word waits as much longer.
    told_within: timedelta = timedelta(seconds=5)
    first_start: datetime | None = None  # the very first start of a gate; None in a replay

    def of_a_format(self, text: str) -> bool:
        return not self.formats or fitting(text, self.formats) is not None


@dataclass(frozen=True, slots=True)
class Blind:
    """A camera saw nothing from its last good frame to its next."""

    camera: str
    first: datetime
    last: datetime | None  # None: it is blind still


@dataclass(frozen=True, slots=True)
class Settled:
    """What people or other edges know: the car of this event is in, or out, since `came`."""

    event: str
    side: Direction
    came: datetime

    @property
    def order(self) -> tuple[datetime, str, Direction]:
        """Return its turn; of two of one moment the side decides, not which came first."""
        return self.came, self.event, self.side


@dataclass(frozen=True, slots=True)
class Sealed:
    """Who is inside could not be known: the state lay on disk and its key had not come."""

    first: datetime
    last: datetime | None  # None: it has not come yet


@dataclass(frozen=True, slots=True)
class Verdict:
    """All of an Event that the gate decides, in one revision."""

    id: str
    camera: str
    lane: str | None
    revision: int
    final: bool
    kind: Kind
    kind_by: KindBy | None
    refers: str | None
    plate: str | None
    confidence: float | None
    characters: tuple[float, ...]
    alternatives: tuple[tuple[str, float], ...]
    others: tuple[tuple[str, float], ...]
    region: str | None
    vehicle: Vehicle | None
    direction: Direction | None
    ways: tuple[Way, ...]
    first_seen: datetime
    best_at: datetime
    last_seen: datetime
    frame: int | None
    flags: tuple[str, ...]
    reason: Reason | None
    passages: tuple[PassageKey, ...]
    best: Look | None  # the most confident reading that spells the plate
    best_passage: PassageKey  # the passage that `best`, or where unread `frame`, is of

    @property
    def at(self) -> datetime:
        """Return when it happened: an exit when last seen, all else when first seen."""
        return self.last_seen if self.kind == "exit" else self.first_seen


@dataclass(frozen=True, slots=True)
class Outcome:
    """The final events of a time by `at` and id, and why all else made none."""

    events: tuple[Verdict, ...]
    uncounted: Mapping[Uncounted, int]  # sightings, by why they made no event
    forgotten: int  # cars that had to make room
