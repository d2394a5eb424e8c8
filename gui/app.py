"""The page's Flask app: what every answer bears, and the rooms it is made of."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from typing import IO

import jinja2
from flask import Flask, Request, Response, request, send_from_directory

from gui import door, handling, live, spoken
from gui.alike import Alike
from gui.carried import FORM, carried, keep
from gui.pages import PAGES
from gui.pages.now import now
from gui.server_api import Server
from gui.settings import GuiSettings

_HERE = Path(__file__).parent
LOOK = _HERE / "look"
_YEAR_S = 31_536_000
FORM_BYTES_MAX = 12 * 1024 * 1024  # a phone's photo of a plate is the largest that is sent

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "media-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
    "Strict-Transport-Security": "max-age=2592000",
}


class _InMemory(Request):
    """A request whose files are laid on no disk: werkzeug spools them to /tmp from 500 kB on."""

    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        return io.BytesIO()


def create(settings: GuiSettings, server: Server) -> Flask:
    """Return the page, knowing its server by `server` alone."""
    app = Flask("gui", static_folder=None, template_folder=None)
    app.request_class = _InMemory
    app.config["MAX_CONTENT_LENGTH"] = FORM_BYTES_MAX
    app.config["MAX_FORM_MEMORY_SIZE"] = FORM_BYTES_MAX  # nothing that is sent is laid on a disk
    app.jinja_loader = jinja2.FileSystemLoader(_HERE)
    app.jinja_options = {
        "undefined": jinja2.StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    app.extensions["lotkeeper"] = (settings, server)
    app.extensions["live"] = live.Fan()
    app.extensions["alike"] = Alike[now.Shown]()
    app.jinja_env.globals.update(look=look)
    app.context_processor(spoken.context)

    @app.get("/look/<version>/<name>")
    def looks(version: str, name: str) -> Response:
        """Files that never change under their address; an old address gets the new file once."""
        answer = send_from_directory(LOOK, name)
        newest = name in _names() and version == _version(name)
        answer.headers["Cache-Control"] = (
            f"public, max-age={_YEAR_S}, immutable" if newest else "no-cache"
        )
        return answer

    @app.before_request
    def begin() -> None:
        carried().begun = datetime.now(timezone.utc)

    @app.after_request
    def end(answer: Response) -> Response:
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        if carried().form_is_new:
            keep(answer, FORM, carried().form)
        if request.endpoint != "looks":
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    app.register_blueprint(door.blueprint)
    for page in PAGES:
        app.register_blueprint(page)
    handling.handle(app)
    return app


def look(name: str) -> str:
    """Return the address of a stylesheet, script or font; it changes with the file."""
    return f"/look/{_version(name)}/{name}"


@cache
def _names() -> frozenset[str]:
    return frozenset(one.name for one in LOOK.iterdir())


@cache
def _version(name: str) -> str:
    return hashlib.sha256((LOOK / name).read_bytes()).hexdigest()[:12]
