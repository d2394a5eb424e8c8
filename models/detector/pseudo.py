"""Boxes that the sets lack, drawn by networks, so that a picture does not teach what is false.

No set of photos says where the vehicles are: a network trained on COCO does. And in about one
picture of ten only the nearest plate has a box; the others would teach that far plates are
background, so this detector's own sure findings of one round become boxes for the next. They
are learned from only: on the held side nothing is measured against what was not seen by a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import cv2
import pandas as pd

from edge.detection import Detector
from edge.values import KINDS, Box, Detection
from models.detector.data import BOX_COLUMNS, Prepared, box_row, boxes_of

COCO_NUMBERS = {2: "car", 3: "motorcycle", 5: "bus", 7: "truck"}
VEHICLES = KINDS[:-1]

VEHICLE_SCORE = 0.35  # what the gate asks of a vehicle too, so that both mean the same
VEHICLE_SIZE = 640  # what it was trained at
VEHICLE_OVERLAP = 0.6
OWN_SCORE = 0.8  # at 0.5 half of 96 looked at after one epoch were lamps and watermarks
OWN_APART = 0.2  # more overlap with a given box is that plate, drawn otherwise


def vehicle_boxes(prepared: Prepared, coco_weights: Path) -> pd.DataFrame:
    """Return the vehicles that the COCO network sees, where a set has none: one box a vehicle."""
    from ultralytics import YOLO

    network: Any = YOLO(str(coco_weights))
    rows: list[dict[str, object]] = []
    for picture, path in without_vehicles(prepared):
        (result,) = network.predict(
            path,
            imgsz=VEHICLE_SIZE,
            conf=VEHICLE_SCORE,
            classes=list(COCO_NUMBERS),
            agnostic_nms=True,  # else a pick-up is a car and a truck at once
            iou=VEHICLE_OVERLAP,
            verbose=False,
        )
        found = zip(result.boxes.xyxyn.tolist(), result.boxes.cls.tolist(), strict=True)
        for corners, number in found:
            rows.append(box_row(picture, COCO_NUMBERS[int(number)], Box(*corners), "coco"))
    return pd.DataFrame(rows, columns=list(BOX_COLUMNS))


def without_vehicles(prepared: Prepared) -> Iterator[tuple[str, str]]:
    """Give name and path of the pictures whose set draws no vehicle in any of its pictures."""
    drawn = prepared.boxes[prepared.boxes["kind"].isin(VEHICLES)]["picture"]
    pictures = prepared.pictures
    complete = set(pictures[pictures["picture"].isin(drawn)]["source"])
    rest = pictures[~pictures["source"].isin(complete)]
    yield from rest[["picture", "path"]].itertuples(index=False, name=None)


def own_boxes(prepared: Prepared, detector: Detector) -> pd.DataFrame:
    """Return the plates that `detector` is sure of on the train side and no set has a box for."""
    given = boxes_of(prepared.boxes)
    rows: list[dict[str, object]] = []
    for picture, path in without_vehicles(_trained_on(prepared)):
        image = cv2.imread(path)
        assert image is not None, path  # it was read when the tables were made
        known = [box for kind, box in given.get(picture, ()) if kind == "plate"]
        (found,) = detector.detect([image])  # type: ignore[list-item]  # cv2 says any number
        rows.extend(box_row(picture, "plate", box, "own") for box in unlabelled(known, found))
    return pd.DataFrame(rows, columns=list(BOX_COLUMNS))


def unlabelled(given: Iterable[Box], found: Iterable[Detection]) -> Iterator[Box]:
    """Give the sure findings of plates where no box is given yet."""
    known = list(given)
    for detection in found:
        if detection.kind != "plate" or detection.score < OWN_SCORE:
            continue
        if all(detection.box.iou(box) < OWN_APART for box in known):
            known.append(detection.box)
            yield detection.box


def _trained_on(prepared: Prepared) -> Prepared:
    pictures = prepared.pictures[prepared.pictures["side"] == "train"]
    return Prepared(pictures, prepared.boxes[prepared.boxes["by"] == "set"])
