"""The gate over what was watched: final verdicts, in the order of their time.

Recordings with a known beginning are one run of the camera, the gaps between them blind time.
Each without one stands alone: nothing is paired across.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from contract.plates import Formats, formats
from edge.cameras import Camera
from edge.gate.live import Gate
from edge.gate.values import Blind, GateSettings, Ids, Uncounted, Verdict
from edge.passage_lines import as_kept
from edge.replay.stopping import Stop
from edge.replay.watchers import Watchers
from edge.settings import Settings
from edge.sources.choosing import Input
from edge.sources.files import Recording
from lot.times import moment

# A gap that a recorder makes between two files is no blindness; the rule counts from W on.
_GAP_LEAST = timedelta(seconds=1)
# How often the gate is asked while nothing is new: an event may have become final by itself.
_ASKED_EVERY = timedelta(seconds=1)


class Deciding:
    """Drives one gate a run and gives its verdicts."""

    def __init__(
        self,
        cameras: Mapping[str, Camera],
        settings: GateSettings,
        ids: Ids,
        watchers: Watchers,
        revised: Callable[[Sequence[Verdict]], None],
    ) -> None:
        self._cameras = cameras
        self._settings = settings
        self._ids = ids
        self._watchers = watchers
        self._revised = revised
        self.uncounted: Counter[Uncounted] = Counter()
        self.forgotten = 0  # cars that had to make room
        self.blind: list[Blind] = []
        self.watched: set[int] = set()  # recordings that were begun

    def verdicts(
        self,
        items: Sequence[Input],
        camera: str,
        enter: Callable[[Sequence[int]], None],
        stop: Stop,
    ) -> Iterator[Verdict]:
        """Return all final verdicts by `at` and id, each as soon as none earlier can come.

        `enter` is told of each run before its first verdict.
        """
        for run in runs(items):
            if stop.asked:
                return
            enter(run)
            yield from self._run(items, run, camera, stop)

    def _run(
        self, items: Sequence[Input], run: Sequence[int], camera: str, stop: Stop
    ) -> Iterator[Verdict]:
        gate = Gate(self._cameras, self._settings, self._ids)
        waiting = _InOrder()
        asked: datetime | None = None
        before: datetime | None = None
        for number in run:
            for news in self._watchers.news(number):
                gap: list[Blind] = []
                if before is not None:
                    gap, before = self._gap(camera, before, items[number]), None
                if gap or news.passages or asked is None or news.now - asked >= _ASKED_EVERY:
                    asked = news.now
                    # As a file of passages holds them, so that --passages tells the same.
                    passages = map(as_kept, news.passages)
                    waiting.add(self._said(gate.step(news.now, passages, blind=gap)))
                    yield from waiting.before(gate.open_since or news.now)
            self.watched.add(number)
            last = self._watchers.watched(number).last
            if isinstance(items[number], Recording) and last is not None:
                before = moment(last)
            if stop.asked:
                break
        waiting.add(self._said(gate.end()))
        self.uncounted.update(gate.uncounted)
        self.forgotten += gate.forgotten
        yield from waiting.before(None)

    def _said(self, verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
        self._revised(verdicts)
        return verdicts

    def _gap(self, camera: str, before: datetime, item: Input) -> list[Blind]:
        gap = Blind(camera, before, item.start.at)
        if item.start.at - before < _GAP_LEAST:
            return []
        self.blind.append(gap)
        return [gap]


def runs(items: Sequence[Input]) -> list[list[int]]:
    """Return which recordings stand on one clock, by their places."""
    run = [number for number, item in enumerate(items) if item.start.known]
    alone = [[number] for number, item in enumerate(items) if not item.start.known]
    return [run, *alone] if run else alone


def chosen_formats(region: str | None, settings: Settings) -> Formats:
    """Return the plate formats of --region, or of the settings where it was not given."""
    return formats(region.split(",") if region else settings.plate_formats)


def gate_settings(settings: Settings, chosen: Formats) -> GateSettings:
    """Return the gate's share of the edge's settings."""
    return GateSettings(
        window=settings.window,
        longest_stay=settings.longest_stay,
        sure=settings.sure,
        formats=chosen,
    )


class _InOrder:
    """Final verdicts that wait for their turn."""

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, str, Verdict]] = []

    def add(self, verdicts: Sequence[Verdict]) -> None:
        for one in verdicts:
            if one.final:
                heapq.heappush(self._waiting, (one.at, one.id, one))

    def before(self, bound: datetime | None) -> Iterator[Verdict]:
        """Give those that happened before `bound`, all for None."""
        while self._waiting and (bound is None or self._waiting[0][0] < bound):
            yield heapq.heappop(self._waiting)[2]
