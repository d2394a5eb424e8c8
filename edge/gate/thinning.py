"""A sighting's passages are kept few, however often its track broke (rule 14).

A car that stands in view for a week at a bad angle is one sighting of ten thousand passages.
What is decided of it needs its first and its latest ones; those between become one for each
camera, which came as their first and left as their last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge.gate.sightings import Sighting
from edge.values import Passage
from edge.voting import surest

PASSAGES_MOST = 48  # of one sighting; a car that waits an hour in a queue has a dozen
LATEST_KEPT = 8


def between(s: Sighting) -> dict[str, list[Passage]]:
    """Return the passages of a sighting that can become one for each camera, by camera."""
    if len(s.members) <= PASSAGES_MOST:
        return {}
    found: dict[str, list[Passage]] = {}
    for one in s.members[1:-LATEST_KEPT]:
        if one.passage.ended:
            found.setdefault(one.passage.camera, []).append(one.passage)
    return {camera: passages for camera, passages in found.items() if len(passages) > 1}


def as_one(passages: Sequence[Passage]) -> Passage:
    """Join passages of one vehicle at one camera, given in their order."""
    first, last = passages[0], max(passages, key=lambda p: p.last_seen)
    looks = surest(look for one in passages for look in one.looks)
    others: dict[str, float] = {}
    for text, sure in (other for one in passages for other in one.others):
        others[text] = max(sure, others.get(text, 0.0))
    return replace(
        first,
        last_seen=last.last_seen,
        left_by=last.left_by,
        stood_last=last.stood_last,
        moved=any(one.moved for one in passages),
        went_length=any(one.went_length for one in passages),
        lane=next((one.lane for one in passages if one.lane), None),
        vehicle=next((one.vehicle for one in passages if one.vehicle), None),
        looks=looks,
        no_plate=None if looks else first.no_plate,
        legible=any(one.legible for one in passages),
        others=tuple(sorted(others.items(), key=lambda other: (-other[1], other[0]))),
    )
