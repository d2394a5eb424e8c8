"""Messages that leave the lot: an owner says of what, tries a channel, and sees what failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from gui.carried import carried, check_form, server
from gui.fresh_code import BESIDE_ADMITTING, confirm_admitting
from gui.pages.desk.desk import lot_of
from gui.server_api import Problem
from gui.sides import frame

blueprint = Blueprint("notifications", __name__)

_WITH_PLATES = frozenset({"listed", "overstay"})  # of all others no plate is known
_BESIDE = BESIDE_ADMITTING | {"too_fast"}
NEW: Mapping[str, object] = {
    "id": "new",
    "kind": "listed",
    "channel": "",
    "hours": 24,
    "quiet_minutes": 30,
    "plates": False,
}


@blueprint.get("/more/notifications")
def page() -> Response:
    """Show a lot's rules and how the channels fare."""
    return _page(request.args.get("lot", ""))


@blueprint.post("/more/notifications/<lot>")
def add(lot: str) -> Response:
    """Add a rule."""
    check_form()
    return _kept("POST", lot, "new", f"/lots/{lot}/notifications")


@blueprint.post("/more/notifications/<lot>/<id_>")
def change(lot: str, id_: str) -> Response:
    """Change a rule, or let it go."""
    check_form()
    path = f"/lots/{lot}/notifications/{id_}"
    if request.form.get("does") == "drop":
        server().send("DELETE", path, carried().holder)
        return _back(lot, "dropped")
    return _kept("PUT", lot, id_, path)


@blueprint.post("/more/notifications/<lot>/channels/<channel>")
def test(lot: str, channel: str) -> Response:
    """Send a test at once, and say how that went."""
    check_form()
    to = request.form.get("to", "").strip()[:200] or None
    try:
        asked = {"to": to, "language": carried().words.language}
        said = server().send("POST", f"/notifications/{channel}/test", carried().holder, asked)
    except Problem as problem:
        if problem.code not in _BESIDE:
            raise
        return _page(lot, wrong=channel, problem=problem, status=problem.status)
    return _page(lot, tested=channel, why=said["why"])


def _kept(method: str, lot: str, id_: str, path: str) -> Response:
    try:
        confirm_admitting(request.form.get("code", ""), lot)
        server().send(method, path, carried().holder, _rule())
    except Problem as problem:
        if problem.code not in _BESIDE:
            raise
        return _page(lot, wrong=id_, problem=problem, status=problem.status)
    return _back(lot, "kept")


def _back(lot: str, said: str) -> Response:
    return make_response(redirect(url_for("notifications.page", lot=lot, said=said)))


def _rule() -> dict[str, object]:
    """Return a rule as its form has it; what its kind does not know is left out."""
    given, kind = request.form, request.form.get("kind", "")
    return {
        "kind": kind,
        "channel": given.get("channel", ""),
        "hours": _whole(given.get("hours", "")) if kind == "overstay" else None,
        "quiet_minutes": _whole(given.get("quiet_minutes", "")),
        "plates": "plates" in given and kind in _WITH_PLATES,
        "language": carried().words.language,
    }


def _whole(text: str) -> int | str:
    """Return a number as it was typed; what is none the server refuses by its name."""
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) < 10 else text


def _page(
    asked: str,
    *,
    wrong: str = "",
    problem: Problem | None = None,
    tested: str = "",
    why: object = None,
    status: int = 200,
) -> Response:
    stands, holder = frame("more"), carried().holder
    if not stands.lots:
        return make_response(render_template("pages/desk/no_lot.html", frame=stands))
    lot = lot_of(stands, asked)
    rules: dict[str, Any] = server().get(f"/lots/{lot.id}/notifications", holder)
    channels: dict[str, Any] = server().get("/notifications", holder)
    shown = render_template(
        "pages/notifications/notifications.html",
        frame=stands,
        lot=lot,
        rules=rules["rows"],
        channels=channels["rows"],
        waiting=channels["waiting"],
        fresh=NEW,
        what=_what(),
        typed={**request.form, "plates": "plates" in request.form} if wrong else {},
        wrong=wrong,
        problem=problem,
        tested=tested,
        why=why,
        said=request.args.get("said", ""),
    )
    return make_response(shown, status)


def _what() -> dict[str, str]:
    """Return of what a rule can tell, in the reader's words."""
    _ = carried().words
    return {
        "listed": _("A car on a list comes in"),
        "overstay": _("A car stays for long"),
        "full": _("The lot is full"),
        "blind": _("A camera sees nothing"),
        "silent": _("A gate is silent"),
        "alarm": _("Any other alarm"),
    }
