"""Which station takes how much of a replay's time: a stopwatch laid around the stations.

It is laid there by the benchmark while it runs, so that the product bears no instruments. Time
counts once, for the innermost station: the network's is no part of the detector's around it.

`python -m benchmarks.stages FILE` says it of any recording.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter
from typing import ParamSpec, TypeVar

import edge.road
import edge.sources.files
from benchmarks.figure import Figure, figure, main
from benchmarks.ours import events, lot, recording
from edge.choosing import Choosing
from edge.detection.yolo import YoloDetector
from edge.gate.live import Gate
from edge.motion import MotionGate
from edge.passages import Passages
from edge.reading.crnn import CrnnReader
from edge.sources.files import Frames
from edge.tracking import Tracker
from edge.weights import Network

P = ParamSpec("P")
R = TypeVar("R")

DECODING, BGR, NETWORK = "decoding", "the way to BGR", "network"

_STATIONS: tuple[tuple[str, object, tuple[str, ...]], ...] = (
    (DECODING, Frames, ("__next__",)),
    (BGR, edge.sources.files, ("bgr",)),
    (NETWORK, Network, ("run",)),
    ("motion", MotionGate, ("motion",)),
    ("around the network", YoloDetector, ("detect",)),
    ("around the network", CrnnReader, ("read",)),
    ("tracking", Tracker, ("step", "rest")),
    ("crop choice", Choosing, ("chosen", "learn")),
    ("crop choice", edge.road, ("condition", "quality", "cut")),
    ("votes and passages", Passages, ("step", "finish")),
    ("gate", Gate, ("step", "end")),
)


class Stages:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inner: list[float] = []  # what the stations within each running one have taken

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time of a block, less what is counted inside it."""
        began = perf_counter()
        self._inner.append(0.0)
        try:
            yield
        finally:
            whole = perf_counter() - began
            self.seconds[name] += whole - self._inner.pop()
            if self._inner:
                self._inner[-1] += whole

    def around(self, name: str, work: Callable[P, R]) -> Callable[P, R]:
        """Return `work`, its time counted under `name`."""

        def counted(*args: P.args, **kwargs: P.kwargs) -> R:
            with self.stage(name):
                return work(*args, **kwargs)

        return counted

    def share(self, name: str) -> float:
        """Return a stage's share of the time beyond decoding."""
        decoding = self.seconds[DECODING] + self.seconds[BGR]
        return self.seconds[name] / (sum(self.seconds.values()) - decoding)


@contextmanager
def watched() -> Iterator[Stages]:
    """Count the time of every station of every road in this process; else is `the rest`."""
    stages = Stages()
    with ExitStack() as stack:
        for name, station, works in _STATIONS:
            for work in works:
                plain = getattr(station, work)
                setattr(station, work, stages.around(name, plain))
                stack.callback(setattr, station, work, plain)
        with stages.stage("the rest"):
            yield stages


def measured(words: argparse.Namespace) -> list[Figure]:
    """Replay a recording and return what each station takes of a frame."""
    eyes, frames = lot(), 0

    def count() -> None:
        nonlocal frames
        frames += 1

    with watched() as stages:
        events(recording(words.file, eyes), eyes, at_frame=count)
    said = f"of a frame, {words.file.name}, {frames} frames, no film"
    return [
        figure(f"stages: {name}", 1000 * stages.seconds[name] / frames, "ms", "", said)
        for name in sorted(stages.seconds, key=lambda name: -stages.seconds[name])
    ]


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a recording")


if __name__ == "__main__":
    sys.exit(main(measured, _words))
