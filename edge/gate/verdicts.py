"""From a sighting and its rulings to verdicts: all that an event says of it (rule 12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from contract.event import ENTRIES_MAX, Way
from edge.gate.kinds import Ruling
from edge.gate.matching import one_apart
from edge.gate.sightings import Sighting
from edge.gate.values import Verdict
from edge.gate.ways import View
from edge.values import Look, NoPlate, Passage, Vehicle
from edge.voting import Voted

REGION_LEAST = 0.5  # below, another region is likelier: then it is unknown


def event_time(s: Sighting, ruling: Ruling) -> datetime:
    """Return the time that an event's id bears."""
    return s.last_seen if ruling.part == 2 else s.first_seen


def verdict(s: Sighting, views: Sequence[View], ruling: Ruling, event_id: str) -> Verdict:
    """Say everything of one event, as if nothing of it could change any more."""
    best, of_best = _best(s)
    voted = s.voted
    near = ruling.departure.near
    return Verdict(
        id=event_id,
        camera=ruling.view.camera.name,
        lane=ruling.view.lane.name if ruling.view.lane else None,
        revision=1,
        final=True,
        kind=ruling.kind,
        kind_by=ruling.by,
        refers=(near.entry or near.events[-1]) if near else None,
        plate=voted.plate if voted else None,
        confidence=voted.confidence if voted else None,
        characters=voted.characters if voted else (),
        alternatives=_alternatives(voted, near.spelling.text if near else None),
        others=_best_first(s.others),
        region=voted.region if voted and voted.region_confidence >= REGION_LEAST else None,
        vehicle=_vehicle(s, of_best),
        direction=ruling.view.direction,
        ways=_ways(views),
        first_seen=s.first_seen,
        best_at=_within(s, best.at) if best else of_best.first_seen,
        last_seen=s.last_seen,
        frame=_known(best.frame if best else of_best.best_frame),
        flags=tuple(sorted(ruling.flags)),
        reason=None if voted else _reason(s),
        passages=tuple(one.key for one in s.members),
        best=best,
        best_passage=(of_best.camera, of_best.id),
    )


def _best(s: Sighting) -> tuple[Look | None, Passage]:
    """Return the most confident reading and its passage, or where unread the nearest passage."""
    if s.voted is not None:
        for one in s.members:
            if s.voted.best in one.passage.looks:
                return s.voted.best, one.passage
    passages = [one.passage for one in s.members]
    return None, next((p for p in passages if p.legible), passages[0])


def _alternatives(voted: Voted | None, meant: str | None) -> tuple[tuple[str, float], ...]:
    """Return the other spellings, that of the car that was meant among them."""
    if voted is None:
        return ()
    spellings = dict(voted.alternatives)
    if meant is not None and meant not in spellings:
        spellings[meant] = _chance(voted, meant)
    kept = _best_first(spellings)
    if meant is not None and all(text != meant for text, _ in kept):
        kept = (*kept[:-1], (meant, min(kept[-1][1], spellings[meant])))
    return kept


def _chance(voted: Voted, meant: str) -> float:
    """Return how likely this reading makes a spelling one character apart; 0 if not at all."""
    place = one_apart(voted.plate, meant)
    if place is None or voted.characters[place] <= 0:
        return 0.0
    runner = dict(voted.runners[place]).get(meant[place], 0.0)
    return min(1.0, voted.confidence / voted.characters[place] * runner)


def _best_first(spellings: dict[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(spellings.items(), key=lambda item: (-item[1], item[0]))[:ENTRIES_MAX])


def _vehicle(s: Sighting, of_best: Passage) -> Vehicle | None:
    if of_best.vehicle is not None:
        return of_best.vehicle
    return next((one.passage.vehicle for one in s.members if one.passage.vehicle), None)


def _ways(views: Sequence[View]) -> tuple[Way, ...]:
    ways = [Way(v.camera.name, v.came, v.left) for v in views if v.came or v.left]
    return tuple(sorted(ways, key=lambda way: way.camera)[:ENTRIES_MAX])


def _within(s: Sighting, at: datetime) -> datetime:
    """A track begins when it is confirmed; a reading may be of the picture before."""
    return min(max(at, s.first_seen), s.last_seen)


def _known(frame: int) -> int | None:
    return frame if frame >= 0 else None


def _reason(s: Sighting) -> NoPlate:
    """Say why nothing could be read where it should have been."""
    reasons = [one.passage.no_plate for one in s.members if one.passage.legible]
    return next((reason for reason in reasons if reason), "none_found")
