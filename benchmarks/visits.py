"""Wrong kinds before and after the visits' stories, and whether their probability is true.

Four ways of putting cameras up, the same weeks drawn from a seed, or with --full from three; the
gate's own kinds are the baseline. A kind is wrong where the drawn truth has another.

Where no border is ever seen, nothing but the clock tells in from out. A car that was there before
the camera, and lives by the clock of the others turned round (home at night, where they are there
by day), then has an opposite: a car that is there by day where this one is away, passes at the same
moments and is told by the gate in the same events. These weeks drawn with each such car as its
opposite give equal events, so a rule that is right of one in the one weeks is wrong of it in the
other; which to believe is a guess about people, and the stories guess by what most cars do. The
gate is now and then right of it by accident, after a crossing that it missed. So the wrong kinds
of the cars that came later are also given apart: those a rule can tell. And it is shown what ends
the guessing: a person's word about one crossing of each such car.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from benchmarks.figure import Figure, figure, main
from benchmarks.weeks import Crossing, Scene, Weeks, drawn
from server.records.statements import KindCorrected, Statement
from server.visits.darkness import darkness
from server.visits.learning import learned
from server.visits.telling import visits
from server.visits.values import Sighted, Sureness, Visit, sighted

# name, scene, and at most what share of the gate's wrong kinds may be left: that of the design's
# simulated weeks
_NO_BORDERS = "no borders seen"
_NO_BORDERS_LEFT = 539 / 861
SCENES: Mapping[str, tuple[Scene, float]] = {
    "ways seen, sides unnamed": (Scene(), 39 / 443),
    "put up at noon": (Scene(from_hour=12.0), 80 / 2409),
    "two cameras": (Scene(cameras=2, ways_seen=0.0), 32 / 313),
    _NO_BORDERS: (Scene(ways_seen=0.0), _NO_BORDERS_LEFT),
}
SEEDS = (1, 2, 3)
_LEAST: Mapping[Sureness, float] = {"certain": 0.95, "likely": 0.7}


@dataclass(frozen=True, slots=True)
class Kinds:
    """How many kinds there are, and how many are wrong by the gate and by the stories."""

    events: int
    before: int
    after: int

    def __add__(self, other: Kinds) -> Kinds:
        return Kinds(
            self.events + other.events, self.before + other.before, self.after + other.after
        )


@dataclass(frozen=True, slots=True)
class Told:
    """What the stories of one drawn scene made of it."""

    scene: str
    there: Kinds  # of cars that were inside before the camera
    came: Kinds  # of all others
    visits: Mapping[Sureness, tuple[int, int]]  # how many, and how many of them were so
    spoken_of: Kinds | None = None  # all kinds, once a person spoke of each car of `there`


def measure(arguments: argparse.Namespace) -> Sequence[Figure]:
    """Draw and tell every scene, as many at once as there are processors."""
    tasks = [(name, seed) for name in SCENES for seed in (SEEDS if arguments.full else SEEDS[:1])]
    apart = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(len(tasks), os.cpu_count() or 1), apart) as pool:
        told = list(pool.map(tell, tasks))
    return [one for name in SCENES for one in _figures(name, [t for t in told if t.scene == name])]


def tell(task: tuple[str, int]) -> Told:
    """Draw one scene from a seed, and tell its visits by the lessons of its own cars."""
    name, seed = task
    weeks = drawn(SCENES[name][0], seed)
    parts = [part for event in weeks.events if (part := sighted(event))]
    dark = darkness(weeks.blind)
    lessons = learned(parts, dark)
    found = visits(parts, (), lessons, dark)
    there = there_before(weeks.crossings)
    of_there = [one for one in parts if weeks.truth[one.id].car in there]
    of_others = [one for one in parts if weeks.truth[one.id].car not in there]
    spoken_of = None
    if name == _NO_BORDERS:
        told = visits(parts, words(of_there, weeks), lessons, dark)
        spoken_of = _kinds(parts, told, weeks)
    return Told(
        name,
        _kinds(of_there, found, weeks),
        _kinds(of_others, found, weeks),
        _sure(found, weeks),
        spoken_of,
    )


def words(sightings: Iterable[Sighted], weeks: Weeks) -> list[Statement]:
    """Return a person's word about each car: the kind of the sighting in the middle of its own."""
    by_car: dict[str, list[Sighted]] = {}
    for one in sorted(sightings, key=lambda sighting: (sighting.at, sighting.id)):
        by_car.setdefault(weeks.truth[one.id].car, []).append(one)
    middles = (own[len(own) // 2] for own in by_car.values())
    return [
        Statement(one.id, one.at, bytes(16), None, KindCorrected(one.id, weeks.truth[one.id].kind))
        for one in middles
    ]


def _kinds(sightings: Iterable[Sighted], found: Iterable[Visit], weeks: Weeks) -> Kinds:
    told: dict[str | None, str] = {}
    for visit in found:
        told |= {visit.entry: "entry", visit.exit: "exit"}
    kinds = Kinds(0, 0, 0)
    for one in sightings:
        true = weeks.truth[one.id].kind
        kinds += Kinds(1, int(one.kind != true), int(told.get(one.id) != true))
    return kinds


def there_before(crossings: Iterable[Crossing]) -> set[str]:
    """Return the cars that were inside when the lot's first day began."""
    first: dict[str, Crossing] = {}
    for one in sorted(crossings, key=lambda crossing: crossing.at):
        first.setdefault(one.car, one)
    return {car for car, one in first.items() if one.at < 0 or one.kind == "exit"}


def is_true(visit: Visit, weeks: Weeks) -> bool:
    """Say whether a visit is a stay that was so, or a half of one."""
    if visit.entry is None or visit.exit is None:
        one = weeks.truth[visit.id]
        return one.kind == ("entry" if visit.entry else "exit")
    came, left = weeks.truth[visit.entry], weeks.truth[visit.exit]
    if came.kind != "entry" or came.car != left.car:
        return False
    later = [one for one in weeks.crossings if one.car == came.car and one.at > came.at]
    return min(later, key=lambda one: one.at, default=None) == left


def _sure(found: Iterable[Visit], weeks: Weeks) -> dict[Sureness, tuple[int, int]]:
    right: dict[Sureness, tuple[int, int]] = {}
    for visit in found:
        many, so = right.get(visit.sureness, (0, 0))
        right[visit.sureness] = many + 1, so + is_true(visit, weeks)
    return right


def _figures(name: str, told: Sequence[Told]) -> list[Figure]:
    nothing = Kinds(0, 0, 0)
    there = sum((one.there for one in told), nothing)
    came = sum((one.came for one in told), nothing)
    figures = [_left(name, there + came, SCENES[name][1])]
    if name == _NO_BORDERS:
        figures.append(_left(f"{name}, of cars that came later", came, _NO_BORDERS_LEFT))
        spoken_of = sum((one.spoken_of for one in told if one.spoken_of), nothing)
        figures.append(_left(f"{name}, each of the others named once", spoken_of, _NO_BORDERS_LEFT))
    for sureness, least in _LEAST.items():
        many = sum(one.visits.get(sureness, (0, 0))[0] for one in told)
        so = sum(one.visits.get(sureness, (0, 0))[1] for one in told)
        figures.append(
            figure(
                f"visits: {sureness} and right, {name}",
                so / many if many else None,
                "share",
                f">= {least}",
                f"{so} of {many} visits called {sureness}",
            )
        )
    return figures


def _left(name: str, kinds: Kinds, share: float) -> Figure:
    return figure(
        f"visits: wrong kinds left, {name}",
        kinds.after / kinds.before,
        "share",
        f"<= {share:.4f}",
        f"{kinds.before} wrong of {kinds.events} by the gate, {kinds.after} by the stories",
    )


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--full", action="store_true", help=f"weeks of {len(SEEDS)} seeds, not one")


if __name__ == "__main__":
    sys.exit(main(measure, _words))
