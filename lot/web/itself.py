"""What every API of ours tells of itself: its document, also as a page, and how it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar, cast

from flask import Flask, Response, g, request

from lot.web import openapi, reading_page
from lot.web.openapi import House
from lot.web.operations import JSON, Bytes, Operation, Room
from lot.web.problems import Problem
from lot.web.shapes import Anything, Truth, fields

A = TypeVar("A")

Answered = Callable[[str, str, int, float], None]  # method, route, status, seconds
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Readiness:
    """What being ready means, and what is not ready yet, in a line; None where all is."""

    means: str
    unready: Callable[[], str | None]


def room(others: Sequence[Room[A]], house: House[A], anybody: A, readiness: Readiness) -> Room[A]:
    """Return the room in which `anybody` reads what all rooms can do, and how the API is."""
    itself: Room[A] = Room("itself", "The interface itself")
    _bind_document(itself, others, house, anybody)
    _bind_health(itself, anybody, readiness)
    return itself


def _bind_document(itself: Room[A], others: Sequence[Room[A]], house: House[A], anybody: A) -> None:
    @itself.answers(
        Operation(
            "read_document",
            "GET",
            "/openapi.json",
            anybody,
            "This document.",
            answer=Anything("OpenAPI 3.1"),
        )
    )
    def document(_: object) -> Response:
        made = openapi.document([itself, *others], house)
        return Response(json.dumps(made), content_type=JSON)

    @itself.answers(
        Operation(
            "read_page",
            "GET",
            "/",
            anybody,
            "This document as a page.",
            answer=Bytes("text/html"),
        )
    )
    def page(_: object) -> Response:
        answer = Response(reading_page.page([itself, *others], house), mimetype="text/html")
        answer.headers["Content-Security-Policy"] = reading_page.CSP
        return answer

    @itself.answers(
        Operation(
            "read_style",
            "GET",
            "/reading.css",
            anybody,
            "How that page looks.",
            answer=Bytes("text/css"),
        )
    )
    def style(_: object) -> Response:
        return Response(reading_page.STYLE, mimetype="text/css")


def _bind_health(itself: Room[A], anybody: A, readiness: Readiness) -> None:
    @itself.answers(
        Operation(
            "health",
            "GET",
            "/health",
            anybody,
            "The process lives.",
            answer=fields(ok=Truth()),
        )
    )
    def health(_: object) -> Mapping[str, object]:
        return {"ok": True}

    @itself.answers(
        Operation(
            "ready",
            "GET",
            "/ready",
            anybody,
            readiness.means,
            answer=fields(ok=Truth()),
            problems=("not_ready",),
        )
    )
    def ready(_: object) -> Mapping[str, object]:
        if what := readiness.unready():
            raise Problem("not_ready", what, retry_s=5)
        return {"ok": True}


def watch(app: Flask, headers: dict[str, str], answered: Answered) -> None:
    """Give every answer its headers, and tell how long it took."""

    @app.before_request
    def begin() -> None:
        g.begun = monotonic()

    @app.after_request
    def end(answer: Response) -> Response:
        for name, value in headers.items():
            answer.headers.setdefault(name, value)
        method = request.method if request.method in _METHODS else "other"
        seconds = monotonic() - cast("float", g.get("begun", monotonic()))
        answered(method, route(), answer.status_code, seconds)
        return answer


def route() -> str:
    """Return the template of the route, never the path: that may hold a plate or a ticket."""
    return str(request.url_rule) if request.url_rule is not None else "-"
