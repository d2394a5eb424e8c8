"""One plate's likeliest story: which of its sightings were entries and which exits.

A story gives each sighting a label; the car is inside or outside before and after it. Where what
one sighting leaves is not what the next one finds, a crossing between them went unseen. What a
story weighs is the product of

    - for each sighting what its signs say (ways and camera), unless a witness settles its kind,
    - for each pair of neighbours whether a crossing was missed, and how usual the time is,
    - what is known of the beginning.

The likeliest story is found by dynamic programming; the sums over all stories give the
probability of each of its pieces, so that a visit is as sure as the whole makes it, not only as
its best rival does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from server.visits.darkness import Darkness
from server.visits.lessons import (
    AWAY,
    AWAY_AND_STAY,
    DAY,
    HABITS,
    SHARE_OF,
    STAY,
    STAY_AND_AWAY,
    Habit,
    Lessons,
    Sign,
)
from server.visits.values import Sighted

ENTRY, EXIT, STAYS_IN, STAYS_OUT = range(4)
_INSIDE_BEFORE = (False, True, True, False)
_INSIDE_AFTER = (True, False, True, False)
LONGEST_STAY = 2 * DAY  # as at the gate: who was not seen for longer may have left unseen

# Where nothing else decides, the edge's own word does: it saw the plate's ways before. On weeks of
# 11 seeds without borders (benchmarks.visits) 906 kinds of the cars that came later are wrong with
# none, 883 with 1.05, 885 with 1.1, 876 with 1.2, and the seeds disagree; with 1.5 and 2 more are.
# Two cameras are best with 1.05 (8 seeds: 124, 122, 1.2 worse). What falls all along with more
# weight are cars that no rule can tell from their opposites. Counting only words that do not follow
# from the one before helps none of it (491 for 449 of 6 seeds). Such words, repeated for as long as
# a car comes, would make wrong stories certain (right in 0.87 of 6 seeds): that is held off where a
# visit is called certain (`_Telling._is_settled`; 0.97), and not by a weight, at any of which the
# share is the same.
_EDGES_WORD = 1.05
# The share of cars that are inside when a lot begins. It is not learned: without ways a lot's own
# stories cannot tell it, and would agree with whatever they began with.
_BEGAN_INSIDE = 0.4
# A sign of a single camera that sees no border is as frequent of entries as of exits; a border's is
# ten times as frequent of one of them, soon after the first were seen.
_TELLING = 2.0
_BLIND_MOST = 0.9  # however dark, a car that is seen again was rather there than not


class Step(NamedTuple):
    """A sighting as a story sees it: when, and what it may have been."""

    first: int
    last: int
    labels: tuple[int, ...]
    weights: tuple[float, ...]  # a label each
    signs: tuple[Sign, ...] = ()  # to learn from


@dataclass(frozen=True, slots=True)
class Bond:
    """What people said of the time between two neighbours in a story."""

    joined: frozenset[int] = frozenset()  # steps that are of one visit with the one before
    split: frozenset[int] = frozenset()  # steps that are not


NO_BOND = Bond()


def signs_of(one: Sighted) -> tuple[Sign, ...]:
    """Return what each camera showed of the way, and which camera it was."""
    ways: list[Sign] = [(way.camera, way.came, way.left) for way in one.ways]
    if all(camera != one.camera for camera, _, _ in ways):
        ways.append((one.camera, None, None))
    return tuple(ways)


def step(one: Sighted, lessons: Lessons, *, first: int | None = None) -> Step | None:
    """Return a sighting as a step; None where it moved nobody and says of nobody where it is."""
    begin = one.first_seen if first is None else first
    span = begin, max(begin, one.last_seen)
    signs = signs_of(one)
    if one.kind == "seen":
        if one.by == "turn":  # it turned back from the lot's side: it is inside
            return Step(*span, (STAYS_IN,), (1.0,), signs)
        if one.by != "crossing":
            return None
    elif one.witnessed:
        return Step(*span, (ENTRY if one.kind == "entry" else EXIT,), (1.0,), signs)
    entry, exit_ = 1.0, 1.0
    for sign in signs:
        of_entries, of_exits = lessons.sign(sign)
        entry *= of_entries
        exit_ *= of_exits
    if one.kind == "seen":
        whole = (entry + exit_) / 2
        return Step(
            *span,
            (ENTRY, EXIT, STAYS_IN, STAYS_OUT),
            (entry, exit_, whole, whole / 4),
            signs,
        )
    if one.kind == "entry":
        entry *= _EDGES_WORD
    else:
        exit_ *= _EDGES_WORD
    return Step(*span, (ENTRY, EXIT), (entry, exit_), signs)


def shows_its_way(one: Sighted, lessons: Lessons) -> bool:
    """Say whether a witness or a sign tells a sighting's kind, and not the clock alone."""
    ratios = (lessons.sign(sign) for sign in signs_of(one))
    return one.witnessed or any(max(pair) > _TELLING * min(pair) for pair in ratios)


def may_have_begun_inside(first: int, lessons: Lessons) -> bool:
    """Say whether a car that is first seen then may have been there when the lot began."""
    return lessons.since is None or first - lessons.since <= LONGEST_STAY


class Story:
    """All stories of one plate's steps, weighed."""

    def __init__(
        self,
        steps: Sequence[Step],
        lessons: Lessons,
        darkness: Darkness,
        bond: Bond = NO_BOND,
        habit: Habit = "usual",
    ) -> None:
        self.steps = steps
        self.habit = habit
        self._lessons = lessons
        self._darkness = darkness
        self._bond = bond
        self.links = [self._link(n) for n in range(1, len(steps))]
        self._forward: list[list[float]] = []
        self.logarithm = 0.0  # of the sum over all stories
        self._go_forward()

    def best(self) -> tuple[int, ...]:
        """Return the labels of the likeliest story."""
        if not self.steps:
            return ()
        weights = self._begun()
        came_from: list[list[int]] = []
        for link, here in zip(self.links, self.steps[1:], strict=True):
            rows, sources = [], []
            for n, own in enumerate(here.weights):
                reached = [w * link.whole[m][n] for m, w in enumerate(weights)]
                source = max(range(len(reached)), key=reached.__getitem__)
                sources.append(source)
                rows.append(reached[source] * own)
            scale = sum(rows)
            weights = [w / scale for w in rows]
            came_from.append(sources)
        at = max(range(len(weights)), key=weights.__getitem__)
        path = [at]
        for sources in reversed(came_from):
            path.append(sources[path[-1]])
        path.reverse()
        return tuple(one.labels[n] for one, n in zip(self.steps, path, strict=True))

    def chance(self, first: int, labels: Sequence[int], *, before: bool, after: bool) -> float:
        """Return the probability that from step `first` on the car did just that.

        Between these steps nothing was missed. `before` asks that the crossing before them was,
        `after` that the one after them was; else it does not matter.
        """
        places = [self.steps[first + n].labels.index(label) for n, label in enumerate(labels)]
        mass = self._reached(first, places[0], missed=before)
        for n in range(first, first + len(labels) - 1):
            here, there = places[n - first], places[n - first + 1]
            mass *= self.links[n].seen[here][there] * self.steps[n + 1].weights[there]
            mass /= self._scales[n + 1]
        last = first + len(labels) - 1
        return min(1.0, mass * self._left(last, places[-1], missed=after))

    def crossings(self) -> list[tuple[float, ...]]:
        """Return for each step the probability of each of its labels."""
        return [
            tuple(f * b for f, b in zip(forward, backward, strict=True))
            for forward, backward in zip(self._forward, self._backward, strict=True)
        ]

    def pairs(self, n: int) -> list[tuple[int, int, float, float]]:
        """Return of the link after step n, for each two labels, its probability and that of
        nothing missed in it."""
        here, there, link = self.steps[n], self.steps[n + 1], self.links[n]
        found = []
        for a, label in enumerate(here.labels):
            for b, next_label in enumerate(there.labels):
                mass = self._forward[n][a] * there.weights[b] * self._backward[n + 1][b]
                mass /= self._scales[n + 1]
                found.append((label, next_label, mass * link.whole[a][b], mass * link.seen[a][b]))
        return found

    # The sums

    def _begun(self) -> list[float]:
        inside = self.inside_at_first
        return [
            weight * (inside if _INSIDE_BEFORE[label] else 1 - inside)
            for label, weight in zip(self.steps[0].labels, self.steps[0].weights, strict=True)
        ]

    @cached_property
    def inside_at_first(self) -> float:
        """Return how likely a car is inside before its first step, as the lot's cars go.

        Who is first seen longer than a stay after the lot began was there only if its coming
        was missed.
        """
        first, since = self.steps[0].first, self._lessons.since
        if since is None or may_have_begun_inside(first, self._lessons):
            return _BEGAN_INSIDE
        return self._missed(max(since, first - LONGEST_STAY), first)

    def _go_forward(self) -> None:
        self._scales: list[float] = []
        if not self.steps:
            return
        weights = self._begun()
        for n in range(len(self.steps)):
            if n:
                link, own = self.links[n - 1].whole, self.steps[n].weights
                weights = [
                    sum(w * link[m][k] for m, w in enumerate(weights)) * own[k]
                    for k in range(len(own))
                ]
            scale = sum(weights)
            weights = [w / scale for w in weights]
            self._forward.append(weights)
            self._scales.append(scale)
            self.logarithm += math.log(scale)

    @cached_property
    def _backward(self) -> list[list[float]]:
        backward = [[1.0] * len(self.steps[-1].labels)] if self.steps else []
        for n in range(len(self.steps) - 2, -1, -1):
            link, there = self.links[n].whole, self.steps[n + 1]
            after, scale = backward[-1], self._scales[n + 1]
            backward.append(
                [
                    sum(row[k] * there.weights[k] * after[k] for k in range(len(after))) / scale
                    for row in link
                ]
            )
        backward.reverse()
        return backward

    def _reached(self, n: int, place: int, *, missed: bool) -> float:
        if not missed:
            return self._forward[n][place]
        if n == 0:
            label = self.steps[0].labels[place]
            return self._forward[0][place] if _INSIDE_BEFORE[label] else 0.0
        link = self.links[n - 1]
        mass = sum(
            w * (link.whole[m][place] - link.seen[m][place])
            for m, w in enumerate(self._forward[n - 1])
        )
        return mass * self.steps[n].weights[place] / self._scales[n]

    def _left(self, n: int, place: int, *, missed: bool) -> float:
        if not missed or n == len(self.steps) - 1:
            return self._backward[n][place]
        link, there = self.links[n], self.steps[n + 1]
        mass = sum(
            (link.whole[place][k] - link.seen[place][k]) * there.weights[k] * after
            for k, after in enumerate(self._backward[n + 1])
        )
        return mass / self._scales[n + 1]

    def _link(self, n: int) -> _Link:
        before, here = self.steps[n - 1], self.steps[n]
        length = max(0, here.first - before.last)
        missed = self._missed(before.last, here.first)
        stay, away, round_trip, other_trip = (
            self._lessons.time(self.habit, sort, before.last, length)
            for sort in (STAY, AWAY, STAY_AND_AWAY, AWAY_AND_STAY)
        )
        once = {True: (1 - missed) * stay, False: (1 - missed) * away}
        one_missed = {True: missed * round_trip, False: missed * other_trip}
        twice = missed * missed * (round_trip + other_trip) / 2
        seen, whole = [], []
        for label in before.labels:
            inside = _INSIDE_AFTER[label]
            alike = [_INSIDE_BEFORE[there] == inside for there in here.labels]
            direct = [once[inside] if same else 0.0 for same in alike]
            unseen = [twice if same else one_missed[inside] for same in alike]
            if n in self._bond.split:
                direct = [0.0] * len(direct)
            if n in self._bond.joined and any(direct) and inside:
                unseen = [0.0] * len(unseen)
            seen.append(direct)
            whole.append([a + b for a, b in zip(direct, unseen, strict=True)])
        return _Link(seen, whole)

    def _missed(self, first: int, last: int) -> float:
        """Return how likely a crossing between two times went unseen."""
        share = self._darkness.within(first, last) / max(1, last - first)
        return 1 - (1 - self._lessons.missed) * (1 - min(share, _BLIND_MOST))


class Stories:
    """A plate's stories by either habit, each habit as likely as it makes what was seen."""

    def __init__(
        self,
        steps: Sequence[Step],
        lessons: Lessons,
        darkness: Darkness,
        bond: Bond = NO_BOND,
    ) -> None:
        self.steps = steps
        told = [Story(steps, lessons, darkness, bond, habit) for habit in HABITS]
        weighed = [one.logarithm + math.log(SHARE_OF[one.habit]) for one in told]
        most = max(weighed)
        whole = sum(math.exp(w - most) for w in weighed)
        self.logarithm = most + math.log(whole)
        self.by_habit = [
            (share, one)
            for w, one in zip(weighed, told, strict=True)
            if (share := math.exp(w - most) / whole) > _HABIT_LEAST
        ]

    def best(self) -> tuple[int, ...]:
        """Return the labels of the likeliest story by the likelier habit."""
        return max(self.by_habit, key=lambda pair: pair[0])[1].best()

    def chance(self, first: int, labels: Sequence[int], *, before: bool, after: bool) -> float:
        """Return the probability, by both habits, of what `Story.chance` says."""
        return sum(
            share * one.chance(first, labels, before=before, after=after)
            for share, one in self.by_habit
        )


_HABIT_LEAST = 1e-4  # below, a habit changes no thousandth


class _Link(NamedTuple):
    """What lies between two neighbours, from each label to each: nothing missed, and all."""

    seen: list[list[float]]
    whole: list[list[float]]
