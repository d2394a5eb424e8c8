"""The edge's own calls: a picture's plates with all that is known, and the picture drawn over."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response

from edge.api.access import By, Door
from edge.api.app import Asked, Operation, Room
from edge.api.desk import Desk
from edge.api.pictures import BYTES_MAX
from edge.api.reading import Read, annotated
from edge.photos import PhotoPlate
from edge.stamping import thousandths
from edge.values import Box
from lot.web.operations import OCTETS, Bytes
from lot.web.shapes import Many, Maybe, Named, Text, Whole, Word, fields

_THOUSANDTHS = Whole(0, 1000, "Thousandths.")
_BOX = Named(
    "Box",
    fields(left=_THOUSANDTHS, top=_THOUSANDTHS, right=_THOUSANDTHS, bottom=_THOUSANDTHS),
)
_SPELLING = fields(plate=Text(16), confidence=_THOUSANDTHS)
READ = fields(
    plates=Many(
        Named(
            "ReadPlate",
            fields(
                plate=Text(16),
                confidence=_THOUSANDTHS,
                characters=Many(_THOUSANDTHS, 16),
                alternatives=Many(_SPELLING, 16),
                region=Maybe(Text(16)),
                vehicle=Maybe(Text(16)),
                box=_BOX,
            ),
        ),
        100,
    ),
    width=Whole(1),
    height=Whole(1),
    ms=Whole(),
)
_TAKES = Bytes(OCTETS, BYTES_MAX)


def room(desk: Desk) -> Room:
    """Return the room."""
    here = Room("readings", "Pictures read")
    keep = {"event": Word(("yes", "no"))}

    @here.answers(
        Operation(
            "read_picture",
            "POST",
            "/readings",
            Door.READ,
            "Read a picture (JPEG, PNG, WebP or BMP as the body); boxes are in thousandths of it. "
            "`event=no`, and by a grant: nothing is kept of it.",
            answer=READ,
            query={**keep, "camera": Text(64), "regions": Many(Text(16), 8)},
            body=_TAKES,
            problems=("no_picture", "too_fast"),
        )
    )
    def read_picture(asked: Asked) -> Mapping[str, object]:
        return said(_read(desk, asked))

    @here.answers(
        Operation(
            "annotate_picture",
            "POST",
            "/annotated",
            Door.TOKEN,
            "Return the picture as a JPEG with what was found drawn over it.",
            answer=Bytes("image/jpeg"),
            query={**keep, "camera": Text(64), "regions": Many(Text(16), 8)},
            body=_TAKES,
            problems=("no_picture", "too_fast"),
        )
    )
    def annotate(asked: Asked) -> Response:
        return Response(annotated(_read(desk, asked)), content_type="image/jpeg")

    return here


def said(read: Read) -> Mapping[str, object]:
    """Return what was read as JSON."""
    height, width = read.frame.image.shape[:2]
    return {
        "plates": [_plate(one) for one in read.plates],
        "width": width,
        "height": height,
        "ms": round(read.seconds * 1000),
    }


def _read(desk: Desk, asked: Asked) -> Read:
    camera = asked.query.text_or_none("camera")
    # The vault grants that a picture is read, not that an event comes of it.
    is_event = asked.by is not By.GRANT and asked.query.text_or_none("event") != "no"
    return desk.read(asked.data, camera, asked.query.texts("regions"), is_event=is_event)


def _plate(plate: PhotoPlate) -> dict[str, object]:
    voted = plate.voted
    assert voted is not None
    return {
        "plate": voted.plate,
        "confidence": thousandths(voted.confidence),
        "characters": [thousandths(one) for one in voted.characters],
        "alternatives": [
            {"plate": text, "confidence": thousandths(p)} for text, p in voted.alternatives
        ],
        "region": voted.region,
        "vehicle": plate.vehicle.kind if plate.vehicle else None,
        "box": _box(plate.box),
    }


def _box(box: Box) -> dict[str, int]:
    return {name: thousandths(getattr(box, name)) for name in ("left", "top", "right", "bottom")}
