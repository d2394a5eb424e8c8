"""What the lot's edge does for a desk: a photo is read there, and its cameras are seen live.

Where the edge is away this is a 503, and the desk types by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from flask import Response

from lot.web.problems import Problem
from lot.web.shapes import Many, Maybe, Named, Text, Whole, fields
from server.access.roles import Right
from server.api.app import Asked
from server.api.lots_room import own_lot
from server.api.operations import OCTETS, Bytes, Operation, Room
from server.api.spoken import LOT, THOUSANDTHS
from server.edges.asking import Stream
from server.keys.holder import calls

PHOTO_BYTES_MAX = 20 << 20
_BOX = fields(left=THOUSANDTHS, top=THOUSANDTHS, right=THOUSANDTHS, bottom=THOUSANDTHS)
_PLATE = Named(
    "ReadPlate",
    fields(
        plate=Text(16),
        confidence=THOUSANDTHS,
        characters=Many(THOUSANDTHS, 16),
        alternatives=Many(fields(plate=Text(16), confidence=THOUSANDTHS), 16),
        region=Maybe(Text(16)),
        vehicle=Maybe(Text(16)),
        box=_BOX,
    ),
)


class Asks(Protocol):
    """Asks the lot's edges."""

    def reading(self, by: calls.Caller, lot: bytes, picture: bytes) -> dict[str, object]: ...
    def live(self, by: calls.Caller, lot: bytes, camera: str) -> Stream: ...


def room(edges: Asks) -> Room:
    """Return the room."""
    here = Room("edge", "What the lot's edge reads and sees")

    @here.answers(
        Operation(
            "read_photo",
            "POST",
            "/readings",
            Right.CORRECT,
            "Read a photo from the desk (JPEG, PNG, WebP or BMP as the body); no event comes of "
            "it. Boxes are in thousandths of the picture.",
            answer=fields(plates=Many(_PLATE, 100), width=Whole(1), height=Whole(1), ms=Whole()),
            query={"lot": LOT},
            body=Bytes(OCTETS, PHOTO_BYTES_MAX),
            problems=("locked", "edge_away", "no_picture", "too_fast"),
        )
    )
    def reading(asked: Asked) -> Mapping[str, object]:
        return edges.reading(asked.person.by, _lot(asked), asked.data)

    @here.answers(
        Operation(
            "watch_camera",
            "GET",
            "/cameras/{camera}/live",
            Right.SEE_LIVE,
            "What a camera sees, with boxes and events drawn over it, as MJPEG. Every ten minutes "
            "the edge is asked anew, with a line of the audit: it ends where that is refused.",
            answer=Bytes("multipart/x-mixed-replace"),
            path_shapes={"camera": Text(64)},
            query={"lot": LOT},
            problems=("locked", "edge_away", "busy"),
        )
    )
    def live(asked: Asked) -> Response:
        stream = edges.live(asked.person.by, _lot(asked), asked.path.text("camera"))
        answer = Response(iter(stream), content_type=stream.content_type)
        answer.call_on_close(stream.close)  # also where nothing was sent
        answer.headers["X-Accel-Buffering"] = "no"
        return answer

    return here


def _lot(asked: Asked) -> bytes:
    lot = asked.query.octets_or_none("lot")
    if lot is None:
        raise Problem("wrong_field", "lot is missing", field="lot")
    return own_lot(asked.person, lot)
