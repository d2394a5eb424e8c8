"""Where an edge asks to be taken in: who knows a code that the console printed."""

from __future__ import annotations

from typing import Protocol

from flask import Response

from contract.enrolment import REQUEST_BYTES_MAX
from server.api.app import Asked
from server.api.operations import JSON, OCTETS, Bytes, Door, Operation, Pace, Room

_AFTER_IT = 64 + 32  # signature and mac
_PACE = Pace(20, 600)


class Enrolling(Protocol):
    """Takes edges in."""

    def enrolled(self, request: bytes) -> bytes:
        """Return the answer to an edge that knows a code."""


def room(enrolling: Enrolling) -> Room:
    """Return the room."""
    here = Room("enrolling", "Edges that are new")

    @here.answers(
        Operation(
            "enrol_edge",
            "POST",
            "/enrol",
            Door.ANYBODY,
            "Take an edge in that knows a code of the console; each code is good once.",
            answer=Bytes(JSON),
            body=Bytes(OCTETS, REQUEST_BYTES_MAX + _AFTER_IT),
            problems=("wrong_credentials", "locked", "forbidden", "keyholder_away"),
            pace=_PACE,
        )
    )
    def enrol(asked: Asked) -> Response:
        return Response(enrolling.enrolled(asked.data), content_type=JSON)

    return here
