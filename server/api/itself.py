"""The API tells of itself: its document, whether it lives, whether it is ready, its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Response

from lot.web import itself as usual
from lot.web.itself import Readiness
from server.api import openapi
from server.api.app import Asked
from server.api.operations import Access, Bytes, Door, Operation, Room
from server.api.watching import METRICS_TYPE, Watch

_READY = "Database, keyholder and folders answer, so that edges may deliver."


def room(others: Sequence[Room], watch: Watch, unready: Callable[[], str | None]) -> Room:
    """Return the room; `unready` says in a line what is not ready yet, None where all is."""
    anybody: Access = Door.ANYBODY
    itself = usual.room(others, openapi.HOUSE, anybody, Readiness(_READY, unready))

    @itself.answers(
        Operation(
            "metrics",
            "GET",
            "/metrics",
            Door.THIS_MACHINE,
            "Figures for Prometheus.",
            answer=Bytes("text/plain"),
            is_presence=False,
        )
    )
    def metrics(_: Asked) -> Response:
        return Response(watch.text(), content_type=METRICS_TYPE)

    return itself
