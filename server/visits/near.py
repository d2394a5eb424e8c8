"""Readings that are one confusable character wrong, given back to the car they are of.

Each sighting is asked whether the stories become likelier when it belongs to a plate that looks
like its own. What counts is the reading itself (its runner-up, or how alike the two characters
are), what both cars' stories gain or lose, and that a plate which nobody else ever saw is a far
rarer thing than a misread one.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from contract.plates import confusable, confusables
from server.visits.darkness import Darkness
from server.visits.lessons import DAY, Lessons
from server.visits.order import ordered
from server.visits.story import Stories, step
from server.visits.values import Sighted, place_apart

# A reading without doubt is wrong in so many of a thousand cases that look most alike (1.0): the
# peers' strong misreads, measured on pictures of plates, lie between two and ten.
_STRONG_MISREAD = 0.01
_SEEN_OFTEN = 3  # a plate read so often without doubt is a car, not a slip
_REACH = 7 * DAY  # a car that was not seen for so long is no neighbour
_MEANT = 0.3  # at least so likely is what the edge itself took it for
# How much rarer a plate never seen before is than one of the lot's cars passing, as a logarithm:
# a newcomer in five, of a million texts, beside one of fifty cars inside. Held down by half,
# since plates issued one after another look alike.
_NEWCOMER = 6.0
_NEIGHBOURS = 6  # sightings on either side that a story is asked about
_DOUBTFUL = 0.2  # so likely a second car is named

Chains = Mapping[str, Sequence[Sighted]]


@dataclass(frozen=True, slots=True)
class Move:
    """A sighting given to another plate than was read."""

    plate: str
    probability: float
    two_candidates: bool


def neighbours(plate: str, known: Container[str]) -> Iterator[str]:
    """Return the known plates that one confusable character would make of this one."""
    for place, character in enumerate(plate):
        for other, _ in confusables(character):
            text = plate[:place] + other + plate[place + 1 :]
            if text in known:
                yield text


def linked(plate: str, chains: Chains) -> set[str]:
    """Return the plates that some sighting of this one may belong to."""
    return {target for one in chains[plate] for target, _ in _targets(one, chains)}


def moves(chains: Chains, lessons: Lessons, darkness: Darkness) -> dict[str, Move]:
    """Return the sightings that are rather of another plate, the clearest decided first."""
    now = {plate: list(chain) for plate, chain in chains.items()}
    found: dict[str, Move] = {}
    candidates = [
        (one, targets)
        for chain in chains.values()
        for one in chain
        if (targets := list(_targets(one, chains)))
    ]
    while candidates:
        weighed = [
            (gain, one.id, target)
            for one, targets in candidates
            for target, odds in targets
            if (gain := _gain(one, target, odds, now, lessons, darkness)) > 0
        ]
        if not weighed:
            break
        gain, moved, target = max(weighed)
        mine = [g for g, of, _ in weighed if of == moved]
        whole = 1.0 + sum(math.exp(min(g, 50.0)) for g in mine)
        rivals = (whole - 1.0 - math.exp(min(gain, 50.0))) / whole
        one = next(one for one, _ in candidates if one.id == moved)
        found[moved] = Move(target, math.exp(min(gain, 50.0)) / whole, rivals >= _DOUBTFUL)
        assert one.plate is not None  # it stood in a chain
        now[one.plate].remove(one)
        now[target] = ordered([*now[target], one])
        candidates = [(one, targets) for one, targets in candidates if one.id not in found]
    return found


def _targets(one: Sighted, chains: Chains) -> Iterator[tuple[str, float]]:
    """Return the plates a sighting may be of instead, each with the odds of the reading."""
    plate = one.plate
    assert plate is not None
    if one.by == "person":
        return
    runner_up = {
        plate[: d.place] + d.character + plate[d.place + 1 :]: d.odds / 1000 for d in one.doubts
    }
    rare = len(chains[plate]) < _SEEN_OFTEN
    for target in neighbours(plate, chains):
        place = place_apart(plate, target)
        assert place is not None  # neighbours are one apart
        odds = runner_up.get(target, 0.0)
        if rare:
            odds = max(odds, _STRONG_MISREAD * confusable(plate[place], target[place]))
        if one.refers and any(other.id == one.refers for other in chains[target]):
            odds = max(odds, _MEANT)
        if odds and _near_in_time(one, chains[target]):
            yield target, odds
    for target in one.others:
        if target != plate and target in chains and _near_in_time(one, chains[target]):
            yield target, 1.0


def _near_in_time(one: Sighted, chain: Iterable[Sighted]) -> bool:
    return any(abs(other.at - one.at) <= _REACH for other in chain)


def _gain(
    one: Sighted,
    target: str,
    odds: float,
    chains: Chains,
    lessons: Lessons,
    darkness: Darkness,
) -> float:
    assert one.plate is not None
    own = _around(chains[one.plate], one)
    left = [other for other in own if other.id != one.id]
    theirs = _around(chains[target], one)
    if not theirs:  # all that looked like it have moved on
        return -math.inf
    gain = math.log(odds)
    gain += _weight([*theirs, one], lessons, darkness) - _weight(theirs, lessons, darkness)
    gain += _weight(left, lessons, darkness) - _weight(own, lessons, darkness)
    return gain if left else gain + _NEWCOMER


def _around(chain: Sequence[Sighted], one: Sighted) -> list[Sighted]:
    before = [other for other in chain if other.at <= one.at][-_NEIGHBOURS:]
    after = [other for other in chain if other.at > one.at][:_NEIGHBOURS]
    return [*before, *after]


def _weight(chain: Sequence[Sighted], lessons: Lessons, darkness: Darkness) -> float:
    steps = [made for one in ordered(chain) if (made := step(one, lessons))]
    return Stories(steps, lessons, darkness).logarithm if steps else 0.0
