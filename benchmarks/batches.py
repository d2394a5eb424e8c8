"""Does the detector gain by several frames at once? One run over four, in twos, and all four.

The road gives it one frame at a time. This is what would be gained if it waited for more.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks.figure import Figure, figure, main
from benchmarks.ours import edge_environment
from edge.settings import settings_from
from edge.weights import opened

FRAMES = 4
SIZES = (1, 2, 4)
ROUNDS = 15
HEIGHT, WIDTH = 384, 640  # what a 16:9 picture is to the network


def measured(words: argparse.Namespace) -> list[Figure]:
    """Time the shipped detector's network, without what lies around it."""
    weights = settings_from(edge_environment()).detector_weights
    return [one for threads in (1, 2) for one in gains(weights, threads, words.rounds)]


def gains(weights: Path, threads: int, rounds: int = ROUNDS) -> list[Figure]:
    """Return how many times as fast the frames go through in twos and fours as one by one."""
    network = opened(weights, threads=threads)
    noise = np.random.default_rng(0).random((FRAMES, 3, HEIGHT, WIDTH), np.float32)

    def in_batches(size: int) -> Callable[[], None]:
        parts: list[NDArray[np.float32]] = np.split(noise, FRAMES // size)

        def run() -> None:
            for part in parts:
                network.run(part, ("output0",))

        return run

    took = medians({size: in_batches(size) for size in SIZES}, rounds)
    return [
        figure(
            f"batches: {size} frames, {threads} threads", took[1] / took[size], "times", "",
            f"of the frames a second one by one, {1000 * took[1] / FRAMES:.0f} ms each; the "
            f"network alone at {HEIGHT} x {WIDTH}, medians of {rounds} turns",
        )
        for size in SIZES[1:]
    ]  # fmt: skip


def medians(ways: Mapping[int, Callable[[], None]], rounds: int) -> dict[int, float]:
    """Time the ways in turns, so that a neighbour's load meets all alike."""
    seconds: dict[int, list[float]] = {name: [] for name in ways}
    for run in ways.values():
        run()  # what a runtime does once
    for _ in range(rounds):
        for name, run in ways.items():
            began = perf_counter()
            run()
            seconds[name].append(perf_counter() - began)
    return {name: median(each) for name, each in seconds.items()}


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N")


if __name__ == "__main__":
    sys.exit(main(measured, _words))
