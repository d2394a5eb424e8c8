"""A crop of each event's plate and vehicle as a JPEG, from the frame of its best reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from contract.ids import EVENT_ID
from edge.values import Box, Image
from lot.files import write_whole

QUALITY = 92  # OpenCV's 95 is a third larger, and below 90 blocks begin to show at letters' edges
_PLATE_MARGIN = 0.15  # of the plate's size on each side: its frame, and what proves it is a plate
_VEHICLE_MARGIN = 0.05


@dataclass(frozen=True, slots=True)
class Crops:
    """What is kept of one event; either may be unknown."""

    plate: Image | None
    vehicle: Image | None


def crops(image: Image, plate: Box | None, vehicle: Box | None) -> Crops:
    """Cut an event's plate and vehicle out of the picture in which it was read best."""
    return Crops(
        None if plate is None else crop(image, plate, _PLATE_MARGIN),
        None if vehicle is None else crop(image, vehicle, _VEHICLE_MARGIN),
    )


def crop(image: Image, box: Box, margin: float) -> Image | None:
    """Return a copy of what `box` and a margin of its size show; None if it lies outside."""
    height, width = image.shape[:2]
    across, down = box.width * margin, box.height * margin
    left, right = (
        round(min(1.0, max(0.0, side)) * width) for side in (box.left - across, box.right + across)
    )
    top, bottom = (
        round(min(1.0, max(0.0, side)) * height) for side in (box.top - down, box.bottom + down)
    )
    if left >= right or top >= bottom:
        return None
    return image[top:bottom, left:right].copy()


def vehicle_of(vehicles: Sequence[Box], plate: Box | None) -> Box | None:
    """Return the vehicle of an event: the smallest around its plate, else the largest."""
    if plate is None:
        return max(vehicles, key=lambda box: box.area, default=None)
    around = [box for box in vehicles if box.overlap(plate) > 0.5 * plate.area]
    return min(around, key=lambda box: box.area, default=None)


def write_crops(folder: Path, event_id: str, found: Crops) -> list[Path]:
    """Write `EVENT-ID-plate.jpg` and `EVENT-ID-vehicle.jpg`; return those that were written."""
    if not EVENT_ID.fullmatch(event_id):  # it becomes a file's name
        raise ValueError(f"{event_id!r} is no event's id")
    written = []
    for name, image in (("plate", found.plate), ("vehicle", found.vehicle)):
        if image is not None:
            path = folder / f"{event_id}-{name}.jpg"
            write_whole(path, jpeg(image))
            written.append(path)
    return written


def jpeg(image: Image) -> bytes:
    """Return the picture as a JPEG; it bears no EXIF, so nothing of the place or the machine."""
    done, coded = cv2.imencode(
        ".jpg", np.ascontiguousarray(image), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    if not done:
        raise ValueError(f"no JPEG of a picture of shape {image.shape}")
    return coded.tobytes()
