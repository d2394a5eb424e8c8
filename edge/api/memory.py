"""What this edge has seen lately, asked by plate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contract.event import Event
from contract.plates import normalise
from edge.delivery.journal import Journal
from lot.times import microseconds, moment


@dataclass(frozen=True, slots=True)
class Found:
    """Whether a plate was seen since a time, and when last."""

    plate: str  # as it was asked for
    last_seen: datetime | None


def found(journal: Journal, plates: Sequence[str], since: datetime) -> list[Found]:
    """Say of each plate whether it was seen, in the order in which they were asked for."""
    seen = last_seen([one.event for one in journal.since(microseconds(since))])
    return [Found(one, seen.get(normalise(one))) for one in plates]


def last_seen(events: Sequence[Event]) -> dict[str, datetime]:
    """Return when each plate was last seen; of an event its latest revision counts."""
    newest: dict[str, Event] = {}
    for one in events:
        known = newest.get(one.id)
        if known is None or one.revision > known.revision:
            newest[one.id] = one
    seen: dict[str, datetime] = {}
    for one in newest.values():
        if one.plate is None or one.kind == "void":
            continue
        plate, at = normalise(one.plate), moment(one.last_seen)
        seen[plate] = max(at, seen.get(plate, at))
    return seen
