"""What the page knows of events and visits, read from the API's answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from gui.plaque import SEALED, Plaque, plaque

Said = dict[str, Any]  # an object of the API, whose document says its fields


@dataclass(frozen=True, slots=True)
class Event:
    """A crossing that a camera saw, or that somebody typed in."""

    lot: str
    id: str
    revision: int
    kind: str
    plate: str | None
    confidence: int | None
    at: int
    camera: str
    lane: str | None
    vehicle: str | None
    reason: str | None
    flags: tuple[str, ...]
    visit: str | None

    @property
    def plaque(self) -> Plaque:
        return plaque(self.plate, reason=self.reason)


@dataclass(frozen=True, slots=True)
class Visit:
    """A car's stay, as its likeliest story tells it."""

    lot: str
    id: str
    plate: str | None
    entered_at: int | None
    left_at: int | None
    inside: bool
    stay_us: int | None
    sureness: str
    probability: int
    flags: tuple[str, ...]
    entry: Event | None
    exit: Event | None

    @property
    def plaque(self) -> Plaque:
        ends = (self.entry, self.exit)
        why = next((one.reason for one in ends if one is not None and one.reason), None)
        return plaque(self.plate, reason=why)

    @property
    def stay(self) -> timedelta | None:
        return None if self.stay_us is None else timedelta(microseconds=self.stay_us)

    @property
    def at(self) -> int:
        """Return the time it is listed by: its coming, else its leaving."""
        return self.entered_at or self.left_at or 0


@dataclass(frozen=True, slots=True)
class Spelling:
    """What else a plate may be, in thousandths."""

    plate: str
    confidence: int


@dataclass(frozen=True, slots=True)
class Look:
    """An event as its own record says it: letters, runners-up, which pictures are there."""

    plaque: Plaque
    spellings: tuple[Spelling, ...]
    reason: str | None
    fault: str | None
    pictures: dict[str, bool]  # by name: whether it still lies here


@dataclass(frozen=True, slots=True)
class Alarm:
    """What somebody should look at."""

    kind: str
    camera: str | None
    said: str
    at: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page of visits, and where the next one begins."""

    rows: tuple[Visit, ...]
    cursor: str | None
    total: int


def event(said: Said) -> Event:
    """Read an event."""
    return Event(
        lot=said["lot"],
        id=said["id"],
        revision=said["revision"],
        kind=said.get("decided") or said["kind"],
        plate=said["plate"],
        confidence=said["confidence"],
        at=said["at"],
        camera=said["camera"],
        lane=said["lane"],
        vehicle=said["vehicle"],
        reason=said["reason"],
        flags=tuple(said["flags"]),
        visit=said["visit"],
    )


def visit(said: Said) -> Visit:
    """Read a visit."""
    return Visit(
        lot=said["lot"],
        id=said["id"],
        plate=said["plate"],
        entered_at=said["entered_at"],
        left_at=said["left_at"],
        inside=said["inside"],
        stay_us=said["stay"],
        sureness=said["sureness"],
        probability=said["probability"],
        flags=tuple(said["flags"]),
        entry=None if said["entry"] is None else event(said["entry"]),
        exit=None if said["exit"] is None else event(said["exit"]),
    )


def page(said: Said) -> Page:
    """Read a page of visits."""
    rows: Iterable[Said] = said["rows"]
    return Page(tuple(map(visit, rows)), said["cursor"], said["total"])


def alarm(said: Said) -> Alarm:
    """Read an alarm."""
    return Alarm(said["kind"], said["camera"], said["said"], said["at"])


def look(said: Said) -> Look:
    """Read an event that was opened; where it could not be, the fault says why."""
    there = {one["name"]: one["there"] for one in said["pictures"]}
    event_said: Said | None = said["event"]
    if event_said is None:
        return Look(SEALED, (), None, said["fault"], there)
    rivals = (*event_said["alternatives"], *event_said["others"])
    return Look(
        plaque(
            event_said["plate"],
            [number / 1000 for number in event_said["characters"]],
            region=event_said["region"],
            reason=event_said["reason"],
        ),
        tuple(Spelling(one["plate"], one["confidence"]) for one in rivals),
        event_said["reason"],
        said["fault"],
        there,
    )
