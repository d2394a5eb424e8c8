"""What is kept about one plate, for the person who asks for it, and nothing about anybody else.

Only events whose plate is exactly the one that was asked for go into the pack. Those that may be
it (one character apart, a runner-up spelling, the other plate of a trailer) wait for a person:
putting them in could hand over somebody else's comings and goings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo

from contract.event import Event
from contract.plates import normalise
from server.exports.film import Shot
from server.exports.package import Piece
from server.exports.tables import NOTE_ON_CELLS, event_lines, visit_lines
from server.visits.values import Visit, place_apart

# A frame or a clip shows the next car too; the edge cut these two to the vehicle and its plate.
CUT_TO_THE_VEHICLE = ("plate", "vehicle")

NOTES = (
    NOTE_ON_CELLS,
    "events whose plate was read exactly as asked for; pictures are cut to the vehicle",
)


@dataclass(frozen=True, slots=True)
class Sorted:
    """The events that a search for a plate brought up."""

    exact: tuple[Event, ...]
    doubtful: tuple[Event, ...]


def sorted_out(plate: str, events: Iterable[Event]) -> Sorted:
    """Tell the events of this plate from those that only may be."""
    wanted = normalise(plate)
    exact: list[Event] = []
    doubtful: list[Event] = []
    for event in events:
        if event.plate is not None and normalise(event.plate) == wanted:
            exact.append(event)
        elif _may_be(wanted, event):
            doubtful.append(event)
    return Sorted(tuple(exact), tuple(doubtful))


def settled(found: Sorted, theirs: Collection[str]) -> tuple[Event, ...]:
    """Return the exact events and those doubtful ones that a person said are this plate's."""
    chosen = [event for event in found.doubtful if event.id in theirs]
    return tuple(sorted([*found.exact, *chosen], key=lambda event: (event.at, event.id)))


def pieces(shots: Iterable[Shot], visits: Iterable[Visit], zone: tzinfo) -> Iterator[Piece]:
    """Yield the files of the pack; the pictures come event by event."""
    shown: list[Event] = []
    for shot in shots:
        shown.append(shot.event)
        for name in CUT_TO_THE_VEHICLE:
            if name in shot.pictures:
                yield Piece(f"{shot.event.id}-{name}.jpg", [shot.pictures[name]])
    yield Piece("events.csv", event_lines(shown, zone), is_table=True)
    yield Piece("visits.csv", visit_lines(_theirs(visits, shown), zone), is_table=True)


def _theirs(visits: Iterable[Visit], shown: Collection[Event]) -> Iterator[Visit]:
    """Yield the visits all of whose events are in the pack."""
    ids = {event.id for event in shown}
    for visit in visits:
        if {one for one in (visit.entry, visit.exit, *visit.during) if one} <= ids:
            yield visit


def _may_be(wanted: str, event: Event) -> bool:
    spelt = [normalise(one.plate) for one in (*event.alternatives, *event.others)]
    if event.plate is None:
        return wanted in spelt
    return wanted in spelt or place_apart(wanted, normalise(event.plate)) is not None
