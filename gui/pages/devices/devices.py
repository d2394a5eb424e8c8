"""Browsers: an owner compares the number on the other screen, and lets it in or sends it away."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from gui.carried import carried, check_form, server
from gui.fresh_code import BESIDE_ADMITTING, confirm_admitting
from gui.server_api import Problem
from gui.sides import frame

blueprint = Blueprint("devices", __name__)
_BESIDE = BESIDE_ADMITTING | {"not_found"}


@blueprint.get("/more/devices")
def page() -> Response:
    """List who waits, and who was let in."""
    return _page()


@blueprint.post("/more/devices/requests/<id_>")
def approve(id_: str) -> Response:
    """Approve the browser that shows this number."""
    check_form()
    number = "".join(request.form.get("number", "").split())
    body = {"number": number, "is_desk": "is_desk" in request.form}
    try:
        confirm_admitting(request.form.get("code", ""))
        server().send("POST", f"/devices/requests/{id_}", carried().holder, body)
    except Problem as problem:
        if problem.code not in _BESIDE:
            raise
        return _page(wrong=id_, problem=problem, status=problem.status)
    return make_response(redirect(url_for("devices.page")))


@blueprint.post("/more/devices/requests/<id_>/refuse")
def refuse(id_: str) -> Response:
    """Send a browser away that waits."""
    check_form()
    server().send("DELETE", f"/devices/requests/{id_}", carried().holder)
    return make_response(redirect(url_for("devices.page")))


@blueprint.post("/more/devices/<id_>/close")
def close(id_: str) -> Response:
    """Close a browser; whoever is signed in there is signed in no more."""
    check_form()
    server().send("DELETE", f"/devices/{id_}", carried().holder)
    return make_response(redirect(url_for("devices.page")))


def _page(
    *, wrong: str | None = None, problem: Problem | None = None, status: int = 200
) -> Response:
    holder = carried().holder
    waiting: dict[str, Any] = server().get("/devices/requests", holder)
    known: dict[str, Any] = server().get("/devices", holder)
    shown = render_template(
        "pages/devices/devices.html",
        frame=frame("more"),
        waiting=waiting["rows"],
        known=known["rows"],
        own=(holder.device or "").partition(".")[0],
        wrong=wrong,
        problem=problem,
        typed=request.form,
    )
    return make_response(shown, status)
