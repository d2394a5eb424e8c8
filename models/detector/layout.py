"""The prepared tables become the folders that the trainer reads: links to pictures, and texts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from edge.values import KINDS, Box
from lot.files import write_whole
from models.detector.data import Prepared, boxes_of

SIDES = ("train", "held")
NUMBERS: dict[str, int] = {kind: number for number, kind in enumerate(KINDS)}


def lay_out(prepared: Prepared, folder: Path) -> Path:
    """Write `train` and `held` below `folder`, and give the file that names both.

    Pictures are linked, never copied: they stay where they may lie. What an earlier call
    wrote there is removed, so that a picture never stands on both sides.
    """
    for side in SIDES:
        shutil.rmtree(folder / side, ignore_errors=True)
        (folder / side / "images").mkdir(parents=True)
        (folder / side / "labels").mkdir()
    boxes = boxes_of(prepared.boxes)
    columns = ["picture", "path", "side"]
    for picture, path, side in prepared.pictures[columns].itertuples(index=False, name=None):
        flat = picture.replace("/images/", "/").replace("/", "__")
        (folder / side / "images" / flat).symlink_to(path)
        lines = "".join(label_line(kind, box) for kind, box in boxes.get(picture, ()))
        (folder / side / "labels" / flat).with_suffix(".txt").write_text(lines)
    described = folder / "data.yaml"
    write_whole(described, json.dumps(_description(folder)).encode())  # JSON is YAML too
    return described


def label_line(kind: str, box: Box) -> str:
    """Return a box as a line of YOLO text."""
    x, y = box.centre
    return f"{NUMBERS[kind]} {x:.6f} {y:.6f} {box.width:.6f} {box.height:.6f}\n"


def _description(folder: Path) -> dict[str, object]:
    return {
        "path": str(folder.resolve()),
        "train": "train/images",
        "val": "held/images",
        "names": dict(enumerate(KINDS)),
    }
