"""The detector on ONNX Runtime: the runtime that a machine has without asking for anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.detection.decoding import Thresholds
from edge.detection.letterbox import STRIDE
from edge.detection.yolo import Eyes, YoloDetector
from edge.values import KINDS, Kind
from edge.weights import Device, Network, opened

_IMAGES, _ANSWER = "images", "output0"
_BOX = 4  # centre x, centre y, width, height: what stands before the scores
_LONGEST_MAX = 2048  # ten times the pixels of 640: beyond it the number is wrong, not wished


def onnx_detector(
    path: Path, thresholds: Thresholds, *, threads: int, device: Device = "cpu"
) -> YoloDetector:
    """Open the detector in `path`, or refuse it in one line before any picture is seen."""
    network = opened(path, threads=threads, device=device)

    def run(images: NDArray[np.float32]) -> NDArray[np.float32]:
        return network.run(images, (_ANSWER,))[0]

    return YoloDetector(_eyes(network, run), thresholds)


def _eyes(network: Network, run: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> Eyes:
    ports = {port.name: port.shape for port in network.inputs}
    if list(ports) != [_IMAGES] or len(ports[_IMAGES]) != 4 or ports[_IMAGES][1] != 3:
        raise network.wrong(f"a detector takes one input, {_IMAGES} [n, 3, height, width]")
    if network.output(_ANSWER) is None:
        raise network.wrong(f"a detector has an output {_ANSWER}")
    kinds = tuple(_kind(network, word) for word in network.words("kinds"))
    if len(set(kinds)) != len(kinds):
        raise network.wrong("it names a kind twice")
    longest = network.whole("size", STRIDE, _LONGEST_MAX)
    # An exported graph need not say the size of its output, so it is asked once.
    answer = run(np.zeros((1, 3, STRIDE, STRIDE), np.float32))
    if answer.ndim != 3 or answer.shape[1] != _BOX + len(kinds):
        raise network.wrong(
            f"with {len(kinds)} kinds it should answer [n, {_BOX + len(kinds)}, candidates], "
            f"but it answers {list(answer.shape)}"
        )
    return Eyes(run, kinds, longest)


def _kind(network: Network, word: str) -> Kind:
    for kind in KINDS:
        if kind == word:
            return kind
    raise network.wrong(f"it finds {word!r}, which is none of {', '.join(KINDS)}")
