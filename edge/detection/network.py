"""A network's file becomes a detector in any runtime, or is refused before a picture is seen."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from edge.detection.decoding import Thresholds
from edge.detection.known import Known, known, named
from edge.detection.letterbox import STRIDE
from edge.detection.yolo import Eyes, YoloDetector
from edge.runtimes import Array, Device, Runtime
from edge.values import KINDS, Kind
from edge.weights import Network, opened

_IMAGES, _ANSWER = "images", "output0"
_BOX = 4  # centre x, centre y, width, height: what stands before the scores
_LONGEST_MAX = 2048  # ten times the pixels of 640: beyond it the number is wrong, not wished

log = logging.getLogger(__name__)


def network_detector(
    path: Path,
    thresholds: Thresholds,
    *,
    runtime: Runtime = "onnx",
    threads: int,
    device: Device = "cpu",
) -> YoloDetector:
    """Open the detector in `path`, or refuse it in one line before any picture is seen."""
    network = opened(path, threads=threads, device=device, runtime=runtime)
    detector = YoloDetector(_eyes(network), thresholds)
    if "plate" not in detector.kinds:
        log.warning("%s knows no plates: with it no plate will be read", path)
    return detector


def _eyes(network: Network) -> Eyes:
    shape = _shape(network)
    if network.output(_ANSWER) is None:
        raise network.wrong(f"a detector has an output {_ANSWER}")
    of = _kinds(network)
    # An exported graph need not say the size of its output, so it is asked once.
    answer = _asked(network, np.zeros((1, 3, *(shape or (STRIDE, STRIDE))), np.float32))
    if answer.ndim != 3 or answer.shape[1] != _BOX + of.names:
        raise network.wrong(
            f"with {of.names} kinds it should answer [n, {_BOX + of.names}, candidates], "
            f"but it answers {list(answer.shape)}"
        )
    if len(of.kinds) == of.names:
        return Eyes(lambda given: _asked(network, given), of.kinds, _longest(network), shape)
    rows = np.array([*range(_BOX), *(_BOX + row for row in of.rows)])
    return Eyes(lambda given: _asked(network, given)[:, rows], of.kinds, _longest(network), shape)


def _asked(network: Network, given: Array) -> Array:
    return network.run(given, (_ANSWER,))[0]


def _shape(network: Network) -> tuple[int, int] | None:
    """Return height and width where the network runs at these alone."""
    ports = {port.name: port.shape for port in network.inputs}
    if list(ports) != [_IMAGES] or len(ports[_IMAGES]) != 4 or ports[_IMAGES][1] != 3:
        raise network.wrong(f"a detector takes one input, {_IMAGES} [n, 3, height, width]")
    height, width = ports[_IMAGES][2:]
    if height is None and width is None:
        return None
    if height is None or width is None:
        raise network.wrong("its height and width are to be both fixed, or both free")
    return height, width


def _kinds(network: Network) -> Known:
    """Return what it finds: by our word `kinds`, else by ultralytics' word `names`."""
    if not network.says("kinds") and network.says("names"):
        names = named(network.text("names"))
        of = known(names)
        if not of.kinds:
            raise network.wrong(f"it finds none of {', '.join(KINDS)}")
        return of
    kinds = tuple(_kind(network, word) for word in network.words("kinds"))
    if len(set(kinds)) != len(kinds):
        raise network.wrong("it names a kind twice")
    return Known(len(kinds), tuple(range(len(kinds))), kinds)


def _kind(network: Network, word: str) -> Kind:
    for kind in KINDS:
        if kind == word:
            return kind
    raise network.wrong(f"it finds {word!r}, which is none of {', '.join(KINDS)}")


def _longest(network: Network) -> int:
    """Return the size it is best run at: by our word, else the larger of ultralytics' two."""
    if not network.says("size") and network.says("imgsz"):
        sides = [word.strip(" []()") for word in network.words("imgsz")]
        if not all(side.isdecimal() and STRIDE <= int(side) <= _LONGEST_MAX for side in sides):
            raise network.wrong(f"its imgsz is {network.text('imgsz')!r}, not pixels")
        return max(map(int, sides))
    return network.whole("size", STRIDE, _LONGEST_MAX)
