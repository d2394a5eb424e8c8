"""A detector is chosen by name and imported only then: a lot pays for the runtime that it uses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from edge.detection import Detector
from edge.detection.decoding import USUAL, Thresholds
from edge.runtimes import Device, Runtime
from edge.weights import runtime_for, threads_here
from lot.errors import WrongUsage

RUNTIMES: Mapping[str, Runtime] = {"onnx": "onnx", "openvino": "openvino", "tensorrt": "tensorrt"}
STOCK = "ultralytics"  # its own checkpoints (.pt) and engines
LIBRARY = "open-image-models"  # fast-alpr's detector
NAMES = (*RUNTIMES, STOCK, LIBRARY)
WEIGHTS = Path("models/plate_detector.onnx")  # from the root of the tree


def detector(
    name: str,
    weights: Path,
    *,
    thresholds: Thresholds = USUAL,
    threads: int | None = None,
    device: Device = "cpu",
) -> Detector:
    """Open `weights` in the runtime called `name`; the threads default to the cores, at most 4."""
    threads = threads or threads_here()
    if name == LIBRARY:
        from edge.detection.open_image_models import library_detector

        return library_detector(weights, thresholds, threads=threads, device=device)
    from edge.detection.network import network_detector

    return network_detector(
        weights, thresholds, runtime=_runtime(name, weights), threads=threads, device=device
    )


def _runtime(name: str, weights: Path) -> Runtime:
    if name == STOCK:
        return "torch" if weights.suffix == ".pt" else runtime_for(weights)
    if name not in RUNTIMES:
        raise WrongUsage(f"there is no detector {name!r}", then=f"choose {' or '.join(NAMES)}")
    return RUNTIMES[name]
