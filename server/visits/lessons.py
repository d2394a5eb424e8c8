"""What a lot's cars teach together: how long they stay and stay away, and which ways are entries.

They are counted over all cars of a lot and never kept of one. A time between two sightings is of
one of four sorts, by what happened at its two ends:

    entry .. exit   a stay            entry .. entry   a stay and an absence, the exit unseen
    exit .. entry   an absence        exit .. exit     an absence and a stay, the entry unseen

Each sort is a table of shares by the hour at which the time began and by its length. Hours are
UTC: they are the lot's own shifted, and a shift teaches the same.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from contract.event import Border

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Upper ends in minutes. Finest between half an hour and a day, where stays and nights lie; their
# number is what a week of a small lot can still fill.
_MINUTES = (2, 5, 10, 20, 30, 45, 60, 90, 120, 150, 180, 240, 300, 360, 420, 480, 540, 600, 660)
_LATER = (720, 780, 840, 900, 960, 1080, 1200, 1440, 1800, 2160, 2880, 4320, 7200, 10080, 20160)
_ENDS = tuple(minutes * MINUTE for minutes in (*_MINUTES, *_LATER, 43200))
LENGTHS = len(_ENDS) + 1
HOURS = 24

STAY, AWAY, STAY_AND_AWAY, AWAY_AND_STAY = range(4)
SORTS = 4

# A car may live by the clock of the others, or be out while they are in: one that lives at the lot
# of an office. Its absences are as long as their stays. Without the second habit, a car whose
# coming nobody saw would be sure of the wrong story, and surer with each day.
Habit = Literal["usual", "turned"]
HABITS: Mapping[Habit, tuple[int, ...]] = {
    "usual": (STAY, AWAY, STAY_AND_AWAY, AWAY_AND_STAY),
    "turned": (AWAY, STAY, AWAY_AND_STAY, STAY_AND_AWAY),
}
SHARE_OF: Mapping[Habit, float] = {"usual": 0.67, "turned": 0.33}

Sign = tuple[str, Border | None, Border | None]  # camera, came by, left by
Table = tuple[tuple[float, ...], ...]  # shares by hour, then by length


@dataclass(frozen=True, slots=True)
class SignCount:
    """How many entries and how many exits showed a sign."""

    entries: float
    exits: float


@dataclass(frozen=True, slots=True)
class Lessons:
    """What the stories of one lot are weighed by."""

    tables: tuple[Table, ...]  # by sort
    signs: Mapping[Sign, SignCount]
    entries: float  # all that were counted
    exits: float
    missed: float  # the share of crossings that nobody saw
    since: int | None = None  # when it began; None: unknown, so any car may have been there
    _ratios: dict[Sign, tuple[float, float]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def time(self, habit: Habit, sort: int, began: int, length: int) -> float:
        """Return the share of times of this sort that are about so long."""
        return self.tables[HABITS[habit][sort]][hour_of(began)][length_bin(length)]

    def sign(self, sign: Sign) -> tuple[float, float]:
        """Return how likely an entry and how likely an exit shows a sign.

        A sign that was never counted says nothing, and a few sightings say little: as many again
        are taken as even.
        """
        known = self._ratios.get(sign)
        if known is None:
            count = self.signs.get(sign, SignCount(0.0, 0.0))
            entries, exits = self.entries + 2 * _EVEN, self.exits + 2 * _EVEN
            known = (count.entries + _EVEN) / entries, (count.exits + _EVEN) / exits
            self._ratios[sign] = known
        return known


# So many sightings are imagined for each sign, the same for entries and exits: with fewer, a
# way seen once would be as good as a witness.
_EVEN = 1.0


def hour_of(at: int) -> int:
    return at // HOUR % HOURS


def length_bin(length: int) -> int:
    return bisect_right(_ENDS, length)


def plain() -> Lessons:
    """Return what a new lot begins with: stays of an hour or a few, absences of a day or days.

    The shares are set by judgement and weigh as much as a few dozen cars: a lot's own days
    replace them within the first of its weeks.
    """
    shares = _plain_shares()
    tables = tuple(tuple(shares[sort] for _ in range(HOURS)) for sort in range(SORTS))
    return Lessons(tables, {}, 0.0, 0.0, missed=0.03)


def _plain_shares() -> tuple[tuple[float, ...], ...]:
    stay = _mixed((2 * HOUR, 1.3, 0.7), (9 * HOUR, 0.4, 0.3))
    away = _mixed((16 * HOUR, 0.5, 0.4), (60 * HOUR, 1.5, 0.4), (1 * HOUR, 1.0, 0.2))
    both = _mixed((24 * HOUR, 0.3, 0.5), (70 * HOUR, 1.3, 0.5))
    return stay, away, both, both


def _mixed(*bells: tuple[int, float, float]) -> tuple[float, ...]:
    """Return shares by length of a mixture of lognormal bells: middle, width, weight."""

    def below(length: float) -> float:
        return sum(
            weight * (1 + math.erf(math.log(length / middle) / width / math.sqrt(2))) / 2
            for middle, width, weight in bells
        )

    marks = [0.0, *(below(end) for end in _ENDS), 1.0]
    return tuple(max(b - a, 1e-4) for a, b in pairwise(marks))


@dataclass(slots=True)
class Counts:
    """Shares of cars, as a round of stories counts them."""

    times: list[list[list[float]]]
    signs: dict[Sign, list[float]]
    crossings: list[float]  # entries, exits
    seen_on: float = 0.0  # pairs of sightings with nothing missed between
    missed_on: float = 0.0

    @staticmethod
    def none() -> Counts:
        times = [[[0.0] * LENGTHS for _ in range(HOURS)] for _ in range(SORTS)]
        return Counts(times, {}, [0.0, 0.0])

    def lessons(self, since: int | None) -> Lessons:
        """Return the lessons of these counts, mixed with the plain ones where they are few."""
        shares = _plain_shares()
        tables = tuple(_table(self.times[sort], shares[sort]) for sort in range(SORTS))
        signs = {sign: SignCount(one[0], one[1]) for sign, one in self.signs.items()}
        before = plain()
        return Lessons(
            tables,
            signs,
            self.crossings[0],
            self.crossings[1],
            missed=_share(self.missed_on, self.seen_on, before.missed, weight=100),
            since=since,
        )


# How many cars the coarser table weighs beside the finer one: the plain shares beside those of
# all hours, and those beside an hour's own.
_PLAIN_WEIGHT, _ALL_HOURS_WEIGHT = 20.0, 8.0
_NEIGHBOUR = 0.5  # what the hours before and after lend an hour


def _table(counts: Sequence[Sequence[float]], shares: Sequence[float]) -> Table:
    over_all = [sum(column) for column in zip(*counts, strict=True)]
    coarse = _shares(over_all, shares, _PLAIN_WEIGHT)
    rows = []
    for hour in range(HOURS):
        beside = counts[hour - 1], counts[(hour + 1) % HOURS]
        lent = [
            own + _NEIGHBOUR * (before + after)
            for own, before, after in zip(counts[hour], *beside, strict=True)
        ]
        rows.append(tuple(_shares(lent, coarse, _ALL_HOURS_WEIGHT)))
    return tuple(rows)


def _shares(counts: Sequence[float], before: Sequence[float], weight: float) -> list[float]:
    whole = sum(counts) + weight
    return [(count + weight * share) / whole for count, share in zip(counts, before, strict=True)]


def _share(yes: float, no: float, before: float, *, weight: float) -> float:
    return (yes + weight * before) / (yes + no + weight)
