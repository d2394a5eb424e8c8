"""The Flask app: what every request passes and every answer bears, and the rooms it is made of."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from threading import BoundedSemaphore
from typing import IO

from flask import Blueprint, Flask, Request, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from edge.api.access import By, Door, Doorkeeper
from edge.api.figures import Figures
from lot.errors import LotError, NoSpace, Unwritable
from lot.web import operations, problems
from lot.web.itself import route, watch
from lot.web.operations import JSON, Bytes, Form
from lot.web.problems import Problem
from lot.web.shapes import Given, queried

Operation = operations.Operation[Door]
Bound = operations.Bound[Door]
Room = operations.Room[Door]

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_BODIES_MAX = 8  # at once, each up to the largest picture as base64
_PARTS_MAX = 100
_log = logging.getLogger("lotkeeper.api")

Spoken = Callable[[Problem], Response]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as a view sees it: checked, and let in."""

    by: By
    path: Given
    query: Given
    data: bytes = field(default=b"", repr=False)
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def text(self, name: str) -> str | None:
        """Return the text of a form's field, None where it was left out."""
        return next(iter(self.texts.get(name, ())), None)


class InMemory(Request):
    """A request whose files never touch the card: Werkzeug spools them to /tmp from 500 kB on."""

    max_form_parts = _PARTS_MAX

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


def create(
    rooms: Sequence[Room],
    doorkeeper: Doorkeeper,
    figures: Figures,
    spoken: Mapping[str, Spoken],
) -> Flask:
    """Return the app; `spoken` says by operation how a refusal is told in another's form."""
    app = Flask("edge", static_folder=None)
    app.request_class = InMemory
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    taking = BoundedSemaphore(_BODIES_MAX)
    for room in rooms:
        blueprint = Blueprint(room.name, __name__)
        for bound in room.bound:
            view = _view(bound, doorkeeper, taking)
            one = bound.operation
            # A client that leaves the last slash out, or adds one, means the same.
            for rule in {one.rule.rstrip("/") or "/", one.rule.rstrip("/") + "/"}:
                blueprint.add_url_rule(
                    rule, endpoint=one.name, view_func=view, methods=[one.method]
                )
        app.register_blueprint(blueprint)
    _handle(app, spoken)
    watch(app, HEADERS, figures.answered)
    return app


def _view(
    bound: Bound, doorkeeper: Doorkeeper, taking: BoundedSemaphore
) -> Callable[..., Response]:
    operation = bound.operation

    def view(**parts: str) -> Response:
        _check_headers(operation)
        address = request.remote_addr or "-"
        by = doorkeeper.let_in(operation.access, dict(request.headers), address)
        path = Given(
            {name: operation.path_shapes[name].read(text, name) for name, text in parts.items()}
        )
        query = queried(
            operation.query, {name: request.args.getlist(name) for name in request.args}
        )
        asked = Asked(by, path, query)
        if operation.body is not None:
            if not taking.acquire(timeout=1.0):
                raise Problem("busy", "too many bodies are being read", retry_s=1)
            try:
                asked = _with_body(operation, asked)
            finally:
                taking.release()
        return _response(operation, bound.view(asked))

    return view


def _check_headers(operation: Operation) -> None:
    """Refuse a body by what its headers say."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem("wrong_media", "bodies are taken unpacked: leave Content-Encoding out")
    length = request.content_length
    if length is None and "Transfer-Encoding" in request.headers:
        raise Problem("length_required", "send Content-Length instead of chunks")
    if (length or 0) > operation.bytes_max:
        raise Problem("too_large", f"at most {operation.bytes_max >> 20} MB are taken here")
    if isinstance(operation.body, Form) and request.mimetype not in (
        operation.body.media_type,
        "application/x-www-form-urlencoded",
    ):
        raise Problem("wrong_media", f"send the body as {operation.body.media_type}")


def _with_body(operation: Operation, asked: Asked) -> Asked:
    most = operation.bytes_max
    request.max_content_length = request.max_form_memory_size = most
    if isinstance(operation.body, Bytes):
        data = request.get_data(cache=False)
        if len(data) != (request.content_length or 0):
            raise Problem("malformed", "the body ended before its length")
        return replace(asked, data=data)
    texts = {name: request.form.getlist(name) for name in request.form}
    files = {name: one.stream.read() for name, one in request.files.items()}
    return replace(asked, texts=texts, files=files)


def _response(operation: Operation, made: object) -> Response:
    if isinstance(made, Response):
        return made
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status=operation.status, content_type=JSON)


def _handle(app: Flask, spoken: Mapping[str, Spoken]) -> None:
    def said(problem: Problem) -> Response:
        operation = (request.endpoint or "").rpartition(".")[2]
        answer = spoken.get(operation, problems.answered)(problem)
        if problem.kind.status == 401:  # a browser then asks for the token, as a password
            answer.headers["WWW-Authenticate"] = 'Basic realm="lotkeeper"'
        return answer

    @app.errorhandler(LotError)
    def ours(error: LotError) -> Response:
        if isinstance(error, Problem):
            return said(error)
        code = "storage_full" if isinstance(error, NoSpace | Unwritable) else "internal"
        _log.error('error=%s why="%s"', code, error)
        return said(Problem(code, error.what))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if isinstance(error, NotFound):
            return said(Problem("not_found", "no such address"))
        if isinstance(error, MethodNotAllowed):
            answer = said(Problem("wrong_method", "not with this method"))
            answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
            return answer
        code = {413: "too_large", 411: "length_required"}.get(error.code or 0, "malformed")
        return said(Problem(code, "the request cannot be read"))

    @app.errorhandler(Exception)
    def bug(error: Exception) -> Response:
        _log.error("error=bug route=%s", route(), exc_info=error)
        return said(Problem("internal", "it was written to the log"))
