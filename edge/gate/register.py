"""One sighting after the other is ruled on, said, and remembered."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge.cameras import Camera
from edge.gate.cars import Cars
from edge.gate.kinds import Judge
from edge.gate.memory import remember
from edge.gate.sightings import Sighting
from edge.gate.values import Ids, Settled, Uncounted, Verdict
from edge.gate.verdicts import event_time, verdict


@dataclass(frozen=True, slots=True)
class Entry:
    """What a sighting came to: its final events, or the reason why it has none."""

    verdicts: tuple[Verdict, ...]
    uncounted: Uncounted | None


class Register:
    """Enters sightings in their order, and between them what people settled.

    A statement holds for sightings that came after it; one about an event that is not entered
    yet waits for it.
    """

    def __init__(
        self,
        cars: Cars,
        judge: Judge,
        cameras: Mapping[str, Camera],
        ids: Ids,
        statements: Iterable[Settled] = (),
    ) -> None:
        self._cars = cars
        self._judge = judge
        self._cameras = cameras
        self._ids = ids
        self._statements = deque(sorted(statements, key=lambda one: one.order))
        self._waiting: dict[str, list[Settled]] = defaultdict(list)  # by event

    def enter(self, s: Sighting) -> Entry:
        while self._statements and self._statements[0].came < s.order[0]:
            one = self._statements.popleft()
            if not self._cars.settle(one):
                self._waiting[one.event].append(one)
        entry = self._entered(s)
        for event in entry.verdicts:
            for one in self._waiting.pop(event.id, ()):
                self._cars.settle(one)
        return entry

    def _entered(self, s: Sighting) -> Entry:
        views = s.views(self._cameras)
        judgement = self._judge.judge(s, views)
        first = s.members[0].passage
        verdicts = tuple(
            verdict(s, views, ruling, self._ids(first, ruling.part, event_time(s, ruling)))
            for ruling in judgement.rulings
        )
        remember(self._cars, s, views, judgement, [one.id for one in verdicts])
        return Entry(verdicts, judgement.uncounted)
