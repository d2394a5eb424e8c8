"""An event to show, with whatever matters in a test changed."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from contract.event import Clock, Event
from contract.ids import uuid7
from lot.times import microseconds

START = datetime(2024, 5, 1, 18, 45, tzinfo=timezone.utc)
_AT = microseconds(START)

ENTRY = Event(
    id=uuid7(_AT, 5),
    edge="0" * 32,
    camera="north",
    lane=None,
    sequence=1,
    revision=1,
    final=True,
    kind="entry",
    kind_by="direction",
    refers=None,
    plate="8ABC123",
    confidence=987,
    characters=(990, 990, 600, 990, 990, 990, 990),
    alternatives=(),
    others=(),
    region=None,
    vehicle="car",
    direction="in",
    ways=(),
    first_seen=_AT,
    best_at=_AT + 1_000_000,
    last_seen=_AT + 2_500_000,
    frame=30,
    timecode="0:00:01.000",
    flags=(),
    reason=None,
    pictures={},
    models={},
    clock=Clock("file", None),
)


def event(after: float = 0.0, **changed: Any) -> Event:
    """Return ENTRY, so many seconds later, with some of its fields changed."""
    shift = round(timedelta(seconds=after) / timedelta(microseconds=1))
    moved = {name: getattr(ENTRY, name) + shift for name in ("first_seen", "best_at", "last_seen")}
    if changed.get("plate", "") is None:
        changed = {"confidence": None, "characters": (), "reason": "dark", **changed}
    return replace(ENTRY, **{**moved, **changed})
