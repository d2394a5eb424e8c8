"""The rule over all passages at once: what a replay says, and what the live gate must say too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from edge.cameras import Camera
from edge.gate.blindness import Blindness
from edge.gate.cars import Cars
from edge.gate.kinds import Judge
from edge.gate.register import Register
from edge.gate.sightings import Grouping, member
from edge.gate.values import Blind, GateSettings, Ids, Outcome, Sealed, Settled
from edge.values import Passage
from edge.voting import vote


def final_events(
    passages: Iterable[Passage],
    cameras: Mapping[str, Camera],
    settings: GateSettings,
    ids: Ids,
    *,
    blind: Iterable[Blind] = (),
    settled: Iterable[Settled] = (),
    sealed: Sequence[Sealed] = (),
) -> Outcome:
    """Return the final events of all passages by `at` and id, in whatever order they come.

    A camera that nobody described is one of which nothing is known.
    """
    taken = sorted((member(p, vote) for p in passages), key=lambda one: one.order)
    described = {one.passage.camera: Camera(one.passage.camera) for one in taken} | dict(cameras)
    blindness = Blindness(blind)
    grouping = Grouping(described, settings.window, blindness, vote)
    sightings = list(dict.fromkeys(grouping.add(one) for one in taken))
    sightings.sort(key=lambda s: s.order)

    cars = Cars()
    judge = Judge(cars, settings, blindness, sealed, grouping.in_view)
    register = Register(cars, judge, described, ids, settled)
    entries = [register.enter(s) for s in sightings]
    events = [event for entry in entries for event in entry.verdicts]
    events.sort(key=lambda event: (event.at, event.id))
    uncounted = Counter(entry.uncounted for entry in entries if entry.uncounted)
    return Outcome(tuple(events), uncounted, cars.forgotten)
