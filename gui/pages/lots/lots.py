"""What a lot is called, what it holds, and for how many days it keeps events and pictures."""

from __future__ import annotations

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

from gui.carried import carried, check_form, rights, server, settings
from gui.server_api import Problem
from gui.sides import frame
from lot import times
from lot.errors import LotError

blueprint = Blueprint("lots", __name__)
# What a new lot keeps until somebody says otherwise: as the `lot` command gives it.
TEXT_DAYS, PICTURE_DAYS = 90, 30
CAPACITY_MAX = 1_000_000
_WHOLE = {"capacity": ("capacity",), "retention": ("text_days", "picture_days")}


@blueprint.get("/more/lots")
def page() -> Response:
    """List the lots."""
    return _page()


@blueprint.post("/more/lots")
def add() -> Response:
    """Add a lot; nobody is at its gates yet."""
    check_form()
    name, zone = (" ".join(request.form.get(one, "").split()) for one in ("name", "timezone"))
    capacity = _whole(request.form.get("capacity", ""))
    if wrong := _wrong_field(name, zone, capacity):
        return _page(wrong=("", wrong), status=422)
    body = {
        "name": name,
        "timezone": zone,
        "capacity": capacity,
        "text_days": TEXT_DAYS,
        "picture_days": PICTURE_DAYS,
    }
    try:
        made = server().send("POST", "/lots", carried().holder, body)
    except Problem as problem:
        if problem.code != "wrong_field":
            raise
        return _page(wrong=("", "name"), status=problem.status)
    return make_response(redirect(url_for("lots.page", added=made["lot"]) + "#new"))


@blueprint.post("/more/lots/<lot>/<what>")
def change(lot: str, what: str) -> Response:
    """Change what a lot is called, what it holds, or how long it keeps."""
    check_form()
    given = request.form
    if what == "called":
        path, names = f"/lots/{lot}", ("name", "timezone")
        body: dict[str, object] = {name: given.get(name, "").strip() for name in names}
    elif what in _WHOLE:
        path = f"/lots/{lot}/{what}"
        body = {name: _whole(given.get(name, "")) for name in _WHOLE[what]}
    else:
        abort(404)
    try:
        server().send("PUT", path, carried().holder, body)
    except Problem as problem:
        if problem.code != "wrong_field":
            raise
        return _page(wrong=(lot, what), status=problem.status)
    return make_response(redirect(url_for("lots.page", changed=lot)))


def _page(*, wrong: tuple[str, str] = ("", ""), status: int = 200) -> Response:
    mine = rights()
    if not mine & {"manage", "administer"}:
        raise Problem(403, "forbidden", "this role sets nothing up")
    said: dict[str, Any] = server().get("/lots", carried().holder)
    shown = render_template(
        "pages/lots/lots.html",
        frame=frame("more"),
        lots=said["rows"],
        may_administer="administer" in mine,
        changed=request.args.get("changed", ""),
        added=request.args.get("added", ""),
        zone=said["rows"][0]["timezone"] if said["rows"] else str(settings().zone),
        typed=request.form,
        text_days=TEXT_DAYS,
        picture_days=PICTURE_DAYS,
        wrong=wrong,
        wrong_name=_is_zone(request.form.get("timezone", "").strip()),
    )
    return make_response(shown, status)


def _wrong_field(name: str, zone: str, capacity: int | str | None) -> str:
    """Return the field of a new lot that cannot be; what is left the server decides by the name."""
    if not name:
        return "name"
    if not _is_zone(zone):
        return "timezone"
    known = capacity is None or (isinstance(capacity, int) and capacity <= CAPACITY_MAX)
    return "" if known else "capacity"


def _is_zone(name: str) -> bool:
    try:
        times.zone(name)
    except LotError:
        return False
    return True


def _whole(text: str) -> int | str | None:
    """Return a number as it was typed; what is none the server refuses by its name."""
    text = text.strip()
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 10 else text
