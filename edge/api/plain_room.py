"""Two plain calls: upload a picture, and ask whether plates were seen since a time."""

from __future__ import annotations

import json
from datetime import timezone, tzinfo

from flask import Response

from contract.plates import normalise
from edge.api.access import Door
from edge.api.app import Asked, Operation, Room
from edge.api.desk import FORM_BYTES_MAX, Desk
from edge.api.memory import found
from edge.api.pictures import BYTES_MAX
from edge.delivery.journal import Journal
from edge.sources.starts import iso_time
from lot.web.operations import JSON, Bytes, Form
from lot.web.problems import Problem
from lot.web.shapes import Anything, Many, Matching, Text, fields

PLATES_MAX = 100
_PLATE_CHARACTERS_MAX = 32
_ADDRESS_MAX = 4000


def room(desk: Desk, journal: Journal, zone: tzinfo) -> Room:
    """Return the room."""
    here = Room("plain", "Two plain calls")

    @here.answers(
        Operation(
            "upload_camera_image",
            "POST",
            "/upload-camera-image",
            Door.TOKEN,
            "Read a picture; the answer's own `status` is 200 with a plate and 404 without one.",
            answer=Anything("message, and status: 200 or 404."),
            body=Form({"image": Bytes("image/*", BYTES_MAX)}, most=FORM_BYTES_MAX),
            problems=("no_picture", "too_fast"),
            prefix="",
        )
    )
    def upload(asked: Asked) -> dict[str, object]:
        data = desk.sent_picture(asked.files.get("image"), asked.text("image"))
        plates = desk.read(data).plates
        if not plates or plates[0].voted is None:
            return {"message": "No license plate found", "status": 404}
        return {"message": f"License plate {plates[0].voted.plate} found", "status": 200}

    @here.answers(
        Operation(
            "check_license_plate",
            "GET",
            "/check-license-plate/{plates}/{time}",
            Door.TOKEN,
            "Say of each plate (commas between) whether it was seen here since a time (ISO 8601; "
            "without an offset by the lot's clock), and when last, in UTC.",
            answer=Many(
                fields(
                    detected=Matching("true|false", "whether it was seen"),
                    plate=Text(_PLATE_CHARACTERS_MAX),
                    time=Text(40, least=0),
                ),
                PLATES_MAX,
            ),
            path_shapes={"plates": Text(1 << 20), "time": Text(1 << 10)},
            problems=("too_long", "too_fast"),
            prefix="",
        )
    )
    def check(asked: Asked) -> Response:
        plates = _plates(asked.path.text("plates"))
        since = iso_time(asked.path.text("time").strip(), zone)
        if since is None:
            raise Problem("wrong_field", "the time must be ISO 8601, as 2026-11-21T00:10:02Z")
        said = [
            {
                "detected": one.last_seen is not None,
                "plate": one.plate,
                "time": one.last_seen.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
                if one.last_seen
                else "",
            }
            for one in found(journal, plates, since)
        ]
        return Response(json.dumps(said), content_type=JSON)

    return here


def refused(problem: Problem) -> Response:
    """Say a refusal in these calls' own form; its HTTP status says it too."""
    status = problem.kind.status
    answer = Response(
        json.dumps({"message": problem.detail, "status": status}) + "\n",
        status=status,
        content_type=JSON,
    )
    if problem.retry_s is not None:
        answer.headers["Retry-After"] = str(problem.retry_s)
    return answer


def _plates(text: str) -> list[str]:
    if len(text) > _ADDRESS_MAX or text.count(",") >= PLATES_MAX:
        raise Problem("too_long", f"ask for {PLATES_MAX} plates at most at once")
    plates = [one.strip() for one in text.split(",") if one.strip()]
    if not plates or any(len(one) > _PLATE_CHARACTERS_MAX or not normalise(one) for one in plates):
        raise Problem("wrong_field", "a plate has letters or digits, 16 of them at most")
    return plates
