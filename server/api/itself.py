"""The API tells of itself: its document, whether it lives, whether it is ready, its figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from flask import Response

from server.api import openapi, reading_page
from server.api.app import Asked
from server.api.operations import JSON, Bytes, Door, Operation, Room
from server.api.problems import Problem
from server.api.shapes import Anything, Truth, fields
from server.api.watching import METRICS_TYPE, Watch


def room(others: Sequence[Room], watch: Watch, unready: Callable[[], str | None]) -> Room:
    """Return the room; `unready` says in a line what is not ready yet, None where all is."""
    itself = Room("itself", "The interface itself")

    @itself.answers(
        Operation(
            "read_document",
            "GET",
            "/openapi.json",
            Door.ANYBODY,
            "This document.",
            answer=Anything("OpenAPI 3.1"),
        )
    )
    def document(_: Asked) -> Response:
        return Response(json.dumps(openapi.document([itself, *others])), content_type=JSON)

    @itself.answers(
        Operation(
            "read_page",
            "GET",
            "/",
            Door.ANYBODY,
            "This document as a page.",
            answer=Bytes("text/html"),
        )
    )
    def page(_: Asked) -> Response:
        answer = Response(reading_page.page([itself, *others]), mimetype="text/html")
        answer.headers["Content-Security-Policy"] = reading_page.CSP
        return answer

    @itself.answers(
        Operation(
            "read_style",
            "GET",
            "/reading.css",
            Door.ANYBODY,
            "How that page looks.",
            answer=Bytes("text/css"),
        )
    )
    def style(_: Asked) -> Response:
        return Response(reading_page.STYLE, mimetype="text/css")

    @itself.answers(
        Operation(
            "health",
            "GET",
            "/health",
            Door.ANYBODY,
            "The process lives.",
            answer=fields(ok=Truth()),
        )
    )
    def health(_: Asked) -> Mapping[str, object]:
        return {"ok": True}

    @itself.answers(
        Operation(
            "ready",
            "GET",
            "/ready",
            Door.ANYBODY,
            "Database, keyholder and folders answer, so that edges may deliver.",
            answer=fields(ok=Truth()),
            problems=("not_ready",),
        )
    )
    def ready(_: Asked) -> Mapping[str, object]:
        if what := unready():
            raise Problem("not_ready", what, retry_s=5)
        return {"ok": True}

    @itself.answers(
        Operation(
            "metrics",
            "GET",
            "/metrics",
            Door.THIS_MACHINE,
            "Figures for Prometheus.",
            answer=Bytes("text/plain"),
        )
    )
    def metrics(_: Asked) -> Response:
        return Response(watch.text(), content_type=METRICS_TYPE)

    return itself
