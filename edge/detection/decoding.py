"""What a YOLO network answers becomes detections: score, suppress, and check for sense.

The network answers with a few thousand candidates a picture, nearly all of them nothing.
They are thinned by score before anything else is computed, all at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.detection.letterbox import Fit
from edge.values import Box, Detection, Kind

Corners = NDArray[np.float32]  # [n, (left, top, right, bottom)]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on a candidate is believed."""

    # Tracks need a vehicle in most frames, and one that is not there makes an event.
    vehicle: float = 0.35
    # A plate that is missed is a plate unread; one that is not there is read as nothing, and
    # the vote over a track forgives it. So plates are believed sooner.
    plate: float = 0.25
    # Two vehicles in a queue hide half of one another; the same one seen twice overlaps by
    # more. Plates hardly ever overlap.
    vehicle_overlap: float = 0.65
    plate_overlap: float = 0.45
    # In pixels of the source: below this no engine reads a character, and edges of grilles
    # and kerbs begin to look like plates.
    plate_width_min: float = 12.0
    # Width by height as seen. A square motorcycle plate seen from the side is narrower than
    # high; a European one (520 x 110 mm) reaches 4.7, and more when the box is cut or tilted.
    plate_aspect_min: float = 0.6
    plate_aspect_max: float = 9.0
    # Of all candidates of a picture, the best so many are looked at. Twenty vehicles give
    # about 300 before suppression.
    candidates_max: int = 1000


USUAL = Thresholds()


def detections(
    answer: NDArray[np.float32],
    fit: Fit,
    source_width: int,
    kinds: Sequence[Kind],
    thresholds: Thresholds,
) -> list[Detection]:
    """Return what `answer` [4 + kinds, candidates] says of one picture, best score first.

    A vehicle is one kind of vehicle: where two kinds claim one place, the better stays.
    """
    wanted = np.array([_score_min(kind, thresholds) for kind in kinds], np.float32)
    scores = answer[4:]
    kind_of = scores.argmax(axis=0)
    best = scores.max(axis=0)
    (chosen,) = np.nonzero(best >= wanted[kind_of])
    chosen = chosen[np.argsort(-best[chosen], kind="stable")][: thresholds.candidates_max]
    corners = _corners(answer[:4, chosen])
    plate = np.array([kind == "plate" for kind in kinds])[kind_of[chosen]]
    sound = np.isfinite(corners).all(axis=1) & _plausible(
        corners, plate, source_width / fit.picture_width, thresholds
    )
    chosen, corners, plate = chosen[sound], corners[sound], plate[sound]
    limit = np.where(plate, thresholds.plate_overlap, thresholds.vehicle_overlap)
    kept = _suppressed(corners, plate, limit)
    places = fit.fractions(corners[kept])
    return [
        Detection(Box(*place), kinds[kind_of[at]], min(1.0, float(best[at])))
        for place, at in zip(places.tolist(), chosen[kept].tolist(), strict=True)
        if place[0] < place[2] and place[1] < place[3]
    ]


def _score_min(kind: Kind, thresholds: Thresholds) -> float:
    return thresholds.plate if kind == "plate" else thresholds.vehicle


def _corners(centred: NDArray[np.float32]) -> Corners:
    x, y, width, height = centred
    return np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)


def _plausible(
    corners: Corners, plate: NDArray[np.bool_], to_source: float, thresholds: Thresholds
) -> NDArray[np.bool_]:
    width = corners[:, 2] - corners[:, 0]
    height = corners[:, 3] - corners[:, 1]
    sound = (
        (width * to_source >= thresholds.plate_width_min)
        & (width >= thresholds.plate_aspect_min * height)
        & (width <= thresholds.plate_aspect_max * height)
    )
    # A box below a pixel is nothing that anybody saw, and too small to be told from another.
    good: NDArray[np.bool_] = (~plate | sound) & (width >= 1) & (height >= 1)
    return good


def _suppressed(
    corners: Corners, plate: NDArray[np.bool_], limit: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Return which candidates, best first, are no second sight of a better one."""
    overlapping = (_iou(corners) > limit[:, None]) & (plate[:, None] == plate[None, :])
    alive = np.ones(len(corners), np.bool_)
    for at in range(len(corners)):
        if alive[at]:
            alive[at + 1 :] &= ~overlapping[at, at + 1 :]
    (kept,) = np.nonzero(alive)
    return kept


def _iou(corners: Corners) -> NDArray[np.float32]:
    left, top, right, bottom = corners.T
    width = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    height = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    both = np.maximum(width, 0) * np.maximum(height, 0)
    area = (right - left) * (bottom - top)
    share: NDArray[np.float32] = both / np.maximum(area[:, None] + area - both, 1e-9)
    return share
