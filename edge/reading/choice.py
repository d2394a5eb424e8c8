"""A reader is chosen by name and imported only then: a lot pays for the engine that it uses."""

from __future__ import annotations

from pathlib import Path

from edge.reading import Reader
from edge.weights import Device, threads_here
from lot.errors import WrongUsage

NAMES = ("crnn",)
WEIGHTS = Path("models/plate_recognizer.onnx")  # from the root of the tree


def reader(
    name: str, weights: Path, *, threads: int | None = None, device: Device = "cpu"
) -> Reader:
    """Open the engine called `name` with `weights`; threads default to the cores, at most 4."""
    if name not in NAMES:
        raise WrongUsage(f"there is no reader {name!r}", then=f"choose {' or '.join(NAMES)}")
    from edge.reading.crnn import crnn_reader

    return crnn_reader(weights, threads=threads or threads_here(), device=device)
