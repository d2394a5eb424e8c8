"""Who comes in: a name, a passphrase and a code, on a browser that an owner has approved.

Signing in with a slot's passphrase opens the vault as well, so there is one form for both. What
was typed into another form when the session ended waits here and is sent after it.
"""

from __future__ import annotations

import json
import re

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from gui.carried import DEVICE, SESSION, carried, check_form, keep, server
from gui.server_api import UNCONFIGURED, Holder, Problem

blueprint = Blueprint("door", __name__)

_KEPT_MAX = 64 * 1024
_OURS = re.compile(r"/(?!/)[^\\\s]{0,500}")  # a path of this page, never another host
_ID = re.compile("[0-9a-f]{32}")
_ENDS = frozenset({"unauthenticated", "session_ended"})


@blueprint.get("/sign-in")
def page() -> Response:
    """Show the form, and what the server's clock says: drift is the commonest failure."""
    if carried().holder.device is None:
        return make_response(redirect(url_for("door.device")))
    return form(to=_ours(request.args.get("to", "")))


@blueprint.get("/unlock")
def unlock() -> Response:
    """Signing in opens the vault: the same form, the name filled in."""
    return unlocking(to=_ours(request.args.get("to", "")))


def unlocking(*, to: str, kept: list[tuple[str, str]] | None = None) -> Response:
    """Show the form to who is signed in already; `kept` is a form that they go back to."""
    said = server().get("/sessions/own", carried().holder)
    return form(to=to, kept=kept, typed={"name": str(said["name"])})


@blueprint.post("/sign-in")
def sign_in() -> Response:
    """Sign in, and go on where somebody was."""
    check_form()
    to, kept = _ours(request.form.get("to", "")), _kept()
    typed = {"name": request.form.get("name", "")[:64]}
    body: dict[str, object] = {"name": typed["name"], "secret": request.form.get("secret", "")}
    for name in ("code", "code2"):
        if code := "".join(request.form.get(name, "").split()):
            body[name] = code[:12]
    holder = Holder(device=carried().holder.device)
    try:
        said = server().send("POST", "/sessions", holder, body)
    except Problem as problem:
        if problem.code in ("device_unknown",):
            return make_response(redirect(url_for("door.device")))
        return form(to=to, kept=kept, typed=typed, wrong=problem, status=problem.status)
    answer = _go_on(to, kept)
    keep(answer, SESSION, str(said["token"]))
    return answer


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End this browser's session; the vault stays as it is."""
    check_form()
    try:
        server().send("DELETE", "/sessions/own", carried().holder)
    except Problem as problem:
        if problem.code not in _ENDS:
            raise
    answer = make_response(redirect(url_for("door.page")))
    keep(answer, SESSION, None)
    return answer


@blueprint.post("/lock")
def lock() -> Response:
    """Shut the vault, for everybody."""
    check_form()
    server().send("POST", "/lock", carried().holder)
    return make_response(redirect(url_for("now.page")))


@blueprint.get("/device")
def device() -> Response:
    """Say that this browser waits for an owner's approval, or let it ask for that."""
    state = _device_state()
    if state == "approved":
        return make_response(redirect(url_for("door.page")))
    return _device(waits=state == "waiting")


@blueprint.post("/device")
def ask() -> Response:
    """Ask to be approved; the number is compared on both screens."""
    check_form()
    name = request.form.get("name", "").strip()[:64]
    try:
        said = server().send("POST", "/devices/requests", Holder(), {"name": name})
    except Problem as problem:
        return _device(wrong=problem, status=problem.status)
    answer = _device(number=str(said["number"]), status=201)
    keep(answer, DEVICE, f"{said['id']}.{said['key']}", device=True)
    return answer


def _device(
    *,
    number: str | None = None,
    waits: bool = False,
    wrong: Problem | None = None,
    status: int = 200,
) -> Response:
    page = render_template(
        "door/device.html", frame=None, number=number, waits=waits or number, wrong=wrong
    )
    return make_response(page, status)


def _device_state() -> str | None:
    """Return how this browser stands: waiting, approved or ended; None where it never asked."""
    id_ = (carried().holder.device or "").partition(".")[0]
    if not _ID.fullmatch(id_):
        _check_set_up()
        return None
    return str(server().get(f"/devices/requests/{id_}", Holder())["state"])


def _check_set_up() -> None:
    """Send whoever comes first to the set-up; a server that only sleeps is met at the next step."""
    try:
        server().get("/status", Holder())
    except Problem as problem:
        if problem.code == UNCONFIGURED:
            raise


def form(
    *,
    to: str,
    kept: list[tuple[str, str]] | None = None,
    typed: dict[str, str] | None = None,
    wrong: Problem | None = None,
    status: int = 200,
) -> Response:
    """Show the form; `kept` is another form that waits behind it."""
    said = server().get("/status", Holder())
    return make_response(
        render_template(
            "door/sign_in.html",
            frame=None,
            standing=said,
            to=to,
            kept=kept or [],
            kept_json=json.dumps(kept or []),
            typed=typed or {},
            wrong=wrong,
        ),
        status,
    )


def _go_on(to: str, kept: list[tuple[str, str]]) -> Response:
    if kept and to:
        return make_response(render_template("door/go_on.html", frame=None, to=to, kept=kept))
    return make_response(redirect(to or url_for("now.page")))


def _ours(to: str) -> str:
    return to if _OURS.fullmatch(to) and not to.startswith("/sign-in") else ""


def _kept() -> list[tuple[str, str]]:
    """Return the form that waited; what does not look like one of ours waits no longer."""
    text = request.form.get("kept", "")
    try:
        found = json.loads(text) if len(text) <= _KEPT_MAX else []
    except ValueError:
        return []
    if not isinstance(found, list):
        return []
    return [(str(one[0]), str(one[1])) for one in found if isinstance(one, list) and len(one) == 2]
