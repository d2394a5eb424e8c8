"""Accounts: an owner adds one, gives it lots and a new password, and closes it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from gui.carried import carried, check_form, server
from gui.fresh_code import BESIDE_ADMITTING, confirm_admitting
from gui.server_api import Problem
from gui.sides import frame

blueprint = Blueprint("users", __name__)

ROLES = ("manager", "attendant", "auditor", "viewer")  # owners are added at the console
_BESIDE = BESIDE_ADMITTING | {"already_there", "forbidden"}


@blueprint.get("/more/users")
def page() -> Response:
    """List every account."""
    return _page()


@blueprint.post("/more/users")
def add() -> Response:
    """Add somebody; what their authenticator needs is shown this once."""
    check_form()
    given = request.form
    body = {
        "name": given.get("name", "").strip(),
        "role": given.get("role", ""),
        "lots": given.getlist("lots"),
        "password": given.get("password", ""),
    }
    try:
        confirm_admitting(given.get("code", ""))
        said: dict[str, Any] = server().send("POST", "/users", carried().holder, body)
    except Problem as problem:
        if problem.code not in _BESIDE:
            raise
        return _page(wrong="new", problem=problem, status=problem.status)
    return _page(added=said, status=201)


@blueprint.post("/more/users/<id_>")
def change(id_: str) -> Response:
    """Give an account other lots or a new password, close it or open it again."""
    check_form()
    given = request.form
    body: dict[str, object] = {
        "version": int(given["version"]) if given.get("version", "").isdecimal() else 0,
        "lots": given.getlist("lots"),
        "closed": given.get("closed") == "1",
    }
    if given.get("password"):
        body["password"] = given["password"]
    try:
        confirm_admitting(given.get("code", ""))
        server().send("PUT", f"/users/{id_}", carried().holder, body)
    except Problem as problem:
        if problem.code not in _BESIDE:
            raise
        return _page(wrong=id_, problem=problem, status=problem.status)
    return make_response(redirect(url_for("users.page")))


def _page(
    *,
    wrong: str = "",
    problem: Problem | None = None,
    added: dict[str, Any] | None = None,
    status: int = 200,
) -> Response:
    said: dict[str, Any] = server().get("/users", carried().holder)
    own: dict[str, Any] = server().get("/sessions/own", carried().holder)
    shown = render_template(
        "pages/users/users.html",
        frame=frame("more"),
        people=said["rows"],
        own=own["account"],
        choices=ROLES,
        typed=request.form if wrong == "new" else {},
        wrong=wrong,
        problem=problem,
        added=added,
    )
    return make_response(shown, status)
