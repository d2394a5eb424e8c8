"""The held-out pictures go through the very detector that a gate runs, not through a trainer's."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from edge.detection.choice import detector
from edge.detection.decoding import USUAL, Thresholds
from edge.detection.letterbox import fitted
from models.detector.data import Prepared, boxes_of
from models.detector.measure import Looked

# Low enough for the whole curve of precision over recall; all else is as at the gate.
CURVE = Thresholds(
    vehicle=0.05,
    plate=0.02,
    vehicle_overlap=USUAL.vehicle_overlap,
    plate_overlap=USUAL.plate_overlap,
    plate_width_min=4.0,  # the sets' pictures are smaller than a camera's
)


def looked_at(prepared: Prepared, weights: Path, longest: int) -> list[Looked]:
    """Return every held-out picture with what its set gives and what `weights` find."""
    eyes = detector("onnx", weights, thresholds=CURVE)
    given = boxes_of(prepared.boxes)
    held = prepared.pictures[prepared.pictures["side"] == "held"]
    found: list[Looked] = []
    columns = ["source", "picture", "path"]
    for source, picture, path in held[columns].itertuples(index=False, name=None):
        image = cv2.imread(path)
        assert image is not None, path  # it was read when the tables were made
        seen = image.astype(np.uint8, copy=False)
        (detections,) = eyes.detect([seen])
        fit = fitted(seen.shape[0], seen.shape[1], longest)
        boxes = tuple(given.get(picture, ()))
        found.append(Looked(source, boxes, tuple(detections), fit.picture_width))
    return found
