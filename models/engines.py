"""Engines of TensorRT: built on the machine that will run them, and compared there.

    python -m models.engines build models/plate_detector.onnx --height 384 --width 640 --half
    python -m models.engines compare tensorrt=models/plate_detector.engine \\
        onnx=models/plate_detector.onnx

An engine fits one TensorRT version and one kind of GPU, so none is shipped. `build` takes our
detector, our reader, and files of ultralytics; one quantised by `models.detector.quantising`
becomes an engine of 8 bits. `compare` tells how far any two detectors agree on drawn pictures,
and the milliseconds of both.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.runtimes.engine_file import BUILT_BY, BUILT_FOR, joined
from edge.weights import Network, opened
from lot.errors import DONE, SOME_REFUSED, Damaged, WrongUsage
from lot.files import write_whole
from lot.mains import status_of
from models.comparing import Agreement, compared, named_detector

WORKSPACE = 1 << 30  # bytes the builder may use to try layers; an Orin Nano shares 8 GB with all


@dataclass(frozen=True, slots=True)
class Shapes:
    """For what an engine is built: its batch is free up to `batch`, its picture's size is fixed.

    TensorRT chooses its layers for one size, and a gate's camera has one: 384 x 640 for 16:9.
    """

    batch: int = 4
    height: int = 384
    width: int = 640


def built(source: Path, to: Path, shapes: Shapes, *, half: bool = False) -> None:
    """Build the network of an ONNX file into an engine for this GPU, with our header."""
    try:
        import tensorrt as trt
    except ModuleNotFoundError as error:
        raise WrongUsage(
            "tensorrt is not installed here", then="build on the machine that will run the engine"
        ) from error
    from edge.runtimes.cuda import Cuda
    from edge.runtimes.tensorrt import Heard

    network = opened(source, threads=1)
    device = Cuda().device
    heard = Heard()
    builder = trt.Builder(heard)
    layers = builder.create_network()
    parser = trt.OnnxParser(layers, heard)
    if not parser.parse(source.read_bytes()):
        why = parser.get_error(0).desc() if parser.num_errors else heard.why
        raise Damaged(f"TensorRT cannot read {source}: {why}", then="export it with opset 17")
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, WORKSPACE)
    if half:
        config.set_flag(trt.BuilderFlag.FP16)
    if quantised(network):
        config.set_flag(trt.BuilderFlag.INT8)
    profile = builder.create_optimization_profile()
    entry = network.inputs[0]
    least, most = profile_of(network, shapes)
    profile.set_shape(entry.name, least, least, most)
    config.add_optimization_profile(profile)
    plan = builder.build_serialized_network(layers, config)
    if plan is None:
        raise Damaged(
            f"TensorRT cannot build {source}: {heard.why}", then="see docs/runtimes.md on sizes"
        )
    facts = header(network, most, {BUILT_BY: trt.__version__, BUILT_FOR: device})
    write_whole(to, joined(facts, bytes(plan)))


def quantised(network: Network) -> bool:
    """Return whether the file says that it was made of 8-bit steps."""
    return network.says("bits") and network.text("bits") == "8"


def profile_of(network: Network, shapes: Shapes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the least and the most that the engine must take: what is free follows `shapes`."""
    wished = (shapes.height, shapes.width)
    batch, channels, *sides = network.inputs[0].shape
    if channels is None or len(sides) != 2:
        raise network.wrong("a network here takes [n, channels, height, width]")
    fixed = tuple(side or wish for side, wish in zip(sides, wished, strict=True))
    return (batch or 1, channels, *fixed), (batch or shapes.batch, channels, *fixed)


def header(network: Network, most: Sequence[int], place: Mapping[str, str]) -> Mapping[str, object]:
    """Return what stands before the plan: all that the network says, and what ultralytics asks."""
    facts: dict[str, object] = dict(network.facts)
    facts |= place
    facts.setdefault("imgsz", list(most[2:]))
    facts.setdefault("batch", most[0])
    if "kinds" in facts:  # so that ultralytics opens ours as we open its
        kinds = network.words("kinds")
        facts |= {"names": dict(enumerate(kinds)), "stride": 32, "task": "detect"}
    return facts


def build(words: argparse.Namespace) -> int:
    """Build an engine beside its network, or where --to says."""
    to: Path = words.to or words.network.with_suffix(".engine")
    built(words.network, to, Shapes(words.batch, words.height, words.width), half=words.half)
    print(f"built: {to}; compare it before a gate runs it")
    return DONE


def compare(words: argparse.Namespace) -> int:
    """Say how far two detectors agree; what differs beyond rounding is status 1."""
    agreement = compared(
        named_detector(words.one), named_detector(words.other), words.pictures, words.seed
    )
    for line in told(agreement, words.one, words.other):
        print(line)
    return DONE if agreement.agrees else SOME_REFUSED


def told(agreement: Agreement, one: str, other: str) -> list[str]:
    """Return the comparison as lines for a person."""
    return [
        f"{agreement.pictures} drawn pictures, {agreement.found} findings of {other}",
        f"found by both: {agreement.both_share:.1%}; by {one} alone: {agreement.alone}",
        f"boxes of both: {agreement.overlap:.3f} of their union in common at the median",
        f"scores of both: {agreement.score_apart:.3f} apart at the median",
        f"{one}: {agreement.ms:.1f} ms a picture; {other}: {agreement.other_ms:.1f} ms",
    ]


def main(argv: Sequence[str]) -> int:
    """Run one command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m models.engines",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("build", help="an engine of an ONNX file, for this GPU")
    command.add_argument("network", type=Path)
    command.add_argument("--to", type=Path, help="without, beside the network as .engine")
    command.add_argument("--batch", type=int, default=4, help="pictures at once at most")
    command.add_argument("--height", type=int, default=384, help="a multiple of 32")
    command.add_argument("--width", type=int, default=640)
    command.add_argument("--half", action="store_true", help="in 16 bits where that is faster")
    command.set_defaults(run=build)

    command = commands.add_parser("compare", help="two detectors, each as NAME=FILE")
    command.add_argument("one", help="as tensorrt=models/plate_detector.engine")
    command.add_argument("other", help="what it is held against, as onnx=FILE")
    command.add_argument("--pictures", type=int, default=40)
    command.add_argument("--seed", type=int, default=1)
    command.set_defaults(run=compare)

    words = parser.parse_args(argv)
    return status_of("models.engines", lambda: int(words.run(words)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
