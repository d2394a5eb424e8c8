"""Detector and reader: no slower than the stock network, a crop under 3 ms, both files small.

The stock network is made by the stock library in training's environment (its cost does not
depend on its weights) and runs in our own runtime, in turns with ours. `--peer NAME=FILE` holds
another detector beside ours on a whole picture, as `--peer open-image-models=FILE`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks import TREE
from benchmarks.figure import Figure, figure, main
from benchmarks.stock import PYTHON
from benchmarks.turns import in_turns
from edge.detection.choice import detector
from edge.reading.choice import reader
from edge.weights import named, opened
from models.comparing import named_detector

DETECTOR = TREE / "models" / "plate_detector.onnx"
READER = TREE / "models" / "plate_recognizer.onnx"
SHAPE = (1, 3, 384, 640)  # a 16:9 camera's
PICTURE = (720, 1280, 3)
CROP = (40, 120, 3)
MAKE_STOCK = (
    "from ultralytics import YOLO; YOLO('yolo11n.yaml')"
    ".export(format='onnx', imgsz=640, opset=17, simplify=False, dynamic=True)"
)


def words(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's flags."""
    parser.add_argument("--peer", nargs="*", default=[], metavar="NAME=FILE")


def measure(arguments: argparse.Namespace) -> Sequence[Figure]:
    """Time all, smallest first."""
    together = (DETECTOR.stat().st_size + READER.stat().st_size) / 1e6
    return [
        figure("both files together", together, "MB", "<= 20", "their size on the disk"),
        _a_crop(),
        _against_stock(),
        *(_against_peer(peer) for peer in arguments.peer),
    ]


def _a_crop() -> Figure:
    engine = reader("crnn", READER, threads=1)
    crop = np.random.default_rng(1).integers(0, 256, CROP, np.uint8)
    spent = in_turns({"a crop": lambda: engine.read([crop])}, rounds=200)["a crop"]
    return figure(
        "a crop read, one core",
        spent.processor * 1000,
        "ms",
        "<= 3",
        "processor time, crop to text",
    )


def _against_stock() -> Figure:
    name, goal = "detector by stock YOLO11n", "<= 1"
    if not PYTHON.exists():
        return figure(name, None, "x", goal, "not run: no .venv-train to make the stock network")
    with tempfile.TemporaryDirectory() as folder:
        ours = opened(DETECTOR, threads=1)
        stock = opened(_stock(Path(folder)), threads=1)
        given = np.random.default_rng(1).random(SHAPE, np.float32)
        spent = in_turns(
            {
                "ours": lambda: ours.run(given, ("output0",)),
                "stock": lambda: stock.run(given, ("output0",)),
            }
        )
    ratio = spent["ours"].processor / spent["stock"].processor
    against = f"stock {spent['stock'].processor * 1000:.0f} ms of processor, {SHAPE[2]}x{SHAPE[3]}"
    return figure(name, ratio, "x", goal, against)


def _stock(folder: Path) -> Path:
    env = os.environ | {"YOLO_CONFIG_DIR": str(folder), "YOLO_AUTOINSTALL": "false"}
    subprocess.run(
        [PYTHON, "-c", MAKE_STOCK], cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL
    )
    return folder / "yolo11n.onnx"


def _against_peer(peer: str) -> Figure:
    picture = np.random.default_rng(1).integers(0, 256, PICTURE, np.uint8)
    ours, theirs = detector("onnx", DETECTOR), named_detector(peer)
    spent = in_turns(
        {"ours": lambda: ours.detect([picture]), "peer": lambda: theirs.detect([picture])}
    )
    ratio = spent["ours"].processor / spent["peer"].processor
    against = f"{peer}, {spent['peer'].processor * 1000:.0f} ms of processor a 720p picture"
    return figure(f"detector by {named(peer)[0]}", ratio, "x", "", against)


if __name__ == "__main__":
    sys.exit(main(measure, words))
