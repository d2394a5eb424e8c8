"""One plate forgotten before its time: what would go is looked at first, then goes under a code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from contract.plates import normalise
from gui import doubtful, plaque
from gui.carried import carried, check_form, rights, server
from gui.fresh_code import BESIDE, confirm
from gui.server_api import Problem
from gui.sides import frame

blueprint = Blueprint("erasure", __name__)
_THEIRS_MAX = 500
_GOES = ("goes", "loses_plate")
_AGAIN = BESIDE | {"conflict", "code_needed", "too_fast"}


@dataclass(frozen=True, slots=True)
class Meant:
    """Whose plate it is, on what ground it goes, and which doubtful events are theirs."""

    lot: str
    plate: str
    ground: str
    theirs: tuple[str, ...]

    @property
    def body(self) -> Mapping[str, object]:
        return {"plate": self.plate, "ground": self.ground, "theirs": self.theirs}


@blueprint.get("/more/erasure")
def page() -> Response:
    """Ask whose plate it is."""
    return _page()


@blueprint.post("/more/erasure")
def look() -> Response:
    """Show what would go; nothing is changed."""
    check_form()
    return _looked(_meant())


@blueprint.post("/more/erasure/go")
def go() -> Response:
    """Let it go, once it was looked at, under the code that was typed."""
    check_form()
    meant = _meant()
    if "sure" not in request.form:
        return _looked(meant, is_unsure=True)
    try:
        confirm("erase", {"lot": meant.lot}, request.form.get("code", ""))
        gone = server().send("POST", f"/lots/{meant.lot}/erasures", carried().holder, meant.body)
    except Problem as problem:
        if problem.code not in _AGAIN:
            raise
        return _looked(meant, problem=problem)
    return _told("gone.html", meant, gone)


def _page(*, wrong: str = "", status: int = 200) -> Response:
    _check_right()
    shown = render_template(
        "pages/erasure/erasure.html", frame=frame("more"), typed=request.form, wrong=wrong
    )
    return make_response(shown, status)


def _looked(meant: Meant, *, problem: Problem | None = None, is_unsure: bool = False) -> Response:
    _check_right()
    if not meant.ground:
        return _page(wrong="ground", status=422)
    path = f"/lots/{meant.lot}/erasures/dry-run"
    try:
        said: dict[str, Any] = server().send("POST", path, carried().holder, meant.body)
    except Problem as refused:
        if refused.code != "wrong_field":
            raise
        return _page(wrong="plate", status=refused.status)
    known = [*said["doubtful"], *meant.theirs]
    return _told(
        "looked.html",
        meant,
        said,
        status=problem.status if problem else 422 if is_unsure else 200,
        doubtful=doubtful.looked(meant.lot, known),
        left_out=max(0, len(known) - doubtful.SHOWN_MAX),
        problem=problem,
        is_unsure=is_unsure,
    )


def _told(
    name: str, meant: Meant, said: Mapping[str, Any], *, status: int = 200, **more: object
) -> Response:
    going = [one for one in said["written"] if one["fate"] in _GOES]
    shown = render_template(
        f"pages/erasure/{name}",
        frame=frame("more"),
        meant=meant,
        plaque_of=plaque.plaque(normalise(meant.plate)),
        said=said,
        going=going,
        staying=[one for one in said["written"] if one not in going],
        is_nothing=not (said["events"] or going),
        **more,
    )
    return make_response(shown, status)


def _meant() -> Meant:
    given = request.form
    return Meant(
        given.get("lot", ""),
        given.get("plate", "").strip()[:23],
        given.get("ground", "").strip()[:200],
        tuple(given.getlist("theirs")[:_THEIRS_MAX]),
    )


def _check_right() -> None:
    if "erase" not in rights():
        raise Problem(403, "forbidden", "this role erases nothing")
