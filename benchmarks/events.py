"""An event as the benchmarks put it on its way: one car that comes in, surely read."""

from __future__ import annotations

from contract.event import Clock, Event
from contract.ids import uuid7

PLATE = "ABC1234"


def an_event(number: int, plate: str, at: int) -> Event:
    """Return a car that comes in at a moment, without a picture."""
    return Event(
        id=uuid7(at, number),
        edge=bytes(16).hex(),
        camera="gate",
        lane="1",
        sequence=1,
        revision=1,
        final=True,
        kind="entry",
        kind_by="role",
        refers=None,
        plate=plate,
        confidence=990,
        characters=(990,) * len(plate),
        alternatives=(),
        others=(),
        region="us-tx",
        vehicle="car",
        direction="in",
        ways=(),
        first_seen=at,
        best_at=at,
        last_seen=at,
        frame=0,
        timecode=None,
        flags=(),
        reason=None,
        pictures={},
        models={},
        clock=Clock("ntp", 0),
    )
