"""Events do not depend on how recordings were watched: frame by frame, or each as a whole."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import pytz

from edge.cameras import Camera
from edge.gate.values import GateSettings
from edge.outputs.trails import Trails
from edge.replay.deciding import Deciding
from edge.replay.stopping import Stop
from edge.replay.watchers import News
from edge.replay.watching import FrameTimes, Watched
from edge.sources.files import open_recording
from edge.values import Passage
from lot.times import microseconds
from tests.edge.clips import record
from tests.edge.gate.street import at, car, name_of


class Written:
    """Watchers that saw what is written down: at the end of each recording, or second by second."""

    def __init__(
        self, seen: Sequence[Sequence[Passage]], ends: Sequence[float], *, at_the_end: bool
    ) -> None:
        self._seen = seen
        self._ends = ends
        self._at_the_end = at_the_end
        self.models: Mapping[str, str] = {}

    def news(self, number: int) -> Iterator[News]:
        passages = tuple(self._seen[number])
        if self._at_the_end:
            yield News(at(self._ends[number]), passages)
            return
        begin = self._ends[number - 1] if number else 0.0
        for second in range(round(begin), round(self._ends[number]) + 1):
            now = at(second)
            ended = tuple(p for p in passages if p.last_seen <= now)
            growing = tuple(
                replace(p, last_seen=now, ended=False)
                for p in passages
                if p.first_seen <= now < p.last_seen
            )
            yield News(now, (*ended, *growing))

    def times(self, number: int) -> FrameTimes:
        return FrameTimes(0, array("q", [microseconds(at(self._ends[number]))]))

    def watched(self, number: int) -> Watched:
        return Watched(tuple(self._seen[number]), Trails(), self.times(number), None)


@pytest.mark.parametrize("away", [4, 20, 40])
def test_one_car_over_two_recordings_is_told_alike(tmp_path: Path, away: float) -> None:
    clip = record(tmp_path / "clip.mp4")
    whole = open_recording(clip, camera="gate", zone=pytz.utc, told=at(0))
    items = [whole, replace(whole, start=replace(whole.start, at=at(60)))]
    seen = [
        [car("8ABC123").at(50).until(58).named("a").passage()],
        [car("8ABC123").at(58 + away).until(62 + away).named("b").passage()],
    ]
    told = []
    for at_the_end in (True, False):
        watchers = Written(seen, [60, 120], at_the_end=at_the_end)
        deciding = Deciding(
            {"gate": Camera("gate")}, GateSettings(), name_of, watchers, lambda verdicts: None
        )
        verdicts = deciding.verdicts(items, "gate", lambda run: None, Stop())
        told.append([(v.kind, v.passages) for v in verdicts])
    assert told[0] == told[1]
    assert len(told[0]) == (1 if away < 30 else 2)
