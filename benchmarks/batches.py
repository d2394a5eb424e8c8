"""Does the detector gain by several frames at once? One run over four, in twos, and all four.

The road gives it one frame at a time. This is what would be gained if it waited for more.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.figure import Figure, figure, main
from benchmarks.ours import edge_environment
from benchmarks.turns import in_turns
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

    spent = in_turns({str(size): in_batches(size) for size in SIZES}, rounds)
    # By processor time, which neighbours cannot lengthen much.
    took = {size: spent[str(size)].processor for size in SIZES}
    return [
        figure(
            f"batches: {size} frames, {threads} threads", took[1] / took[size], "times", "",
            f"of the frames a processor's second one by one, {1000 * took[1] / FRAMES:.0f} ms "
            "each; the "
            f"network alone at {HEIGHT} x {WIDTH}, medians of {rounds} turns",
        )
        for size in SIZES[1:]
    ]  # fmt: skip


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N")


if __name__ == "__main__":
    sys.exit(main(measured, _words))
