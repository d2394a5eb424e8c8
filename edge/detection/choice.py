"""A detector is chosen by name and imported only then: a lot pays for the runtime that it uses."""

from __future__ import annotations

from pathlib import Path

from edge.detection import Detector
from edge.detection.decoding import USUAL, Thresholds
from edge.weights import Device, threads_here
from lot.errors import WrongUsage

NAMES = ("onnx",)
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
    if name not in NAMES:
        raise WrongUsage(f"there is no detector {name!r}", then=f"choose {' or '.join(NAMES)}")
    from edge.detection.onnx import onnx_detector

    return onnx_detector(weights, thresholds, threads=threads or threads_here(), device=device)
