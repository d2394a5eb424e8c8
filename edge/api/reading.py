"""Pictures that were sent are read, one at a time: the networks take every core there is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import BoundedSemaphore, Lock
from time import perf_counter

from contract.plates import Formats, formats
from edge.api.pictures import Decoding
from edge.eyes import Eyes
from edge.outputs.drawing import Overlay, Shown
from edge.outputs.parts import as_voted
from edge.outputs.sheet import sheet
from edge.outputs.snapshots import jpeg
from edge.passing import GROUNDS_LEAST
from edge.photos import Photo, PhotoPlate, photo_of
from edge.values import Frame
from lot.errors import LotError
from lot.web.problems import Problem

WAITING_MAX = 8  # pictures; who comes later is told to come again


@dataclass(frozen=True, slots=True)
class Read:
    """One picture, and what was found in it."""

    frame: Frame
    photo: Photo
    seconds: float

    @property
    def plates(self) -> tuple[PhotoPlate, ...]:
        """Return the plates that were read with grounds, the most prominent first."""
        return tuple(
            one
            for one in self.photo.plates
            if one.voted is not None and one.voted.confidence >= GROUNDS_LEAST
        )


class Readings:
    """Decodes and reads; safe to share between threads."""

    def __init__(
        self,
        eyes: Eyes,
        decoding: Decoding,
        chosen: Sequence[str],
        now: Callable[[], datetime],
    ) -> None:
        self._eyes = eyes
        self._decoding = decoding
        self._chosen = tuple(chosen)
        self._now = now
        self._waiting = BoundedSemaphore(WAITING_MAX)
        self._lock = Lock()
        self._count = itertools.count()

    def read(self, data: bytes, camera: str, regions: Sequence[str] = ()) -> Read:
        """Read a picture; `regions` go before the lot's own formats, as a hint."""
        if not self._waiting.acquire(blocking=False):
            raise Problem("busy", "too many pictures are being read", retry_s=1)
        try:
            began = perf_counter()
            image = self._decoding.image(data)
            frame = Frame(camera, next(self._count), self._now(), image)
            with self._lock:
                photo = photo_of(frame, self._eyes, self._formats(regions))
            return Read(frame, photo, perf_counter() - began)
        finally:
            self._waiting.release()

    def _formats(self, regions: Sequence[str]) -> Formats:
        return formats([*known_regions(regions), *self._chosen])


def known_regions(regions: Sequence[str]) -> list[str]:
    """Return those whose plates we know; a hint that says nothing to us is none."""
    found = []
    for one in regions[:8]:
        try:
            formats([one])
        except LotError:
            continue
        if ":" not in one:  # a pattern is the owner's to give
            found.append(one)
    return found


def annotated(read: Read) -> bytes:
    """Return the picture as a JPEG, with what was found drawn over it."""
    shown = [Shown(one.box, one.kind, one.score) for one in read.photo.vehicles]
    shown += [
        Shown(one.box, "plate", one.detection.score, plate=as_voted(one.voted))
        for one in read.photo.plates
    ]
    return jpeg(sheet(read.frame.image, Overlay(tuple(shown))))
