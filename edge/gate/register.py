"""One sighting after the other is ruled on, said, and remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge.cameras import Camera
from edge.gate.cars import Cars
from edge.gate.kinds import Judge
from edge.gate.memory import remember
from edge.gate.sightings import Sighting
from edge.gate.values import Ids, Uncounted, Verdict
from edge.gate.verdicts import event_time, verdict


@dataclass(frozen=True, slots=True)
class Entry:
    """What a sighting came to: its final events, or the reason why it has none."""

    verdicts: tuple[Verdict, ...]
    uncounted: Uncounted | None


class Register:
    """Enters sightings in their order."""

    def __init__(self, cars: Cars, judge: Judge, cameras: Mapping[str, Camera], ids: Ids) -> None:
        self._cars = cars
        self._judge = judge
        self._cameras = cameras
        self._ids = ids

    def enter(self, s: Sighting) -> Entry:
        views = s.views(self._cameras)
        judgement = self._judge.judge(s, views)
        first = s.parts[0].passage
        verdicts = tuple(
            verdict(s, views, ruling, self._ids(first, ruling.part, event_time(s, ruling)))
            for ruling in judgement.rulings
        )
        remember(self._cars, s, views, judgement, [one.id for one in verdicts])
        return Entry(verdicts, judgement.uncounted)
