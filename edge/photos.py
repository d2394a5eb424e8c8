"""One photo in, its plates out: what a photo from the desk, a picture sent to us and a score ask.

A photo has no second frame to correct the first, and no track: whatever is in it counts at once,
and each plate is cut out in several ways, whose readings vote as those of several frames do.
Otherwise it goes the gate's own way: the same crops, the same vote, the same formats. What a
figure says of photos is then true of the product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from contract.plates import Formats
from edge.belonging import owner
from edge.eyes import Eyes
from edge.reading import Reader
from edge.reading.crops import CUTS, condition, cut
from edge.values import Box, Detection, Frame, Look, Reading
from edge.voting import NO_FORMATS, Voted, spelled_as, surest, vote


@dataclass(frozen=True, slots=True)
class PhotoPlate:
    """A plate in a photo, and what it says."""

    detection: Detection
    looks: tuple[Look, ...]  # that read something, and vote as `voted` says without formats too
    voted: Voted | None  # None: nothing legible
    vehicle: Detection | None  # that it is on

    @property
    def box(self) -> Box:
        return self.detection.box

    @property
    def prominence(self) -> float:
        """How likely it is the plate that the photo was taken for; 0 where nothing was read.

        Surely read before doubtfully, surely a plate before perhaps one, near before far: a car
        behind is often read as surely as the one in front, and letters on a wall may be large.
        """
        sure = 0.0 if self.voted is None else self.voted.confidence
        return sure * self.detection.score * self.box.width


@dataclass(frozen=True, slots=True)
class Photo:
    """What one photo shows."""

    plates: tuple[PhotoPlate, ...]  # the most prominent first, those without a text last
    vehicles: tuple[Detection, ...]


def photo_of(frame: Frame, eyes: Eyes, formats: Formats = NO_FORMATS) -> Photo:
    """Find and read every plate in one picture."""
    (detections,) = eyes.detector.detect([frame.image])
    vehicles = tuple(d for d in detections if d.kind != "plate")
    numbered = {number: vehicle.box for number, vehicle in enumerate(vehicles)}
    found = [d for d in detections if d.kind == "plate"]
    plates = []
    looks = looks_at(frame, [d.box for d in found], eyes.reader)
    for detection, its in zip(found, looks, strict=True):
        on = owner(detection.box, numbered)
        vehicle = None if on is None else vehicles[on]
        voted = vote(its, formats)
        kept = () if voted is None else spelled_as(surest(its), voted)
        plates.append(PhotoPlate(detection, kept, voted, vehicle))
    plates.sort(key=lambda plate: (-plate.prominence, -plate.detection.score))
    return Photo(tuple(plates), vehicles)


def looks_at(frame: Frame, boxes: Sequence[Box], reader: Reader) -> list[list[Look]]:
    """Read what stands in each of the boxes, in their order, however poor the crops are."""
    crops = [cut(frame.image, box, reader.margin, slack) for box in boxes for slack in CUTS]
    readings = iter(reader.read(crops) if crops else ())
    return [_looks(frame, box, list(islice(readings, len(CUTS)))) for box in boxes]


def _looks(frame: Frame, box: Box, readings: Sequence[Reading]) -> list[Look]:
    how = condition(frame.image, box)
    return [
        Look(reading, frame.time, frame.index, box, how.width, how.sharpness)
        for reading in readings
    ]
