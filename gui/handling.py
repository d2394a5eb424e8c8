"""What goes wrong, as a page a person can act on; and a way back that loses nothing typed."""

from __future__ import annotations

import secrets

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException, NotFound

from gui.carried import carried
from gui.door import door
from gui.server_api import UNCONFIGURED, Away, Problem
from gui.sides import frame_if_any

SIGNED_OUT = frozenset({"unauthenticated", "session_ended"})
LOCKED = frozenset({"locked"})
_NEVER_KEPT = frozenset({"csrf", "secret", "password", "code", "code2"})
_FRAMED = frozenset({"sealed.html", "refused.html"})  # what else fails may fail in the frame too


def handle(app: Flask) -> None:
    """Give each kind of failure its page."""

    @app.errorhandler(Away)
    def away(_: Away) -> Response:
        return _page("away.html", 503, kept=_waiting())

    @app.errorhandler(Problem)
    def problem(error: Problem) -> Response:
        if error.code in SIGNED_OUT:
            return _to_the_door()
        if error.code == UNCONFIGURED:
            return make_response(redirect(url_for("first_run.page")))
        if error.code == "device_unknown":
            return make_response(redirect(url_for("door.device")))
        if error.code in LOCKED:
            return _page("sealed.html", error.status, kept=_waiting())
        return _page("refused.html", error.status, problem=error)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response | HTTPException:
        if error.code is None or error.code < 400:
            return error
        _ = carried().words
        said = error.description
        if said == NotFound.description:
            said = _("Nothing is at this address.")
        return _page("broken.html", error.code, said=said, quote=None)

    @app.errorhandler(Exception)
    def bug(error: Exception) -> Response:
        quote = secrets.token_hex(4)
        app.logger.error("quote=%s", quote, exc_info=error)
        return _page("broken.html", 500, said=None, quote=quote)


def _to_the_door() -> Response:
    """A session that ended in the middle of a form: the form waits behind the door."""
    if request.method == "GET":
        return make_response(redirect(url_for("door.page", to=request.full_path.rstrip("?"))))
    return door.form(to=request.path, kept=_typed(), status=401)


def _waiting() -> list[tuple[str, str]] | None:
    """Return a form that can be sent again from the page that says why it came to nothing."""
    at_the_door = request.blueprint in ("door", "first_run")
    return None if request.method == "GET" or at_the_door else _typed()


def _typed() -> list[tuple[str, str]]:
    """Return what a form brought, but for what is secret: that is typed again."""
    given = request.form.items(multi=True)
    return [(name, value) for name, value in given if name not in _NEVER_KEPT]


def _page(name: str, status: int, **shown: object) -> Response:
    framed = frame_if_any("") if name in _FRAMED else None
    answer = make_response(render_template(f"problems/{name}", frame=framed, **shown), status)
    answer.headers["Content-Language"] = carried().words.language
    return answer
