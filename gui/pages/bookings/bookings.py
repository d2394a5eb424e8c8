"""Who is expected: listed, added, changed, cancelled, taken over from a table."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
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

from gui.carried import carried, check_form, server, settings
from gui.pages.bookings import reading
from gui.pages.bookings.reading import Fault, Row
from gui.pages.desk import values
from gui.pages.desk.desk import lot_of
from gui.pages.desk.values import Booking
from gui.server_api import Problem
from gui.sides import Lot, frame

blueprint = Blueprint("bookings", __name__)

FIELDS = ("name", "plate", "begins", "ends", "phone", "mail", "bay", "note")
_AT_ONCE = 100  # what the API takes in one call
_SHOWS = ("shift", "all")


@blueprint.get("/bookings")
def page() -> Response:
    """List them."""
    return _page(request.args.get("lot", ""))


@blueprint.post("/bookings")
def add() -> Response:
    """Add one; the same form sent twice adds it once."""
    check_form()
    lot = request.form.get("lot", "")
    row = _row()
    if isinstance(row, str):
        return _page(lot, typed=request.form, wrong=row, status=400)
    _send(lot, request.form.get("once", ""), [row])
    return make_response(redirect(url_for("bookings.page", lot=lot, said="added")))


@blueprint.post("/bookings/table")
def take_over() -> Response:
    """Take bookings over from a table: all of it, or nothing and what is wrong."""
    check_form()
    lot, text = request.form.get("lot", ""), request.form.get("table", "")
    file = request.files.get("file")
    if file is not None and file.filename:
        text = _text(file.stream.read(reading.BYTES_MAX + 1))
    found = reading.table(text, carried().clock.now.date(), settings().zone, carried().words)
    if found.faults:
        return _page(lot, table=text, faults=found.faults, status=400)
    _send(lot, request.form.get("once", ""), found.rows)
    said = url_for("bookings.page", lot=lot, said="added", number=len(found.rows))
    return make_response(redirect(said))


@blueprint.get("/bookings/<lot>/<id_>")
def one(lot: str, id_: str) -> Response:
    """Show one to be changed."""
    return _one(lot, id_)


@blueprint.post("/bookings/<lot>/<id_>")
def change(lot: str, id_: str) -> Response:
    """Change one, or cancel it; who was not the first is told."""
    check_form()
    version, row = request.form.get("version", ""), _row()
    if isinstance(row, str):
        return _one(lot, id_, typed=request.form, wrong=row, status=400)
    state = "cancelled" if request.form.get("does") == "cancel" else "expected"
    body = {
        "version": int(version) if version.isdecimal() else 0,
        "content": {**row, "state": state, "event": request.form.get("event") or None},
    }
    try:
        server().send("PUT", f"/lots/{lot}/bookings/{id_}", carried().holder, body)
    except Problem as problem:
        if problem.code != "conflict":
            raise
        _ = carried().words
        wrong = _(
            "Somebody else changed this booking meanwhile. What you typed is still here; save "
            "again to keep yours."
        )
        return _one(lot, id_, typed=request.form, wrong=wrong, status=problem.status)
    return make_response(redirect(url_for("bookings.page", lot=lot, said="changed")))


def _row() -> Row | str:
    given = {name: request.form.get(name, "") for name in FIELDS}
    return reading.row(given, carried().clock.now.date(), settings().zone, carried().words)


def _send(lot: str, once: str, rows: Sequence[Row]) -> None:
    """Add rows; a part that was sent already is not added again."""
    for number, at in enumerate(range(0, len(rows), _AT_ONCE)):
        body = {"once": _once(once, number), "rows": list(rows[at : at + _AT_ONCE])}
        server().send("POST", f"/lots/{lot}/bookings/many", carried().holder, body)


def _once(once: str, number: int) -> str:
    """Return what names a part of a form, so that each part is added once."""
    try:
        return f"{(int(once, 16) + number) % (1 << 128):032x}"
    except ValueError:
        return secrets.token_hex(16)


def _text(data: bytes) -> str:
    """Spreadsheets write UTF-8, or what Windows wrote before."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _page(
    asked: str,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: str = "",
    table: str = "",
    faults: Sequence[Fault] = (),
    status: int = 200,
) -> Response:
    stands = frame("desk")
    if not stands.lots:
        return make_response(render_template("pages/desk/no_lot.html", frame=stands))
    lot = lot_of(stands, asked)
    shows = "all" if request.args.get("shows") == "all" else "shift"
    shown = render_template(
        "pages/bookings/bookings.html",
        frame=stands,
        lot=lot,
        rows=_listed(lot, shows),
        shows=shows,
        typed=typed or {},
        wrong=wrong,
        table=table,
        faults=faults[:20],
        more_faults=max(0, len(faults) - 20),
        once=request.form.get("once") or secrets.token_hex(16),
        said=request.args.get("said", ""),
        number=request.args.get("number", 1, type=int),
    )
    return make_response(shown, status)


def _listed(lot: Lot, shows: str) -> list[Booking]:
    path = f"/lots/{lot.id}/desk" if shows == "shift" else f"/lots/{lot.id}/expected"
    said: dict[str, Any] = server().get(path, carried().holder)
    return [values.booking(one) for one in said["bookings" if shows == "shift" else "rows"]]


def _one(
    lot: str,
    id_: str,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: str = "",
    status: int = 200,
) -> Response:
    said: dict[str, Any] = server().get(f"/lots/{lot}/bookings/{id_}", carried().holder)
    clock = carried().clock
    plain = {name: str(said["content"][name] or "") for name in (*FIELDS, "event")}
    for name in ("begins", "ends"):
        plain[name] = f"{clock.local(said['content'][name]):%Y-%m-%dT%H:%M}"
    shown = render_template(
        "pages/bookings/one.html",
        frame=frame("desk"),
        lot=lot,
        id=id_,
        version=said["version"],
        state=said["content"]["state"],
        typed=plain if typed is None else typed,
        now=plain,
        wrong=wrong,
    )
    return make_response(shown, status)
