"""Pictures go through the eyes one by one, as a photo does in the product, and are scored."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from contract.plates import Formats
from edge.eyes import Eyes
from edge.photos import PhotoPlate, looks_at, photo_of
from edge.sources.stills import picture_bytes, picture_in
from edge.values import Box, Frame, Look
from edge.voting import vote
from lot.errors import Unreadable
from models.evaluate.outcomes import Found, Outcome, Wanted, outcome
from models.evaluate.truth import TruePicture, Truth, refusal

_NOT_DATED = datetime(2000, 1, 1, tzinfo=timezone.utc)  # no vote of one picture asks when it was


@dataclass(frozen=True, slots=True)
class Looked:
    """One picture, scored."""

    picture: TruePicture
    outcome: Outcome
    found: tuple[Found, ...]
    milliseconds: float  # of processor, from the decoded picture to the texts


def looked(
    truth: Truth, eyes: Eyes, formats: Formats, refuse: Callable[[Unreadable], None]
) -> Iterator[Looked]:
    """Score each picture of a truth; what cannot be read is refused, and the next one taken."""
    for picture in truth.pictures:
        try:
            frame, wanted = _opened(truth.path, picture)
        except Unreadable as error:
            refuse(error)
            continue
        began = processor_ms()
        photo = photo_of(frame, eyes, formats)
        milliseconds = processor_ms() - began
        found = tuple(_found(plate) for plate in photo.plates)
        given = _given(frame, wanted, eyes, formats)
        yield Looked(picture, outcome(wanted, found, given), found, milliseconds)


def processor_ms() -> float:
    """Return what this process and its ended children have used of all cores.

    Neighbours on the machine lengthen the time by the wall, not this one.
    """
    every = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return 1000 * sum(used.ru_utime + used.ru_stime for used in every)


def peak_mb() -> float | None:
    """Return the most memory that this process had at once; None where the system does not say."""
    # Not getrusage's figure: that one a process inherits from whoever started it.
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return round(int(peaks[0]) / 1024, 1) if peaks else None


def _opened(table: Path, picture: TruePicture) -> tuple[Frame, tuple[Wanted, ...]]:
    first = picture.plates[0].line
    try:
        image = picture_in(picture_bytes(picture.path), str(picture.path))
    except Unreadable as error:
        raise refusal(table, first, error.what) from error
    height, width = image.shape[:2]
    wanted = []
    for plate in picture.plates:
        try:
            box = plate.corners.box(width, height) if plate.corners else None
        except ValueError as fault:
            raise refusal(table, plate.line, str(fault)) from fault
        wanted.append(Wanted(plate.text, box, None if box is None else box.width * width))
    return Frame("evaluate", 0, _NOT_DATED, image), tuple(wanted)


def _given(
    frame: Frame, wanted: Sequence[Wanted], eyes: Eyes, formats: Formats
) -> Mapping[int, Found]:
    boxes: dict[int, Box] = {
        place: plate.box
        for place, plate in enumerate(wanted)
        if plate.box is not None and plate.text is not None
    }
    looks = looks_at(frame, list(boxes.values()), eyes.reader)
    return {place: _read(its, 1.0, formats) for place, its in zip(boxes, looks, strict=True)}


def _found(plate: PhotoPlate) -> Found:
    voted, score = plate.voted, plate.detection.score
    if voted is None:
        return Found(plate.box, score, "", 0.0, ())
    return Found(plate.box, score, voted.plate, voted.confidence, voted.characters)


def _read(looks: Sequence[Look], score: float, formats: Formats) -> Found:
    voted = vote(looks, formats)
    box = looks[0].box
    if voted is None:
        return Found(box, score, "", 0.0, ())
    return Found(box, score, voted.plate, voted.confidence, voted.characters)
