"""The first run in a browser: the machine's code, who and where, the phone, the sheet typed back.

The browser that entered the code walks alone: it holds a token, and each page asks the server where
the walk stands. So a page that is loaded anew, or a form sent twice, shows the step that it is at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import segno
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from gui.carried import DEVICE, carried, check_form, keep, server
from gui.server_api import Holder, Problem

blueprint = Blueprint("first_run", __name__)
TOKEN = "__Host-lot-setup"  # noqa: S105 - a cookie's name
_CHOSEN = ("owner", "lot", "timezone", "capacity")
_ENDS = frozenset({"unauthenticated", "not_found"})
_LOOKS_AGAIN_S = 2  # keys take a small machine some twenty seconds


@blueprint.get("/first-run")
def page() -> Response:
    """Show the step that the walk is at."""
    return _page(types="types" in request.args)


@blueprint.post("/first-run/code")
def enter() -> Response:
    """Take the code that the machine shows."""
    check_form()
    try:
        body = {"code": request.form.get("code", "").strip()[:64] or "-"}
        said = server().send("POST", "/setup/code", Holder(), body)
    except Problem as problem:
        if problem.code != "setup_code_wrong":
            raise
        return _page(wrong=problem)
    answer = _on()
    keep(answer, TOKEN, str(said["token"]))
    return answer


@blueprint.post("/first-run/begin")
def begin() -> Response:
    """Have keys made for who and where was said."""
    check_form()
    given = request.form
    capacity = given.get("capacity", "").strip()
    named = {name: " ".join(given.get(name, "").split()) for name in ("owner", "lot", "timezone")}
    return _step(
        "begin",
        {
            **named,
            "passphrase": given.get("passphrase", ""),
            "again": given.get("again", ""),
            "capacity": (int(capacity) if capacity.isdecimal() else capacity) or None,
        },
    )


@blueprint.post("/first-run/phone")
def phone() -> Response:
    """See that the phone has the seed."""
    check_form()
    return _step("phone", {"code": "".join(request.form.get("code", "").split())[:16] or "-"})


@blueprint.post("/first-run/sheet")
def sheet() -> Response:
    """Take the recovery code from paper: with it the server is set up."""
    check_form()
    try:
        body = {"recovery": request.form.get("recovery", "").strip()[:128] or "-"}
        said = _sent("sheet", body)
    except Problem as problem:
        if problem.code == "wrong_field":
            return _page(types=True, wrong=problem)
        return _moved(problem)
    answer = make_response(_shown("done", {}))
    keep(answer, TOKEN, None)
    keep(answer, DEVICE, str(said["device"]), device=True)
    return answer


def _step(name: str, body: Mapping[str, object]) -> Response:
    try:
        _sent(name, body)
    except Problem as problem:
        if problem.code == "wrong_field":
            return _page(wrong=problem)
        return _moved(problem)
    return _on()


def _moved(problem: Problem) -> Response:
    """Show the step that the walk is at, where a form was of another one or of another browser."""
    if problem.code in ("conflict", *_ENDS):
        return _on()
    raise problem


def _on() -> Response:
    return make_response(redirect(url_for("first_run.page")))


def _sent(name: str, body: Mapping[str, object]) -> dict[str, object]:
    token = request.cookies.get(TOKEN, "-")[:64] or "-"
    return server().send("POST", f"/setup/{name}", Holder(), {"token": token, **body})


def _page(*, types: bool = False, wrong: Problem | None = None) -> Response:
    try:
        said: dict[str, Any] = _sent("look", {})
    except Problem as problem:
        if problem.code not in _ENDS:
            raise
        # A server that is set up knows no such walk.
        said = {"step": "code" if problem.code == "unauthenticated" else "set_up"}
    step = "types" if types and said["step"] == "sheet" else str(said["step"])
    answer = make_response(_shown(step, said, wrong), wrong.status if wrong else 200)
    if step == "making":
        answer.headers["Refresh"] = str(_LOOKS_AGAIN_S)
    return answer


def _shown(step: str, said: Mapping[str, Any], wrong: Problem | None = None) -> str:
    otp = said.get("otp")
    return render_template(
        f"pages/first_run/{step}.html",
        frame=None,
        said=said,
        typed={name: request.form.get(name, "")[:64] for name in _CHOSEN},
        wrong=wrong,
        bad=None if wrong is None else wrong.field,
        qr=None
        if otp is None
        else segno.make(otp, error="m", micro=False).svg_inline(
            border=4, omitsize=True, svgclass="qr", lineclass=None
        ),
        today=carried().clock.now.date(),
    )
