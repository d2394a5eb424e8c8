"""What tests need of libraries that only some machines have."""

from __future__ import annotations

from pathlib import Path

import pytest


def usable_gpu() -> None:
    """Skip, and say why, where TensorRT cannot run."""
    torch = pytest.importorskip("torch", reason="TensorRT needs torch")
    pytest.importorskip("tensorrt", reason="no TensorRT here", exc_type=ImportError)
    if not torch.cuda.is_available():
        pytest.skip("no GPU here")


def write_checkpoint(path: Path) -> Path:
    """Write a checkpoint of ultralytics with COCO's names and random weights."""
    from ultralytics import YOLO

    network = YOLO("yolo11n.yaml")
    names = {number: f"thing {number}" for number in range(80)}
    network.model.names = names | {2: "car", 3: "motorcycle", 5: "bus", 7: "truck"}
    network.save(str(path))
    return path
