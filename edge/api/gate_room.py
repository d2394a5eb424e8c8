"""The gate beside us, live: its cameras' pictures with what is seen drawn over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask import Response

from edge.api.access import Door
from edge.api.app import Asked, Operation, Room
from edge.daemon.hatch import Hatch, Watching
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
            Door.TOKEN,
            "What a camera sees, with boxes and events drawn over it, as MJPEG: an <img> shows it.",
            answer=Bytes("multipart/x-mixed-replace"),
            path_shapes={"camera": Text(64)},
            problems=("gate_away", "busy", "too_fast"),
        )
    )
    def live(asked: Asked) -> Response:
        watching = hatch.watch(asked.path.text("camera"))
        answer = Response(_pieces(watching), content_type=MJPEG)
        answer.call_on_close(watching.close)  # also where nothing was sent
        return answer

    return here


def _pieces(watching: Watching) -> Iterator[bytes]:
    for jpeg in watching:
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        yield head.encode() + jpeg + b"\r\n"
