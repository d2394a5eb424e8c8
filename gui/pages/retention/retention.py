"""What is due to be forgotten, let go once an owner has seen it; and what is kept from that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from gui import values
from gui.carried import carried, check_form, rights, server
from gui.plaque import Plaque
from gui.server_api import Problem
from gui.sides import Frame, Lot, frame

blueprint = Blueprint("retention", __name__)
_SHOWN_MAX = 40  # held events whose records are opened for a glance
_UNSEEN = frozenset({"forbidden", "not_found", "gone", "too_fast"})
# What is said on the page itself: the next try is one tap away.
_BESIDE = frozenset({"conflict", "busy", "forbidden", "wrong_field"})


@dataclass(frozen=True, slots=True)
class Held:
    """An event that is kept; what nobody can look at has no plaque."""

    lot: Lot
    event: str
    reason: str | None
    at: int | None
    plaque: Plaque | None


@blueprint.get("/more/retention")
def page() -> Response:
    """Show what is due, and what is held."""
    return _page()


@blueprint.post("/more/retention")
def forget() -> Response:
    """Let go exactly what was listed: the list is named by its mark."""
    check_form()
    if "sure" not in request.form:
        return _page(wrong="sure", status=422)
    try:
        body = {"mark": request.form.get("mark", "")}
        server().send("POST", "/retention/due", carried().holder, body)
    except Problem as problem:
        if problem.code not in _BESIDE or "administer" not in rights():
            raise
        return _page(wrong="due", problem=problem, status=problem.status)
    return make_response(redirect(url_for("retention.page", done="gone")))


@blueprint.post("/lots/<lot>/held")
def hold(lot: str) -> Response:
    """Keep events beyond their days."""
    check_form()
    reason = request.form.get("reason", "").strip()[:200]
    try:
        for event in request.form.getlist("event")[:2]:
            path = f"/lots/{lot}/holds/{event}"
            server().send("PUT", path, carried().holder, {"reason": reason})
    except Problem as problem:
        if problem.code not in _BESIDE or "manage" not in rights():
            raise
        return _page(wrong="hold", problem=problem, status=problem.status)
    return make_response(redirect(url_for("retention.page", done="held") + "#held"))


@blueprint.post("/lots/<lot>/held/<event>/end")
def end(lot: str, event: str) -> Response:
    """Let a held event go its way."""
    check_form()
    server().send("DELETE", f"/lots/{lot}/holds/{event}", carried().holder)
    return make_response(redirect(url_for("retention.page", done="ended") + "#held"))


def _page(*, wrong: str = "", problem: Problem | None = None, status: int = 200) -> Response:
    mine = rights()
    if "manage" not in mine:
        raise Problem(403, "forbidden", "this role keeps and forgets nothing")
    around = frame("more")
    shown = render_template(
        "pages/retention/retention.html",
        frame=around,
        due=server().get("/retention/due", carried().holder) if "administer" in mine else None,
        names=_names(around),
        held=() if around.locked else [one for lot in around.lots for one in _held(lot)],
        done=request.args.get("done", ""),
        wrong=wrong,
        problem=problem,
    )
    return make_response(shown, status)


def _names(around: Frame) -> dict[str, str]:
    """Return what lots and edges are called, by their ids."""
    edges: dict[str, Any] = server().get("/edges", carried().holder)
    lots = {one.id: one.name for one in around.lots}
    return lots | {one["id"]: one["name"] for one in edges["rows"]}


def _held(lot: Lot) -> list[Held]:
    said: dict[str, Any] = server().get(f"/lots/{lot.id}/holds", carried().holder)
    found = []
    for at, one in enumerate(said["rows"]):
        plaque = _plaque(lot, one["event"]) if at < _SHOWN_MAX else None
        found.append(Held(lot, one["event"], one["reason"], one["at"], plaque))
    return found


def _plaque(lot: Lot, event: str) -> Plaque | None:
    try:
        said: dict[str, Any] = server().get(f"/lots/{lot.id}/events/{event}", carried().holder)
    except Problem as problem:
        if problem.code not in _UNSEEN:
            raise
        return None
    return values.look(said).plaque
