"""A lot's numbers over some days, out of the API's statistics or, while locked, out of counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

HOUR_US = 3_600_000_000
Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of time."""

    begins: int
    inside: int
    entries: int
    exits: int


@dataclass(frozen=True, slots=True)
class Quality:
    """How well one camera reads in one hour of the day."""

    camera: str
    hour: int
    events: int
    unread: int
    confidence: int | None  # thousandths


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is known; the last four only while the vault is open."""

    steps: tuple[Step, ...]
    entries: Counter[tuple[int, int]]  # by weekday, 0 is Monday, and hour
    exits: Counter[tuple[int, int]]
    peak: tuple[int, int] | None  # when, and how many
    stays: tuple[tuple[int | None, int], ...] = ()  # below so many µs, how many
    median_stay_us: int | None = None
    vehicles: tuple[tuple[str | None, int], ...] = ()
    readings: tuple[Quality, ...] = ()


def of_statistics(said: Said) -> Numbers:
    """Read the API's statistics."""
    entries: Counter[tuple[int, int]] = Counter()
    exits: Counter[tuple[int, int]] = Counter()
    for one in said["hours"]:
        at = (one["weekday"], one["hour"])
        entries[at], exits[at] = one["entries"], one["exits"]
    peak = said["peak"]
    return Numbers(
        tuple(
            Step(one["begins"], one["inside"], one["entries"], one["exits"])
            for one in said["slices"]
        ),
        entries,
        exits,
        None if peak is None else (peak["at"], peak["inside"]),
        tuple((one["below_us"], one["number"]) for one in said["stays"]),
        said["median_stay_us"],
        tuple((one["vehicle"], one["entries"]) for one in said["vehicles"]),
        tuple(
            Quality(one["camera"], one["hour"], one["events"], one["unread"], one["confidence"])
            for one in said["readings"]
        ),
    )


def of_counts(
    rows: Sequence[Said],
    *,
    first: int,
    last: int,
    inside: int,
    hours: int,
    local: Callable[[int], datetime],
) -> Numbers:
    """Reckon back from who is inside at `last`, hour by hour; steps are `hours` long."""
    came: Counter[int] = Counter()
    left: Counter[int] = Counter()
    entries: Counter[tuple[int, int]] = Counter()
    exits: Counter[tuple[int, int]] = Counter()
    for one in rows:
        at = local(one["begins"])
        place = (at.weekday(), at.hour)
        begins, number = one["begins"], one["number"]
        if one["kind"] == "entry":
            came[begins] += number
            entries[place] += number
        else:
            left[begins] += number
            exits[place] += number
    begin, stood = first - first % HOUR_US, inside
    steps: list[Step] = []
    for at_us in range(begin + (last - begin - 1) // HOUR_US * HOUR_US, begin - 1, -HOUR_US):
        steps.append(Step(at_us, max(0, stood), came[at_us], left[at_us]))
        stood -= came[at_us] - left[at_us]
    steps.reverse()
    joined = tuple(
        Step(
            steps[at].begins,
            max(one.inside for one in steps[at : at + hours]),
            sum(one.entries for one in steps[at : at + hours]),
            sum(one.exits for one in steps[at : at + hours]),
        )
        for at in range(0, len(steps), hours)
    )
    fullest = max(steps, key=lambda one: one.inside, default=None)
    peak = (fullest.begins, fullest.inside) if fullest and fullest.inside else None
    return Numbers(joined, entries, exits, peak)
