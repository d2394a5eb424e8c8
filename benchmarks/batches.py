"""What several cameras' pictures gain at once: in one batch, or in networks side by side.

The road gives the detector one picture at a time; a batch is what would be gained if it waited for
more. The gate gives each of two cameras a network of its own with one thread: that is held
against one network of two threads, which takes their pictures one after the other.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
    batches = [one for threads in (1, 2) for one in gains(weights, threads, words.rounds)]
    return [*batches, *side_by_side(weights, words.rounds)]


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


def side_by_side(weights: Path, rounds: int = ROUNDS) -> list[Figure]:
    """Return what part of the time of one network two beside each other take, by both clocks."""
    whole = opened(weights, threads=2)
    halves = [opened(weights, threads=1) for _ in range(2)]
    noise = np.random.default_rng(0).random((1, 3, HEIGHT, WIDTH), np.float32)

    with ThreadPoolExecutor(len(halves)) as threads:

        def one_by_one() -> None:
            for _ in halves:
                whole.run(noise, ("output0",))

        def beside() -> None:
            list(threads.map(lambda own: own.run(noise, ("output0",)), halves))

        spent = in_turns({"one": one_by_one, "beside": beside}, rounds)
    one, two = spent["one"], spent["beside"]
    return [
        figure(
            f"side by side: two networks of one thread, {clock}", took, "x", "",
            f"of one network of two threads that takes both pictures in turn, {1000 * of:.0f} ms; "
            f"medians of {rounds} turns",
        )
        for clock, took, of in (
            ("by the clock", two.seconds / one.seconds, one.seconds),
            ("by processor time", two.processor / one.processor, one.processor),
        )
    ]  # fmt: skip


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N")


if __name__ == "__main__":
    sys.exit(main(measured, _words))
