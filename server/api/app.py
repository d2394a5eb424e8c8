"""The Flask app: what every request passes and every answer bears, and the rooms it is made of."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import Blueprint, Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from lot.errors import LotError
from lot.web import problems
from lot.web.itself import route, watch
from lot.web.problems import Problem
from lot.web.shapes import Given, queried
from server.access.refusing import Refusal
from server.api import bodies
from server.api.callers import Caller, Callers, Edge, Person, caller_of, check_right, is_here
from server.api.operations import JSON, Bound, Operation, Room
from server.api.watching import Watch

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=2592000",
    "X-Content-Type-Options": "nosniff",
}

_log = logging.getLogger("lotkeeper.api")
# Who meets these had not the right, the secret or the patience: an owner shall see that.
REFUSED = frozenset(
    {
        *("unauthenticated", "session_ended", "wrong_credentials", "device_unknown"),
        *("forbidden", "code_needed", "reason_needed", "console_needed", "setup_code_wrong"),
        *("camera_unknown", "edge_revoked", "locked", "too_many_tries", "too_fast"),
    }
)
_TOLD_BY_ITSELF = frozenset({"sign_in"})  # the door knows whom somebody tried to be


class Tries(Protocol):
    """Counts tries where a restart does not forget them."""

    def wait_s(self, door: str, who: str, *, most: int, seconds: int) -> int:
        """Count one, and return how long to wait; 0 where it may go on."""


class Noting(Protocol):
    """Writes refusals down."""

    def note(self, one: Refusal) -> None:
        """Write one down, or count it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What every request needs."""

    callers: Callers
    tries: Tries
    watch: Watch
    problem_of: Callable[[LotError], Problem]
    refusals: Noting


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as a view sees it: checked, and let in."""

    caller: Caller
    address: str
    path: Given
    query: Given
    body: Given
    data: bytes

    @property
    def person(self) -> Person:
        assert isinstance(self.caller, Person)  # its operation's access says so
        return self.caller


def create(frame: Frame, rooms: Sequence[Room]) -> Flask:
    """Return the app of these rooms."""
    app = Flask("server", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.strict_slashes = True
    taking = bodies.Room()
    for room in rooms:
        blueprint = Blueprint(room.name, __name__)
        for bound in room.bound:
            blueprint.add_url_rule(
                bound.operation.rule,
                endpoint=bound.operation.name,
                view_func=_view(bound, frame, taking),
                methods=[bound.operation.method],
            )
        app.register_blueprint(blueprint)
    _handle(app, frame)
    watch(app, HEADERS, frame.watch.answered)
    return app


def _view(bound: Bound, frame: Frame, taking: bodies.Room) -> Callable[..., Response]:
    operation = bound.operation

    def view(**parts: str) -> Response:
        bodies.check_headers(operation, request)
        address = _address()
        caller = caller_of(operation, dict(request.headers), address, frame.callers)
        g.caller = caller
        check_right(operation, caller)
        _check_pace(operation, caller, address, frame.tries)
        path = g.path = _path(operation, parts)
        query = Given({}) if not request.args else _query(operation)
        with taking.taken(caller, address):
            body = bodies.read(operation, request)
        asked = Asked(
            caller=caller,
            address=address,
            path=path,
            query=query,
            body=body if isinstance(body, Given) else Given({}),
            data=body if isinstance(body, bytes) else b"",
        )
        g.is_told = operation.name in _TOLD_BY_ITSELF
        return _response(operation, bound.view(asked))

    return view


def _path(operation: Operation, parts: Mapping[str, str]) -> Given:
    found: dict[str, object] = {}
    for name, text in parts.items():
        shape = operation.path_shapes[name]
        try:
            found[name] = shape.read(shape.typed(text, name), name)
        except Problem:
            raise Problem("not_found", f"{name} is no name of one here") from None
    return Given(found)


def _query(operation: Operation) -> Given:
    given = {name: request.args.getlist(name) for name in request.args}
    return queried(operation.query, given)


def _response(operation: Operation, made: Mapping[str, object] | Response | None) -> Response:
    if isinstance(made, Response):
        return made
    if made is None:
        return Response(status=204)
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"), default=bytes.hex)
    return Response(text, status=operation.status, content_type=JSON)


def _check_pace(operation: Operation, caller: Caller, address: str, tries: Tries) -> None:
    if operation.pace is None:
        return
    who = caller.account.hex() if isinstance(caller, Person) else address
    pace = operation.pace
    if wait := tries.wait_s(operation.name, who, most=pace.most, seconds=pace.seconds):
        raise Problem("too_fast", f"wait {wait} seconds", retry_s=wait)


def _address() -> str:
    """Return who is at the other end; only our own page, on this machine, may speak for another."""
    peer = request.remote_addr or "-"  # a socket of this machine has none
    if is_here(peer) and (forwarded := request.headers.get("X-Forwarded-For")):
        return forwarded.rpartition(",")[2].strip()[:64] or peer
    return peer


def _handle(app: Flask, frame: Frame) -> None:
    @app.errorhandler(LotError)
    def ours(error: LotError) -> Response:
        problem = error if isinstance(error, Problem) else frame.problem_of(error)
        if not g.get("is_told"):
            note_refused(problem, frame.refusals)
        return problems.answered(problem)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if isinstance(error, NotFound):
            return problems.answered(Problem("not_found", "no such address"))
        if isinstance(error, MethodNotAllowed):
            answer = problems.answered(Problem("wrong_method", "not with this method"))
            answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
            return answer
        code = {413: "too_large", 411: "length_required"}.get(error.code or 0, "malformed")
        return problems.answered(Problem(code, "the request cannot be read"))

    @app.errorhandler(Exception)
    def bug(error: Exception) -> Response:
        _log.error("error=bug route=%s", route(), exc_info=error)
        return problems.answered(Problem("internal", "it was written to the server's log"))


def note_refused(problem: Problem, refusals: Noting) -> None:
    """Write down that somebody was refused just now; what is no refusal of a person is not."""
    if problem.code in REFUSED:
        refusals.note(_refusal(problem.code))


def _refusal(code: str) -> Refusal:
    """Return what is refused just now: the lot is named to who may know of it."""
    caller: Caller | None = g.get("caller")
    path: Given | None = g.get("path")
    lot = None if path is None or "lot" not in path else path.octets("lot")
    if not isinstance(caller, Person) or (lot is not None and not caller.sees(lot)):
        lot = None
    actor = None
    if isinstance(caller, Person):
        actor = caller.account
    elif isinstance(caller, Edge):
        actor = caller.id
    what = str(request.endpoint).rpartition(".")[2]
    return Refusal("refused", what, code, _address(), actor, lot)
