"""The detector's network in each runtime that is here, against ONNX Runtime: in turns, one thread.

Runtimes of the processor are held by processor time, which neighbours hardly change; TensorRT
works beside the processor, and is held by the clock. `--also openvino=FILE` adds any other file.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast, get_args

import numpy as np

from benchmarks import TREE
from benchmarks.figure import Figure, figure, main
from benchmarks.turns import ROUNDS, in_turns
from edge.runtimes import Array, Runtime
from edge.weights import Network, named, opened
from lot.errors import LotError, WrongUsage

USUAL = "onnx"
WEIGHTS = TREE / "models" / "plate_detector.onnx"
FILES: Mapping[Runtime, Path] = {
    "openvino": WEIGHTS,
    "tensorrt": WEIGHTS.with_suffix(".engine"),  # built by models.engines, where there is a GPU
}
SHAPE = (1, 3, 384, 640)  # a 16:9 camera's


def words(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's flags."""
    parser.add_argument("--also", nargs="*", default=[], metavar="RUNTIME=FILE")
    parser.add_argument("--rounds", type=int, default=ROUNDS)


def measure(arguments: argparse.Namespace) -> Sequence[Figure]:
    """Time every network that opens; one that does not is told as not run."""
    wanted = [*FILES.items(), *map(_named, arguments.also)]
    networks: dict[str, Network] = {}
    missing: dict[str, str] = {}
    for runtime, path in wanted:
        name = runtime if path in FILES.values() else f"{runtime} {path.name}"
        try:
            networks[name] = opened(path, threads=1, runtime=runtime)
        except LotError as error:
            missing[name] = str(error)
    usual = opened(WEIGHTS, threads=1)
    print(f"measured: {', '.join(networks) or 'none but ONNX Runtime'}", file=sys.stderr)
    given = np.random.default_rng(1).random(SHAPE, np.float32)
    spent = in_turns(
        {name: _work(network, given) for name, network in {USUAL: usual, **networks}.items()},
        arguments.rounds,
    )
    base = spent[USUAL]
    against = f"ONNX Runtime, {base.processor * 1000:.0f} ms of processor, {SHAPE[2]}x{SHAPE[3]}"
    figures = [figure(f"{name}: not run", None, "x", "", why) for name, why in missing.items()]
    for name in networks:
        taken = spent[name]
        by_clock = name.startswith("tensorrt")
        ratio = taken.seconds / base.seconds if by_clock else taken.processor / base.processor
        figures.append(figure(f"{name} by ONNX Runtime", ratio, "x", "", against))
    return figures


def _named(text: str) -> tuple[Runtime, Path]:
    runtime, path = named(text)
    if runtime not in get_args(Runtime):
        raise WrongUsage(
            f"there is no runtime {runtime!r}", then=f"choose {' or '.join(get_args(Runtime))}"
        )
    if path is None:
        raise WrongUsage(f"{text} names no weights", then="write RUNTIME=FILE")
    return cast("Runtime", runtime), path


def _work(network: Network, given: Array) -> Callable[[], object]:
    return lambda: network.run(given, ("output0",))


if __name__ == "__main__":
    sys.exit(main(measure, words))
