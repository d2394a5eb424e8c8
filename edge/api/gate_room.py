"""The gate beside us, live: its cameras' pictures with what is seen drawn over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import inf
from time import monotonic

from flask import Response

from contract import grant
from edge.api.access import By, Door
from edge.api.app import Asked, Operation, Room
from edge.daemon.hatch import Hatch
from lot.web.operations import Bytes
from lot.web.shapes import Many, Text, fields

BOUNDARY = "lotkeeper"
MJPEG = f"multipart/x-mixed-replace; boundary={BOUNDARY}"


def room(hatch: Hatch) -> Room:
    """Return the room."""
    here = Room("gate", "The gate, live")

    @here.answers(
        Operation(
            "list_cameras",
            "GET",
            "/cameras",
            Door.TOKEN,
            "The cameras of the gate that runs here.",
            answer=fields(cameras=Many(Text(64), 64)),
            problems=("gate_away",),
        )
    )
    def cameras(_: Asked) -> Mapping[str, object]:
        return {"cameras": hatch.cameras()}

    @here.answers(
        Operation(
            "watch_camera",
            "GET",
            "/cameras/{camera}/live",
            Door.LIVE,
            "What a camera sees, with boxes and events drawn over it, as MJPEG: an <img> shows it. "
            "By a grant it lasts ten minutes.",
            answer=Bytes("multipart/x-mixed-replace"),
            path_shapes={"camera": Text(64)},
            problems=("gate_away", "busy", "too_fast"),
        )
    )
    def live(asked: Asked) -> Response:
        watching = hatch.watch(asked.path.text("camera"))
        lasts_s = grant.LIVE_S if asked.by is By.GRANT else inf
        answer = Response(pieces(watching, lasts_s), content_type=MJPEG)
        answer.call_on_close(watching.close)  # also where nothing was sent
        return answer

    return here


def pieces(
    pictures: Iterable[bytes], lasts_s: float, steady: Callable[[], float] = monotonic
) -> Iterator[bytes]:
    """Spell pictures as MJPEG, for so long."""
    ends_s = steady() + lasts_s
    for jpeg in pictures:
        if steady() >= ends_s:
            return
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        yield head.encode() + jpeg + b"\r\n"
