"""Known plates: who they are, on which list, from when to when; the desk is told of a hit."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from gui import days
from gui.carried import carried, check_form, rights, server, settings
from gui.pages.desk import values
from gui.pages.desk.desk import lot_of
from gui.pages.desk.values import Known
from gui.server_api import Problem
from gui.sides import Lot, frame

blueprint = Blueprint("lists", __name__)

FIELDS = ("list", "plate", "holder", "begins", "ends", "note")
_PAGES_MAX = 25  # of 200 rows each


@blueprint.get("/more/lists")
def page() -> Response:
    """Show the lists."""
    return _page(request.args.get("lot", ""))


@blueprint.post("/more/lists")
def add() -> Response:
    """Put a plate on a list; the same form sent twice does it once."""
    check_form()
    lot = request.form.get("lot", "")
    body = {"once": request.form.get("once", ""), "rows": [_content()]}
    try:
        server().send("POST", f"/lots/{lot}/known/many", carried().holder, body)
    except Problem as problem:
        if problem.code != "wrong_field":
            raise
        return _page(lot, typed=request.form, wrong=_wrong(problem), status=problem.status)
    return make_response(redirect(url_for("lists.page", lot=lot, said="added")))


@blueprint.get("/more/lists/<lot>/<id_>")
def one(lot: str, id_: str) -> Response:
    """Show a plate's row to be changed."""
    return _one(lot, id_)


@blueprint.post("/more/lists/<lot>/<id_>")
def change(lot: str, id_: str) -> Response:
    """Change a row, or take the plate off its list."""
    check_form()
    given = request.form.get("version", "")
    version, path = int(given) if given.isdecimal() else 0, f"/lots/{lot}/known/{id_}"
    try:
        if request.form.get("does") == "drop":
            server().send("DELETE", path, carried().holder, {"version": version})
        else:
            body = {"version": version, "content": _content()}
            server().send("PUT", path, carried().holder, body)
    except Problem as problem:
        if problem.code not in ("wrong_field", "conflict"):
            raise
        wrong = _wrong(problem)
        return _one(lot, id_, typed=request.form, wrong=wrong, status=problem.status)
    return make_response(redirect(url_for("lists.page", lot=lot, said="changed")))


def _content() -> dict[str, object]:
    """Return a row as its form has it; days are the lot's own, the last one is within."""
    given = request.form
    return {
        "list": given.get("list", "").strip()[:64],
        "plate": given.get("plate", "").strip(),
        "holder": given.get("holder", "").strip()[:200] or None,
        "begins": _day(given.get("begins", ""), end=0),
        "ends": _day(given.get("ends", ""), end=1),
        "alarm": "alarm" in given,
        "note": given.get("note", "").replace("\r\n", "\n").strip()[:2000] or None,
    }


def _day(text: str, *, end: int) -> int | None:
    try:
        return days.bounds(date.fromisoformat(text), settings().zone)[end]
    except (ValueError, OverflowError):
        return None


def _wrong(problem: Problem) -> str:
    _ = carried().words
    if problem.code == "conflict":
        return _("Somebody else changed it meanwhile. What you typed is still here; save again.")
    if "ends" in problem.detail:
        return _("The last day must not lie before the first.")
    return _("A plate has 1 to 16 letters and digits.")


def _page(
    asked: str, *, typed: Mapping[str, str] | None = None, wrong: str = "", status: int = 200
) -> Response:
    stands = frame("more")
    if not stands.lots:
        return make_response(render_template("pages/desk/no_lot.html", frame=stands))
    lot, reason = lot_of(stands, asked), request.args.get("reason", "")[:200]
    try:
        rows = _rows(lot, reason)
    except Problem as problem:
        if problem.code != "reason_needed":
            raise
        rows = None
    shown = render_template(
        "pages/lists/lists.html",
        frame=stands,
        lot=lot,
        rows=rows,
        today=carried().clock.now,
        may_manage="manage" in rights(),
        typed=typed or {},
        wrong=wrong,
        once=request.form.get("once") or secrets.token_hex(16),
        said=request.args.get("said", ""),
    )
    return make_response(shown, status)


def _rows(lot: Lot, reason: str) -> list[Known]:
    found: list[Known] = []
    after: str | None = None
    for _number in range(_PAGES_MAX):
        said: dict[str, Any] = server().get(
            f"/lots/{lot.id}/known", carried().holder, after=after, reason=reason
        )
        found += [values.known(one) for one in said["rows"] if one["content"] is not None]
        after = said["after"]
        if after is None:
            break
    return sorted(found, key=lambda one: (one.list, one.plate))


def _one(
    lot: str,
    id_: str,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: str = "",
    status: int = 200,
) -> Response:
    row = values.known(server().get(f"/lots/{lot}/known/{id_}", carried().holder))
    clock = carried().clock
    plain = {name: str(getattr(row, name) or "") for name in FIELDS}
    if row.begins is not None:
        plain["begins"] = f"{clock.local(row.begins):%Y-%m-%d}"
    if row.ends is not None:
        plain["ends"] = f"{clock.local(row.ends - 1):%Y-%m-%d}"
    plain |= {"alarm": "on"} if row.alarm else {}
    shown = render_template(
        "pages/lists/one.html",
        frame=frame("more"),
        lot=lot,
        row=row,
        typed=plain if typed is None else typed,
        wrong=wrong,
    )
    return make_response(shown, status)
