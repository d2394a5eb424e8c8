"""The gate: what is in view and the time in, events out.

No clock, no camera, no disk: only values, so that a recorded night passes in seconds and a test
can put a stalled camera or a repeated hour between any two passages. The rules are numbered as
in the design, and each number stands beside the code that keeps it:

    matching        2       one plate, or near enough to be it
    blindness       3 9     how long nobody saw
    ways            6 7     borders, sides, lanes
    sightings       3 4 5   passages to sightings
    counting        6 11    what makes an event
    departures      2       who inside is meant
    kinds           7-10    entry, exit, seen; 14: restless
    cars, memory    8 14    who is inside
    verdicts        12      all that an event says
    register                one sighting after the other: ruled on, said, remembered
    whole                   all passages at once
    live            13      the same, told as time goes
    finality        13      when nothing can change an event any more
    revisions       13      what is said of it until then
    state, thinning 14      what a restart needs, and how it is kept small
"""

from edge.gate.live import Gate
from edge.gate.state import GateState
from edge.gate.values import (
    Blind,
    GateSettings,
    Ids,
    Outcome,
    PassageKey,
    Sealed,
    Settled,
    Verdict,
)
from edge.gate.whole import final_events

__all__ = [
    "Blind",
    "Gate",
    "GateSettings",
    "GateState",
    "Ids",
    "Outcome",
    "PassageKey",
    "Sealed",
    "Settled",
    "Verdict",
    "final_events",
]
