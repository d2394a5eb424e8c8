"""Lessons from a lot's own cars, so that a camera nobody configured comes right by itself.

They are learned by going round: stories told by the lessons so far are counted into better
lessons, until they stay. Where a round ends depends on where it began, so two beginnings are
tried and the likelier end is taken: every car as its edge called it, and only the cars that were
first seen later than the longest stay after the lot began. Those came in when first seen, even
where the camera was put up with cars inside and calls every exit an entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import nlargest
from itertools import pairwise

from server.visits.darkness import Darkness
from server.visits.lessons import (
    AWAY,
    AWAY_AND_STAY,
    HABITS,
    STAY,
    STAY_AND_AWAY,
    Counts,
    Lessons,
    Sign,
    hour_of,
    length_bin,
    plain,
)
from server.visits.order import by_plate, ordered
from server.visits.story import ENTRY, EXIT, LONGEST_STAY, Stories, Story, signs_of, step
from server.visits.values import Sighted

# The largest gain comes in the first rounds; beyond these the simulated weeks gained nothing.
_ROUNDS = 6
# More cars teach a lot nothing new, and a Pi learns these within its nightly minute.
SIGHTINGS_MAX = 12_000

_SORT = {
    (ENTRY, EXIT): STAY,
    (EXIT, ENTRY): AWAY,
    (ENTRY, ENTRY): STAY_AND_AWAY,
    (EXIT, EXIT): AWAY_AND_STAY,
}

Chains = Sequence[Sequence[Sighted]]


def learned(sightings: Iterable[Sighted], darkness: Darkness) -> Lessons:
    """Return the lessons of a lot; too few cars leave the plain ones nearly as they are."""
    newest = nlargest(SIGHTINGS_MAX, sightings, key=lambda one: (one.at, one.id))
    if not newest:
        return plain()
    chains = [ordered(chain) for chain in by_plate(newest).values()]
    since = min(one.first_seen for one in newest)
    late = [chain for chain in chains if chain[0].first_seen - since > LONGEST_STAY]
    ends = [_rounds(chains, begun, since, darkness) for begun in (chains, late) if begun]
    return max(ends, key=lambda end: end[1])[0]


def _rounds(chains: Chains, begun: Chains, since: int, darkness: Darkness) -> tuple[Lessons, float]:
    lessons = _as_told(begun, since)
    likelihood = float("-inf")
    for _ in range(_ROUNDS):
        counts = Counts.none()
        likelihood = 0.0
        for chain in chains:
            steps = [one for one in (step(s, lessons) for s in chain) if one]
            if steps:
                stories = Stories(steps, lessons, darkness)
                likelihood += stories.logarithm
                for share, story in stories.by_habit:
                    _count(counts, story, share)
        lessons = counts.lessons(since)
    return lessons, likelihood


def _as_told(chains: Chains, since: int) -> Lessons:
    """Count kinds as the edges gave them."""
    counts = Counts.none()
    for chain in chains:
        told = [one for one in chain if one.kind != "seen"]
        for one in told:
            _count_signs(
                counts, signs_of(one), float(one.kind == "entry"), float(one.kind == "exit")
            )
        for before, here in pairwise(told):
            labels = (_label(before), _label(here))
            length = max(0, here.first_seen - before.last_seen)
            _count_time(counts, _SORT[labels], before.last_seen, length, 1.0)
    return counts.lessons(since)


def _label(one: Sighted) -> int:
    return ENTRY if one.kind == "entry" else EXIT


def _count(counts: Counts, story: Story, weight: float) -> None:
    for one, shares in zip(story.steps, story.crossings(), strict=True):
        by_label = dict(zip(one.labels, shares, strict=True))
        entry, exit_ = by_label.get(ENTRY, 0.0), by_label.get(EXIT, 0.0)
        _count_signs(counts, one.signs, weight * entry, weight * exit_)
    for n in range(len(story.steps) - 1):
        _count_link(counts, story, n, weight)


def _count_link(counts: Counts, story: Story, n: int, weight: float) -> None:
    here, there = story.steps[n], story.steps[n + 1]
    length = max(0, there.first - here.last)
    for label, next_label, whole, seen in story.pairs(n):
        counts.seen_on += weight * seen
        counts.missed_on += weight * (whole - seen)
        sort = _SORT.get((label, next_label))
        if sort is None:  # a car that showed itself: neither time is whole
            continue
        share = weight * (seen if sort in (STAY, AWAY) else whole)
        _count_time(counts, HABITS[story.habit][sort], here.last, length, share)


def _count_time(counts: Counts, sort: int, began: int, length: int, share: float) -> None:
    counts.times[sort][hour_of(began)][length_bin(length)] += share


def _count_signs(counts: Counts, signs: Iterable[Sign], entry: float, exit_: float) -> None:
    for sign in signs:
        count = counts.signs.setdefault(sign, [0.0, 0.0])
        count[0] += entry
        count[1] += exit_
    counts.crossings[0] += entry
    counts.crossings[1] += exit_
