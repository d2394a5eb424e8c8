"""Events and visits as CSV, a line at a time: an export of a year holds one row in memory.

Times are ISO 8601 by the lot's clock with its offset, probabilities have three decimals, lists
are set apart by blanks, what is unknown is an empty cell, and no cell is a formula.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import TypeVar

from contract.event import Event, Spelling
from lot.cells import harmless, thousandths, write_rows
from lot.times import local_text, moment
from server.visits.values import Visit

EVENT_COLUMNS = (
    "event_id",
    "kind",
    "kind_by",
    "plate",
    "confidence",
    "region",
    "vehicle",
    "direction",
    "first_seen",
    "last_seen",
    "camera",
    "lane",
    "alternatives",
    "others",
    "flags",
    "reason",
    "clock",
    "edge",
    "sequence",
    "revision",
)
VISIT_COLUMNS = (
    "visit_id",
    "plate",
    "entered_at",
    "left_at",
    "stay_seconds",
    "sureness",
    "probability",
    "flags",
    "entry_event",
    "exit_event",
    "other_events",
)
CROP_COLUMNS = ("file", "text", "confidence", "region", "camera", "seen")

NOTE_ON_CELLS = (
    "a text cell that begins with = + - @, tab, return or an apostrophe has one apostrophe in front"
)

T = TypeVar("T")


def event_lines(events: Iterable[Event], zone: tzinfo) -> Iterator[bytes]:
    """Yield the header, then a line an event."""
    return _lines(EVENT_COLUMNS, events, lambda event: _event(event, zone))


def visit_lines(visits: Iterable[Visit], zone: tzinfo) -> Iterator[bytes]:
    """Yield the header, then a line a visit."""
    return _lines(VISIT_COLUMNS, visits, lambda visit: _visit(visit, zone))


def crop_lines(crops: Iterable[tuple[str, Event]], zone: tzinfo) -> Iterator[bytes]:
    """Yield the header, then a line a crop: its file, and what its event says it shows."""
    return _lines(CROP_COLUMNS, crops, lambda one: _crop(*one, zone))


def _lines(
    columns: Sequence[str], values: Iterable[T], cells: Callable[[T], Sequence[str]]
) -> Iterator[bytes]:
    yield _line(columns)
    for value in values:
        yield _line(cells(value))


def _line(cells: Sequence[str]) -> bytes:
    text = io.StringIO(newline="")
    write_rows(text, [cells])
    return text.getvalue().encode()


def _event(event: Event, zone: tzinfo) -> Sequence[str]:
    return (
        event.id,
        event.kind,
        event.kind_by or "",
        harmless(event.plate or ""),
        _maybe(event.confidence),
        event.region or "",
        event.vehicle or "",
        event.direction or "",
        _time(event.first_seen, zone),
        _time(event.last_seen, zone),
        harmless(event.camera),
        harmless(event.lane or ""),
        harmless(_spellings(event.alternatives)),
        harmless(_spellings(event.others)),
        " ".join(event.flags),
        event.reason or "",
        event.clock.state,
        event.edge,
        str(event.sequence),
        str(event.revision),
    )


def _visit(visit: Visit, zone: tzinfo) -> Sequence[str]:
    return (
        visit.id,
        harmless(visit.plate or ""),
        "" if visit.entered_at is None else _time(visit.entered_at, zone),
        "" if visit.left_at is None else _time(visit.left_at, zone),
        "" if visit.stay is None else str(visit.stay // 1_000_000),
        visit.sureness,
        thousandths(visit.probability),
        " ".join(visit.flags),
        visit.entry or "",
        visit.exit or "",
        " ".join(visit.during),
    )


def _crop(name: str, event: Event, zone: tzinfo) -> Sequence[str]:
    return (
        name,
        harmless(event.plate or ""),
        _maybe(event.confidence),
        event.region or "",
        harmless(event.camera),
        _time(event.best_at, zone),
    )


def _time(at: int, zone: tzinfo) -> str:
    return local_text(moment(at), zone)


def _maybe(value: int | None) -> str:
    return "" if value is None else thousandths(value)


def _spellings(spellings: Iterable[Spelling]) -> str:
    return " ".join(f"{one.plate}:{thousandths(one.confidence)}" for one in spellings)
