"""fast-alpr's detector: the networks of the package open-image-models, as that package runs them.

The package finds plates alone, so there is no vehicle to move or to stand: it is here to be
compared with, on pictures. Left to itself it downloads its weights; here it gets a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import onnxruntime

from edge.detection.decoding import Thresholds
from edge.runtimes import ANOTHER
from edge.values import Box, Detection, Image
from edge.weights import Device, checked
from lot.errors import Damaged, WrongUsage

_SLIMMEST = 100  # a slimmer picture has no row left at the package's size, and it would break


class _Corners(Protocol):
    x1: int
    y1: int
    x2: int
    y2: int


class _Found(Protocol):
    confidence: float
    bounding_box: _Corners


class _Network(Protocol):
    def predict(self, images: Image) -> Sequence[_Found]: ...


class LibraryDetector:
    """Finds plates with a network of open-image-models."""

    def __init__(self, network: _Network, thresholds: Thresholds) -> None:
        self._network = network
        self._width_min = thresholds.plate_width_min

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        """Return the plates of each picture, in the order of the pictures, best score first."""
        return [self._seen(image) for image in images]

    def _seen(self, image: Image) -> list[Detection]:
        height, width = image.shape[:2]
        if max(height, width) > _SLIMMEST * min(height, width):
            return []
        found = [
            Detection(_inside(one.bounding_box, height, width), "plate", min(1.0, one.confidence))
            for one in self._network.predict(image)
        ]
        kept = [
            one
            for one in found
            if one.box.width * width >= self._width_min and one.box.top < one.box.bottom
        ]
        return sorted(kept, key=lambda one: -one.score)


def library_detector(
    path: Path, thresholds: Thresholds, *, threads: int, device: Device
) -> LibraryDetector:
    """Open a network of the package in `path`, or refuse it in one line."""
    try:
        from open_image_models.detection.core.yolo_v9.inference import YoloV9Detector
    except ImportError as error:
        raise WrongUsage(
            f"the detector open-image-models needs {error.name}, which is not installed",
            then="pip install open-image-models, or choose onnx",
        ) from error
    from edge.runtimes.onnx import NO_NETWORK

    checked(path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    provider = "CUDAExecutionProvider" if device == "cuda" else "CPUExecutionProvider"
    try:
        network: _Network = YoloV9Detector(
            str(path),
            ["License Plate"],
            conf_thresh=thresholds.plate,
            providers=[provider],
            sess_options=options,
        )
    except (*NO_NETWORK, ValueError) as error:
        raise Damaged(
            f"{path} is no network that open-image-models can open", then=ANOTHER
        ) from error
    return LibraryDetector(network, thresholds)


def _inside(corners: _Corners, height: int, width: int) -> Box:
    return Box(
        min(1.0, max(0.0, corners.x1 / width)),
        min(1.0, max(0.0, corners.y1 / height)),
        min(1.0, max(0.0, corners.x2 / width)),
        min(1.0, max(0.0, corners.y2 / height)),
    )
