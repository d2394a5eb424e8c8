"""The pictures of what has just happened, in memory: an event is told after its best frame.

Only frames that a plate was read in are kept, and now and then one of a vehicle that shows no
plate. What is too old for the room that there is goes; an event without a picture is an event.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from contract.digest import H
from edge.gate.values import Verdict
from edge.outputs.snapshots import crops, jpeg, vehicle_of
from edge.values import Box, Image

BYTES_MAX = 64 * 1024 * 1024
_KEPT_QUALITY = 90
_SHOWN_QUALITY = 75
_FRAME_WIDTH, _VEHICLE_WIDTH = 1280, 640


@dataclass(frozen=True, slots=True)
class _Kept:
    coded: bytes
    vehicles: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Pictures:
    """The JPEGs of an event, and what it calls them by."""

    coded: dict[str, bytes]

    @property
    def hashes(self) -> dict[str, str]:
        return {name: H(data).hex() for name, data in self.coded.items()}


class Gallery:
    """One daemon's recent frames, the oldest let go first; turns at several cameras may keep."""

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._frames: OrderedDict[tuple[str, int], _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, camera: str, frame: int, image: Image, vehicles: Sequence[Box]) -> None:
        if (camera, frame) in self._frames:
            return
        kept = _Kept(coded(image, _KEPT_QUALITY), tuple(vehicles))
        with self._lock:
            self._frames[camera, frame] = kept
            self._bytes += len(kept.coded)
            while self._bytes > self._bytes_max and len(self._frames) > 1:
                _, gone = self._frames.popitem(last=False)
                self._bytes -= len(gone.coded)

    def pictures(self, verdict: Verdict) -> Pictures:
        """Return plate, vehicle and frame of an event's best moment, as far as they are there."""
        camera = verdict.best_passage[0]
        kept = None if verdict.frame is None else self._nearest(camera, verdict.frame)
        if kept is None:
            return Pictures({})
        image = decoded(kept.coded)
        plate = verdict.best.box if verdict.best is not None else None
        cut = crops(image, plate, vehicle_of(kept.vehicles, plate))
        made = {"frame": coded(narrowed(image, _FRAME_WIDTH), _SHOWN_QUALITY)}
        if cut.plate is not None:
            made["plate"] = jpeg(cut.plate)
        if cut.vehicle is not None:
            made["vehicle"] = coded(narrowed(cut.vehicle, _VEHICLE_WIDTH), _SHOWN_QUALITY)
        return Pictures(made)

    def _nearest(self, camera: str, frame: int) -> _Kept | None:
        """Of an unread vehicle any frame near its best one will do: it is no proof of letters."""
        there = [number for name, number in self._frames if name == camera]
        near = min(there, key=lambda number: abs(number - frame), default=None)
        if near is None or abs(near - frame) > 30:
            return None
        return self._frames[camera, near]


def coded(image: Image, quality: int) -> bytes:
    """Return the picture as a JPEG."""
    done, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done, "a picture that was seen can be coded"
    return coded.tobytes()


def decoded(coded: bytes) -> Image:
    """Return the picture of a JPEG of ours."""
    image = cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(image, dtype=np.uint8)


def narrowed(image: Image, width: int) -> Image:
    """Return the picture no wider than `width`."""
    height, wide = image.shape[:2]
    if wide <= width:
        return image
    size = (width, max(1, round(height * width / wide)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
