"""Tiny networks that see what a test paints, so that no test hangs on trained weights.

They are real ONNX files, written byte by byte (the format is protobuf), because the package
that writes them is no part of the product. The detector sees colours: in each 8 x 8 block of
its input it finds a vehicle where the block is red and a plate where it is green. The reader
sees brightness: each eighth of a crop's width is a character, dark, grey or bright.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BLOCK = 8  # pixels of the input that the detector sees as one
SLOTS = 8  # moments that the reader tells apart across a crop
KINDS = "car,motorcycle,bus,truck,plate"
_FLOAT, _INT64 = 1, 7

Constants = dict[str, NDArray[np.float32] | NDArray[np.int64]]


def write_detector(
    path: Path,
    *,
    wide: int = 4,
    metadata: Mapping[str, str] | None = None,
    entry: str = "images",
    answer: str = "output0",
    kinds: int = 5,
    shape: Sequence[int | str] = ("n", 3, "height", "width"),
) -> Path:
    """Write a detector of colours; its boxes are `wide` blocks wide and one high."""
    weights = np.zeros((kinds, 3, 1, 1), np.float32)
    weights[0, 0], weights[0, 1:] = 1, -1  # red, and not white
    weights[-1, 1], weights[-1, ::2] = 1, -1  # green, and not white
    size = np.array([BLOCK * wide, BLOCK], np.float32)
    nodes = [
        _node("AveragePool", [entry], "blocks", kernel_shape=[BLOCK] * 2, strides=[BLOCK] * 2),
        _node("Conv", ["blocks", "score_weights"], "scores"),
        _node("Conv", ["blocks", "nothing1", "block"], "steps"),
        _node("CumSum", ["steps", "across"], "right"),
        _node("CumSum", ["steps", "down"], "bottom"),
        _node("Sub", ["right", "half"], "centre_x"),
        _node("Sub", ["bottom", "half"], "centre_y"),
        _node("Conv", ["blocks", "nothing2", "size"], "sizes"),
        _node("Concat", ["centre_x", "centre_y", "sizes", "scores"], "grid", axis=1),
        _node("Reshape", ["grid", "candidates"], answer),
    ]
    constants: Constants = {
        "score_weights": weights,
        "nothing1": np.zeros((1, 3, 1, 1), np.float32),
        "nothing2": np.zeros((2, 3, 1, 1), np.float32),
        "block": np.array([BLOCK], np.float32),
        "half": np.array(BLOCK / 2, np.float32),
        "size": size,
        "across": np.array(3, np.int64),
        "down": np.array(2, np.int64),
        "candidates": np.array([0, 4 + kinds, -1], np.int64),
    }
    says = {"kinds": KINDS, "size": "640"} if metadata is None else metadata
    graph = _graph(
        nodes,
        constants,
        _value(entry, shape),
        [_value(answer, ["n", "rows", "candidates"])],
    )
    path.write_bytes(_model(graph, says))
    return path


def write_library_detector(path: Path, side: int = 64) -> Path:
    """Write a detector of green as the package open-image-models wants it.

    It suppresses by itself: [found, (picture, left, top, right, bottom, class, score)].
    """
    weights = np.zeros((1, 3, 1, 1), np.float32)
    weights[0, 1], weights[0, ::2] = 1, -1
    nodes = [
        _node("AveragePool", ["images"], "blocks", kernel_shape=[BLOCK] * 2, strides=[BLOCK] * 2),
        _node("Conv", ["blocks", "score_weights"], "scores"),
        _node("Conv", ["blocks", "nothing", "none"], "zeros"),
        _node("Conv", ["blocks", "nothing", "block"], "steps"),
        _node("CumSum", ["steps", "across"], "right"),
        _node("CumSum", ["steps", "down"], "bottom"),
        _node("Sub", ["right", "wide"], "left"),
        _node("Sub", ["bottom", "block"], "top"),
        _node("Concat", ["zeros", "left", "top", "right", "bottom", "zeros", "scores"], "grid",
              axis=1),
        _node("Reshape", ["grid", "flat"], "rows"),
        _node("Transpose", ["rows"], "found", perm=[1, 0]),
    ]  # fmt: skip
    constants: Constants = {
        "score_weights": weights,
        "nothing": np.zeros((1, 3, 1, 1), np.float32),
        "none": np.zeros(1, np.float32),
        "block": np.array([BLOCK], np.float32),
        "wide": np.array([4 * BLOCK], np.float32),
        "across": np.array(3, np.int64),
        "down": np.array(2, np.int64),
        "flat": np.array([7, -1], np.int64),
    }
    graph = _graph(
        nodes,
        constants,
        _value("images", [1, 3, side, side]),
        [_value("found", ["found", 7])],
    )
    path.write_bytes(_model(graph, {}))
    return path


def write_reader(
    path: Path,
    *,
    metadata: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
    regions: bool = False,
    channels: int = 1,
    height: int = 16,
    width: int = 64,
) -> Path:
    """Write a reader of brightness: a slot near 0 is nothing, near 0.5 an A, near 1 a B."""
    seen = np.array([0, 0.5, 1], np.float32)
    sharp = 40  # the more, the surer: a slot at its middle has a probability of 0.9999
    weights = np.zeros((3, channels, 1, 1), np.float32)
    weights[:, 0, 0, 0] = 2 * sharp * seen
    nodes = [
        _node("AveragePool", ["crops"], "slots", kernel_shape=[height, width // SLOTS],
              strides=[height, width // SLOTS]),
        _node("Conv", ["slots", "weights", "bias"], "scores"),
        _node("Reshape", ["scores", "flat"], "rows"),
        _node("Transpose", ["rows"], "logits", perm=[0, 2, 1]),
    ]  # fmt: skip
    constants: Constants = {
        "weights": weights,
        "bias": -sharp * seen**2,
        "flat": np.array([0, 3, -1], np.int64),
    }
    outputs = [_value("logits", ["n", SLOTS, 3])]
    says = {
        "alphabet": "AB",
        "channels": str(channels),
        "height": str(height),
        "width": str(width),
        "mean": "0",
        "scale": repr(1 / 255),
        "fit": "stretch",
        "temperature": "1",
        "margin": "0.1",
    }
    if regions:  # the brighter the first slot, the surer it is the second of two regions
        nodes += [
            _node("Conv", ["slots", "region_weights"], "regions_all"),
            _node("ReduceMax", ["regions_all"], "region", axes=[2, 3], keepdims=0),
        ]
        ramp = np.zeros((2, channels, 1, 1), np.float32)
        ramp[1, 0] = 4
        constants["region_weights"] = ramp
        outputs.append(_value("region", ["n", 2]))
        says["regions"] = "us-tx,br"
    says = {
        name: text for name, text in (says | dict(metadata or {})).items() if name not in without
    }
    graph = _graph(nodes, constants, _value("crops", ["n", channels, height, width]), outputs)
    path.write_bytes(_model(graph, says))
    return path


def _model(graph: bytes, metadata: Mapping[str, str]) -> bytes:
    said = b"".join(_nested(14, _text(1, name) + _text(2, text)) for name, text in metadata.items())
    return _number(1, 8) + _nested(8, _text(1, "") + _number(2, 13)) + _nested(7, graph) + said


def _graph(
    nodes: Sequence[bytes],
    constants: Constants,
    entry: bytes,
    outputs: Sequence[bytes],
) -> bytes:
    return (
        b"".join(_nested(1, node) for node in nodes)
        + _text(2, "tiny")
        + b"".join(_nested(5, _tensor(name, array)) for name, array in constants.items())
        + _nested(11, entry)
        + b"".join(_nested(12, output) for output in outputs)
    )


def _node(kind: str, inputs: Sequence[str], output: str, **attributes: int | list[int]) -> bytes:
    given = b"".join(_text(1, name) for name in inputs)
    settings = b"".join(_nested(5, _attribute(*pair)) for pair in attributes.items())
    return given + _text(2, output) + _text(4, kind) + settings


def _attribute(name: str, value: int | list[int]) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, 2)
    return _text(1, name) + b"".join(_number(8, one) for one in value) + _number(20, 7)


def _tensor(name: str, array: NDArray[np.float32] | NDArray[np.int64]) -> bytes:
    kind = _FLOAT if array.dtype == np.float32 else _INT64
    dims = b"".join(_number(1, size) for size in array.shape)
    return dims + _number(2, kind) + _text(8, name) + _nested(9, array.tobytes())


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    sizes = b"".join(
        _nested(1, _number(1, size) if isinstance(size, int) else _text(2, size)) for size in shape
    )
    return _text(1, name) + _nested(2, _nested(1, _number(1, _FLOAT) + _nested(2, sizes)))


def _text(field: int, text: str) -> bytes:
    return _nested(field, text.encode())


def _nested(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value % 2**64)


def _varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])
