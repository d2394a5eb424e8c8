"""A released detector becomes the checkpoint that the next training begins from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.values import KINDS, Image
from lot.errors import Unreadable
from models.detector.data import Prepared, read_tables

PICTURES = 48  # whose layers' spread becomes the batch norms'; more changes it by little
SIZE = 416  # as training sees them


def checkpoint_of(released: Path, run: Path) -> Path:
    """Write what the ONNX file `released` knows as a checkpoint in `run`; return its path."""
    return checkpoint(released, _pictures(read_tables(run)), run / "start.pt")


def checkpoint(released: Path, pictures: Sequence[Image], path: Path) -> Path:
    """Write the ONNX file `released` as the library's own checkpoint at `path`.

    The batch norms' statistics, which an exported file no longer has, become those of `pictures`.
    """
    import torch

    from models.restoring import restore

    network = _network(released)
    restore(network, released, torch.from_numpy(_batch(pictures)))
    torch.save({"model": network, "train_args": {}}, path)
    return path


def knows_plates(checkpoint: Path) -> bool:
    """Say whether the network of a `.pt` was taught plates, as COCO's was not."""
    from ultralytics import YOLO

    return "plate" in dict(YOLO(str(checkpoint)).names).values()


def _network(released: Path) -> Any:
    """Return a detector of our kinds whose hidden head is as wide as the file's.

    The library makes that head as wide as the kinds it began with: COCO's 80, not our five.
    """
    import torch
    from ultralytics.nn.tasks import DetectionModel

    network: Any = DetectionModel("yolo11n.yaml", nc=_head_width(released), verbose=False)
    head = network.model[-1]
    for branch in head.cv3:
        branch[-1] = torch.nn.Conv2d(branch[-1].in_channels, len(KINDS), 1)
    head.nc, head.no = len(KINDS), len(KINDS) + 4 * head.reg_max
    network.names = dict(enumerate(KINDS))
    return network


def _head_width(released: Path) -> int:
    from models.restoring import graph_of

    arrays = {one.name: tuple(one.dims) for one in graph_of(released).initializer}
    try:
        kinds, width = arrays["model.23.cv3.0.2.weight"][:2]
    except (KeyError, ValueError) as error:
        raise Unreadable(
            f"{released} is no exported YOLO11n", then="name a detector of ours, or COCO's .pt"
        ) from error
    if kinds != len(KINDS):
        raise Unreadable(f"{released} knows {kinds} kinds, not {len(KINDS)}", then="name ours")
    return int(width)


def _pictures(prepared: Prepared) -> list[Image]:
    paths = prepared.pictures[prepared.pictures["side"] == "train"]["path"]
    chosen = paths.iloc[:: max(1, len(paths) // PICTURES)][:PICTURES]
    return [np.asarray(cv2.imread(str(path)), dtype=np.uint8) for path in chosen]


def _batch(pictures: Sequence[Image]) -> np.ndarray[Any, np.dtype[np.float32]]:
    images = [cv2.resize(picture, (SIZE, SIZE)) for picture in pictures]
    batch = np.stack(images)[..., ::-1].transpose(0, 3, 1, 2)
    return np.ascontiguousarray(batch, dtype=np.float32) / np.float32(255)
