"""A gate's verdict becomes the contract's Event: in integers, and with what the edge knows.

The gate speaks in fractions and times and holds no file, no clock and no weights. Here its
verdict gets the edge's id, its number, the weights that saw it and the clock it stands on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contract.event import ENTRIES_MAX, Clock, Event, Spelling
from contract.ids import replay_bits, uuid7
from edge.gate.values import Ids, Part, PassageKey, Verdict
from edge.values import Passage
from lot.times import microseconds

REPLAY_EDGE = "0" * 32  # a replay has no key that an id could be derived from
NO_CLOCK = "no_clock"


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that a passage comes from: a video, or passages that were kept."""

    sha256: bytes
    starts: datetime | None  # when the video drawn of it is at 0:00:00.000; None: none is drawn
    dated: bool  # its start is known; else its times count from an invented day


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the gate cannot know of a verdict."""

    edge: str
    sequence: int
    models: Mapping[str, str]  # the SHA-256 of the weights by their name, as `plate_detector`
    clock: Clock
    timecode: str | None = None


OriginOf = Callable[[PassageKey], Origin]


def stamped(verdict: Verdict, stamp: Stamp) -> Event:
    """Return the event that a verdict is, its pictures still to come."""
    return Event(
        id=verdict.id,
        edge=stamp.edge,
        camera=verdict.camera,
        lane=verdict.lane,
        sequence=stamp.sequence,
        revision=verdict.revision,
        final=verdict.final,
        kind=verdict.kind,
        kind_by=verdict.kind_by,
        refers=verdict.refers,
        plate=verdict.plate,
        confidence=None if verdict.confidence is None else thousandths(verdict.confidence),
        characters=tuple(map(thousandths, verdict.characters)),
        alternatives=_spellings(verdict.alternatives),
        others=_spellings(verdict.others),
        region=verdict.region,
        vehicle=verdict.vehicle,
        direction=verdict.direction,
        ways=tuple(sorted(verdict.ways, key=lambda way: way.camera)),
        first_seen=microseconds(verdict.first_seen),
        best_at=microseconds(verdict.best_at),
        last_seen=microseconds(verdict.last_seen),
        frame=verdict.frame,
        timecode=stamp.timecode,
        flags=tuple(sorted(set(verdict.flags))),
        reason=verdict.reason,
        pictures={},
        models=stamp.models,
        clock=stamp.clock,
    )


def replayed(
    verdicts: Iterable[Verdict], origin_of: OriginOf, models: Mapping[str, str]
) -> Iterator[Event]:
    """Return the events of final verdicts, numbered as they come, each as its first revision.

    Void ones are left out: who reads a replay has never seen the event that they take back.
    """
    kept = (verdict for verdict in verdicts if verdict.kind != "void")
    for number, verdict in enumerate(kept, start=1):
        origin = origin_of(verdict.best_passage)
        starts = origin.starts
        flags = verdict.flags if origin.dated else (*verdict.flags, NO_CLOCK)
        stamp = Stamp(
            edge=REPLAY_EDGE,
            sequence=number,
            models=models,
            clock=Clock("file" if origin.dated else "none", None),
            timecode=None if starts is None else timecode(verdict.best_at - starts),
        )
        yield stamped(replace(verdict, revision=1, final=True, flags=flags), stamp)


def replay_ids(origin_of: OriginOf) -> Ids:
    """Return what gives a replay's events their ids: the same in every run.

    That holds while passages are named alike in every run, whatever `--jobs` says.
    """

    def made(first: Passage, part: Part, time: datetime) -> str:
        origin = origin_of((first.camera, first.id))
        bits = replay_bits(origin.sha256, first.camera, first.id, part)
        return uuid7(microseconds(time), bits)

    return made


def thousandths(probability: float) -> int:
    """Return a probability as an Event holds it."""
    return min(1000, max(0, round(probability * 1000)))


def timecode(position: timedelta) -> str:
    """Return a place in a video as H:MM:SS.mmm; what lies before its beginning is its beginning."""
    whole = max(0, round(position / timedelta(milliseconds=1)))
    seconds, milliseconds = divmod(whole, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}.{milliseconds:03d}"


def _spellings(likely: Sequence[tuple[str, float]]) -> tuple[Spelling, ...]:
    best = sorted(likely, key=lambda one: -one[1])[:ENTRIES_MAX]
    return tuple(Spelling(plate, thousandths(p)) for plate, p in best)
