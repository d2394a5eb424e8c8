"""What edges bring: a batch, and a start. Taken while locked too, and only by an edge's token."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import unquote

from flask import Response, request

from contract.event import CAMERA_OR_LANE
from contract.wire import BATCH_BYTES_MAX, START_BYTES_MAX
from server.api.app import Asked
from server.api.callers import Edge
from server.api.operations import JSON, OCTETS, Bytes, Door, Operation, Room
from server.api.watching import Watch
from server.edges.asking import Whereabouts
from server.notifying.presence import Presence

BLIND = "Lot-Blind"  # a header: cameras that see nothing just now, each percent-encoded
API_PORT = "Lot-Api-Port"  # a header: where the edge's own API listens, if it has one
_BLIND_MAX = 4096
_START_MORE = 64  # the signature after the JSON
_NOT_TAKEN = (
    "record_refused",
    "camera_unknown",
    "equivocation",
    "quota_full",
    "storage_full",
    "busy",
)


class Taking(Protocol):
    """Verifies, stores and acknowledges; what it refuses it says by a code of the problems."""

    def batch(self, writer: bytes, data: bytes) -> bytes:
        """Return the acknowledgement once all of a batch is durable."""

    def start(self, writer: bytes, data: bytes) -> bytes:
        """Return the answer to an edge that began anew."""


def room(taking: Taking, watch: Watch, whereabouts: Whereabouts, presence: Presence) -> Room:
    """Return the room."""
    delivering = Room("delivering", "What edges bring")

    @delivering.answers(
        Operation(
            "deliver_batch",
            "POST",
            "/batch",
            Door.EDGE,
            "Store a batch whole, or nothing of it; the answer comes once it is durable.",
            answer=Bytes(JSON),
            body=Bytes(OCTETS, BATCH_BYTES_MAX),
            problems=_NOT_TAKEN,
        )
    )
    def batch(asked: Asked) -> Response:
        assert isinstance(asked.caller, Edge)
        _heard(asked, whereabouts, presence)
        ack = taking.batch(asked.caller.id, asked.data)
        watch.batches.inc()
        return Response(ack, content_type=JSON)

    @delivering.answers(
        Operation(
            "start_edge",
            "POST",
            "/start",
            Door.EDGE,
            "An edge began anew: it is given the key of its state, and what is stored of it.",
            answer=Bytes(JSON),
            body=Bytes(OCTETS, START_BYTES_MAX + _START_MORE),
        )
    )
    def start(asked: Asked) -> Response:
        assert isinstance(asked.caller, Edge)
        _heard(asked, whereabouts, presence)
        return Response(taking.start(asked.caller.id, asked.data), content_type=JSON)

    return delivering


def blind_in(header: str | None) -> tuple[str, ...] | None:
    """Return the cameras that an edge says are blind; None where it says nothing of them."""
    if header is None or len(header) > _BLIND_MAX:
        return None
    names = [unquote(one) for one in header.split(",") if one.strip()]
    known = [one for one in names if CAMERA_OR_LANE.fullmatch(one)]
    return tuple(known) if len(known) == len(names) else None


def _heard(asked: Asked, whereabouts: Whereabouts, presence: Presence) -> None:
    assert isinstance(asked.caller, Edge)
    presence.heard(asked.caller.id, blind_in(request.headers.get(BLIND)))
    whereabouts.heard(asked.caller.id, asked.address, request.headers.get(API_PORT))
