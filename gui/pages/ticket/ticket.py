"""A ticket: its link opens without signing in, and is what is printed."""

from __future__ import annotations

import re
from dataclasses import dataclass

import segno
from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from gui.carried import carried, check_form, rights, server, settings
from gui.pages.ticket import slip
from gui.printer import Unprinted, print_out
from gui.server_api import Away, Holder, Problem
from gui.values import Said

blueprint = Blueprint("ticket", __name__)

_TOKEN = re.compile("[A-Za-z0-9_-]{22}")
PAPERS = ("80", "58", "a6")
PAPER = "lot-paper"
_YEAR_S = 31_536_000


@dataclass(frozen=True, slots=True)
class Face:
    """What a ticket shows."""

    lot: str
    number: str
    bay: str | None
    came: int
    called: int | None
    handed: int | None
    tail: str | None

    @property
    def spelt(self) -> str:
        return f"{self.number[:3]} {self.number[3:]}"


@blueprint.get("/t/<token>")
def page(token: str) -> Response:
    """Show the ticket to whoever holds it."""
    return _page(token)


@blueprint.post("/t/<token>")
def print_ticket(token: str) -> Response:
    """Print it on the desk's printer."""
    check_form()
    if not _is_desk():
        abort(403, "only the desk prints tickets")
    printer = settings().printer
    if printer is None:
        abort(404)
    link = url_for("ticket.page", token=token, _external=True)
    try:
        print_out(printer, slip.bytes_of(_face(token), link, carried().words, carried().clock))
    except Unprinted as why:
        return _page(token, printed=str(why), status=503)
    return make_response(redirect(url_for("ticket.page", token=token, printed=1)))


def _page(token: str, *, printed: str = "", status: int = 200) -> Response:
    face = _face(token)
    chosen = request.args.get("paper") or request.cookies.get(PAPER, "")
    paper = chosen if chosen in PAPERS else PAPERS[0]
    link = url_for("ticket.page", token=token, _external=True)
    shown = render_template(
        "pages/ticket/ticket.html",
        frame=None,
        face=face,
        token=token,
        paper=paper,
        qr=segno.make(link, error="m", micro=False).svg_inline(
            border=2, omitsize=True, svgclass="qr", lineclass=None
        ),
        is_desk=_is_desk(),
        has_printer=settings().printer is not None,
        wrong=printed,
        printed="printed" in request.args,
    )
    answer = make_response(shown, status)
    if request.args.get("paper") in PAPERS:
        answer.set_cookie(
            PAPER, paper, max_age=_YEAR_S, secure=True, httponly=True, samesite="Strict"
        )
    return answer


def _face(token: str) -> Face:
    _ = carried().words
    over = _("There is no such ticket, or its day is over. Ask at the desk.")
    if not _TOKEN.fullmatch(token):
        abort(404, over)
    try:
        said: Said = server().get(f"/tickets/{token}", Holder())
    except Problem as problem:
        if problem.code != "not_found":
            raise
        abort(404, over)
    names = ("lot", "number", "bay", "came", "called", "handed", "tail")
    return Face(**{name: said[name] for name in names})


def _is_desk() -> bool:
    """Say whether whoever looks is signed in at the desk; a guest is not."""
    if carried().holder.session is None:
        return False
    try:
        return "correct" in rights()
    except (Away, Problem):
        return False
