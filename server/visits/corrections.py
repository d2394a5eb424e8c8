"""What people said, laid beside the events: they are read otherwise, and none is rewritten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from contract.plates import normalise
from server.records.statements import (
    CheckedOut,
    Joined,
    KindCorrected,
    PlateCorrected,
    Settled,
    Split,
    Statement,
    Voided,
    Withdrawn,
)
from server.visits.values import Side, Sighted, SightedKind


@dataclass(frozen=True, slots=True)
class Presence:
    """Where an event's car was at a time, as somebody said."""

    event: str
    at: int
    side: Side


@dataclass(slots=True)
class Said:
    """What of all statements counts in the end, by the events they are about."""

    plates: dict[str, str | None] = field(default_factory=dict)
    kinds: dict[str, SightedKind | None] = field(default_factory=dict)  # None: void
    exits: dict[str, str] = field(default_factory=dict)  # of joined entries
    split: set[tuple[str, str]] = field(default_factory=set)
    presences: list[Presence] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)  # checked out

    @property
    def events(self) -> frozenset[str]:
        """Return the events that any of it is about."""
        pairs = [*self.exits.items(), *self.split]
        return frozenset(
            (
                *self.plates,
                *self.kinds,
                *(one for pair in pairs for one in pair),
                *(one.event for one in self.presences),
                *self.left,
            )
        )


def said(statements: Iterable[Statement]) -> Said:
    """Return what counts: of two that contradict the later, then the higher id."""
    found = Said()
    for one in _standing(statements):
        match one.says:
            case PlateCorrected(event, plate):
                found.plates[event] = (normalise(plate) or None) if plate else None
            case KindCorrected(event, kind):
                found.kinds[event] = kind
            case Voided(event):
                found.kinds[event] = None
            case Joined(entry, exit_):
                _join(found, entry, exit_)
            case Split(entry, exit_):
                found.split.add((entry, exit_))
                if found.exits.get(entry) == exit_:
                    del found.exits[entry]
            case Settled(event, side):
                found.presences.append(Presence(event, one.at, side))
            case CheckedOut(event, left_at):
                found.left[event] = left_at
            case _:
                pass  # words about an event move nobody
    return found


def corrected(sightings: Iterable[Sighted], words: Said) -> list[Sighted]:
    """Return the sightings as people corrected them; a joined exit bears its entry's plate."""
    read = {
        one.id: _read(one, words) for one in sightings if words.kinds.get(one.id, "") is not None
    }
    for entry_id, exit_id in words.exits.items():
        entry, exit_ = read.get(entry_id), read.get(exit_id)
        if entry is None or exit_ is None:
            continue
        plate = entry.plate or exit_.plate
        read[entry_id] = replace(entry, plate=plate, kind="entry", by="person")
        read[exit_id] = replace(exit_, plate=plate, kind="exit", by="person")
    return list(read.values())


def _standing(statements: Iterable[Statement]) -> list[Statement]:
    """Return those that nobody withdrew, the earliest first; each once, however often it came."""
    by_id = {one.id: one for one in statements}
    order = sorted(by_id.values(), key=lambda one: (one.at, one.id))
    withdrawn: set[str] = set()
    for one in reversed(order):  # who withdraws a withdrawal says so later
        if isinstance(one.says, Withdrawn) and one.id not in withdrawn:
            withdrawn.add(one.says.statement)
    return [one for one in order if one.id not in withdrawn]


def _join(found: Said, entry: str, exit_: str) -> None:
    for other, its_exit in list(found.exits.items()):
        if other == entry or its_exit == exit_:
            del found.exits[other]
    found.exits[entry] = exit_
    found.split.discard((entry, exit_))


def _read(one: Sighted, words: Said) -> Sighted:
    if one.id in words.plates:  # nobody doubts what a person read
        one = replace(one, plate=words.plates[one.id], doubts=(), others=(), refers=None)
    kind = words.kinds.get(one.id)
    return one if kind is None else replace(one, kind=kind, by="person")
