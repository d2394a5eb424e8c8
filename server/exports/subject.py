"""What is kept about one plate, for the person who asks for it, and nothing about anybody else.

Only events whose plate is exactly the one that was asked for go into the pack. Those that may be
it (one character apart, a runner-up spelling, the other plate of a trailer) wait for a person:
putting them in could hand over somebody else's comings and goings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from types import MappingProxyType

from contract.event import Event
from contract.plates import normalise
from server.exports.opening import Finding, Opening
from server.exports.package import Piece
from server.exports.shot import Shot
from server.exports.tables import NOTE_ON_CELLS, event_lines, visit_lines
from server.index.asked import PlateAsked, Query
from server.visits.corrections import said
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


def sorted_out(
    plate: str, events: Iterable[Event], said: Mapping[str, str | None] = MappingProxyType({})
) -> Sorted:
    """Tell the events of this plate from those that only may be.

    `said` is what people corrected, by event: a car that was read wrong is whose it was said to be.
    """
    wanted = normalise(plate)
    exact: list[Event] = []
    doubtful: list[Event] = []
    for event in events:
        told = said.get(event.id, event.plate)
        if told is not None and normalise(told) == wanted:
            exact.append(event)
        elif event.id not in said and _may_be(wanted, event):
            doubtful.append(event)
    return Sorted(tuple(exact), tuple(doubtful))


def sought(opening: Opening, finding: Finding, query: Query, plate: str) -> Sorted:
    """Find a plate's events within a query, and those that may be: by readings and by stories."""
    lot, within = _only_lot(query), PlateAsked(plate, "exact")
    ids = [id_ for _, id_ in finding.ids(replace(query, plate=PlateAsked(plate, "near")))]
    for visit in finding.visits(replace(query, plate=within)):
        ids += [one for one in (visit.entry, visit.exit, *visit.during) if one]
    ids = list(dict.fromkeys(ids))
    corrected = said(finding.statements(lot, ids)).plates
    return sorted_out(plate, (shot.event for shot in opening.named(lot, ids)), corrected)


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


def _only_lot(query: Query) -> bytes:
    (lot,) = query.lots
    return lot


def _may_be(wanted: str, event: Event) -> bool:
    spelt = [normalise(one.plate) for one in (*event.alternatives, *event.others)]
    if event.plate is None:
        return wanted in spelt
    return wanted in spelt or place_apart(wanted, normalise(event.plate)) is not None
