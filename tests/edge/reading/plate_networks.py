"""A tiny network in the form of fast-plate-ocr's, for the package itself to open and run."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.edge.networks import (
    _FLOAT,
    Constants,
    _graph,
    _model,
    _nested,
    _node,
    _number,
    _text,
    _value,
)

PLATE_SLOTS = 4
ALPHABET = "AB_"  # the last one pads
_UINT8 = 2


def write_fast_plate(path: Path, *, colour: bool = False) -> Path:
    """Write a network that reads a quarter's brightness: dark is nothing, grey an A, bright a B."""
    channels, height, width = 3 if colour else 1, 16, 64
    seen = np.array([0.5, 1, 0], np.float32)
    weights = np.zeros((3, channels, 1, 1), np.float32)
    weights[:, 0, 0, 0] = 2 * 40 * seen / 255
    nodes = [
        _node("Cast", ["input"], "numbers", to=_FLOAT),
        _node("Transpose", ["numbers"], "planes", perm=[0, 3, 1, 2]),
        _node("AveragePool", ["planes"], "slots", kernel_shape=[height, width // PLATE_SLOTS],
              strides=[height, width // PLATE_SLOTS]),
        _node("Conv", ["slots", "weights", "bias"], "scores"),
        _node("Reshape", ["scores", "flat"], "columns"),
        _node("Transpose", ["columns"], "rows", perm=[0, 2, 1]),
        _node("Softmax", ["rows"], "plate", axis=2),
    ]  # fmt: skip
    constants: Constants = {
        "weights": weights,
        "bias": -40 * seen**2,
        "flat": np.array([0, 3, -1], np.int64),
    }
    graph = _graph(
        nodes,
        constants,
        _bytes("input", ["n", height, width, channels]),
        [_value("plate", ["n", PLATE_SLOTS, len(ALPHABET)])],
    )
    path.write_bytes(_model(graph, {}))
    path.with_suffix(".yaml").write_text(
        f"max_plate_slots: {PLATE_SLOTS}\nalphabet: '{ALPHABET}'\npad_char: '_'\n"
        f"img_height: {height}\nimg_width: {width}\n"
        f"image_color_mode: {'rgb' if colour else 'grayscale'}\n",
        encoding="utf-8",
    )
    return path


def _bytes(name: str, shape: Sequence[int | str]) -> bytes:
    sizes = b"".join(
        _nested(1, _number(1, size) if isinstance(size, int) else _text(2, size)) for size in shape
    )
    return _text(1, name) + _nested(2, _nested(1, _number(1, _UINT8) + _nested(2, sizes)))
