"""Tables, film, one person's pack, reports of verify: each download asks why, and for a code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from typing import Any

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

from gui import days, doubtful
from gui.carried import carried, check_form, rights, server, settings
from gui.fresh_code import BESIDE, confirm
from gui.server_api import Problem
from gui.sides import frame

blueprint = Blueprint("export", __name__)

WHAT = ("tables", "film")
_ZIP = "application/zip"
_ID = re.compile("[0-9a-f]{32}")
_THEIRS_MAX = 500


@blueprint.get("/more/export")
def page() -> Response:
    """Show what can be had."""
    return _page()


@blueprint.post("/more/export")
def take() -> Response:
    """Send tables or film of some days, under the code that was typed."""
    check_form()
    given = request.form
    what, lot = given.get("what", ""), given.get("lot", "")
    if what not in WHAT:
        abort(400, "this cannot be exported")
    span = _span(given)
    if span is None:
        return _page(wrong="days", status=422)
    range_ = {"first": span[0], "last": span[1]}
    try:
        confirm("export", {"lot": lot, **range_}, given.get("code", ""))
        return _sent(
            what,
            f"/lots/{lot}/exports/{what}",
            first=span[0],
            last=span[1],
            reason=given.get("reason", "").strip()[:200],
        )
    except Problem as problem:
        if problem.code not in BESIDE:
            raise
        return _page(wrong="range", problem=problem, status=problem.status)


@blueprint.post("/more/export/subject")
def subject() -> Response:
    """Look for what may be of a plate, so that a person says which is."""
    check_form()
    given = request.form
    lot, plate = given.get("lot", ""), given.get("plate", "").strip()
    ground = given.get("ground", "").strip()[:200]
    path, body = f"/lots/{lot}/exports/doubtful", {"plate": plate, "ground": ground}
    try:
        confirm("export", {"lot": lot}, given.get("code", ""))
        said: dict[str, Any] = server().send("POST", path, carried().holder, body)
    except Problem as problem:
        if problem.code not in BESIDE:
            raise
        return _page(wrong="subject", problem=problem, status=problem.status)
    shown = render_template(
        "pages/export/subject.html",
        frame=frame("more"),
        lot=lot,
        plate=plate,
        ground=ground,
        doubtful=doubtful.looked(lot, said["events"]),
        left_out=max(0, len(said["events"]) - doubtful.SHOWN_MAX),
    )
    return make_response(shown)


@blueprint.post("/more/export/pack")
def pack() -> Response:
    """Send the pack, with the doubtful events that were said to be of it."""
    check_form()
    given = request.form
    lot = given.get("lot", "")
    body = {
        "plate": given.get("plate", ""),
        "ground": given.get("ground", ""),
        "theirs": given.getlist("theirs")[:_THEIRS_MAX],
    }
    return _sent("subject", f"/lots/{lot}/exports/subject", body)


@blueprint.post("/more/export/reports")
def verify() -> Response:
    """Begin a walk over everything that is kept."""
    check_form()
    try:
        server().send("POST", "/verify/reports", carried().holder)
    except Problem as problem:
        if problem.code != "already_there":
            raise
    return make_response(redirect(url_for("export.page") + "#reports"))


@blueprint.get("/more/export/reports/<id_>")
def report(id_: str) -> Response:
    """Save a report, byte for byte, so that others can check it."""
    if not _ID.fullmatch(id_):
        abort(404)
    found = server().blob(f"/verify/reports/{id_}", carried().holder)
    answer = Response(found.content, content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="verify-{id_[:8]}.json"'
    return answer


def _page(*, wrong: str = "", problem: Problem | None = None, status: int = 200) -> Response:
    may_export, may_audit = "export" in rights(), "audit" in rights()
    if not (may_export or may_audit):
        raise Problem(403, "forbidden", "this role exports nothing")
    reports: dict[str, Any] = (
        server().get("/verify/reports", carried().holder) if may_audit else {"rows": ()}
    )
    shown = render_template(
        "pages/export/export.html",
        frame=frame("more"),
        may_export=may_export,
        may_audit=may_audit,
        reports=reports["rows"],
        today=carried().clock.now.date(),
        typed=request.form,
        wrong=wrong,
        problem=problem,
    )
    return make_response(shown, status)


def _sent(
    name: str, path: str, body: Mapping[str, object] | None = None, **query: str | int | None
) -> Response:
    """Pass a ZIP through as it is made; what is refused is refused before its first byte."""
    stack = ExitStack()
    pieces = stack.enter_context(server().stream(path, carried().holder, body, **query))
    answer = Response(_passed(stack, pieces), content_type=_ZIP)
    day = carried().clock.now.date().isoformat()
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{day}.zip"'
    answer.call_on_close(stack.close)
    return answer


def _passed(stack: ExitStack, pieces: Iterator[bytes]) -> Iterator[bytes]:
    with stack:
        yield from pieces


def _span(given: Mapping[str, str]) -> tuple[int, int] | None:
    """Return when the days of a form begin and end; None where they are no days in a row."""
    try:
        first = date.fromisoformat(given.get("from", ""))
        last = date.fromisoformat(given.get("to", ""))
        begin, end = days.bounds(first, settings().zone)[0], days.bounds(last, settings().zone)[1]
    except (ValueError, OverflowError):
        return None
    return (begin, end) if 0 <= begin < end else None
