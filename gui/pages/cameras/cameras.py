"""The boxes at the gates and their cameras: seen live, given tokens, invited and sent away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

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

from gui.carried import carried, check_form, rights, server
from gui.fresh_code import BESIDE_ADMITTING, confirm_admitting
from gui.server_api import Away, Problem
from gui.sides import frame

blueprint = Blueprint("cameras", __name__)
_ID = re.compile("[0-9a-f]{32}")
_BESIDE = BESIDE_ADMITTING
WORKS = ("cameras", "token", "no_token", "away")


@blueprint.get("/more/cameras")
def page() -> Response:
    """List the boxes with their cameras."""
    return _page()


@blueprint.post("/more/cameras/invitations")
def invite() -> Response:
    """Make a code for a new box; it is shown this once."""
    check_form()
    lot = _id(request.form.get("lot", ""))
    try:
        body = {"cameras": _named(request.form.get("cameras", ""))}
        confirm_admitting(request.form.get("code", ""), lot)
        said = server().send("POST", f"/lots/{lot}/invitations", carried().holder, body)
    except Problem as problem:
        if problem.code not in _BESIDE:
            raise
        return _page(wrong="new", problem=problem, status=problem.status)
    return _page(code=said, status=201)


@blueprint.post("/more/cameras/edges/<edge>/<work>")
def change(edge: str, work: str) -> Response:
    """Give a box more cameras or another token, or take it all away."""
    check_form()
    if work not in WORKS:
        abort(404)
    if work in ("no_token", "away") and "sure" not in request.form:
        return _page(wrong=edge, status=422)
    try:
        said = _done(_id(edge), work)
    except Problem as problem:
        if problem.code not in _BESIDE:
            raise
        return _page(wrong=edge, problem=problem, status=problem.status)
    if work == "token":
        return _page(token=(edge, str(said["token"])), status=201)
    return make_response(redirect(url_for("cameras.page", changed=edge)))


@blueprint.get("/more/cameras/live")
def live() -> str:
    """Show what a camera sees; the first one there is, where none is named."""
    chosen = (request.args.get("lot", ""), request.args.get("camera", ""))
    there = [(one["lot"], camera) for one in _edges() for camera in _seen_live(one)]
    return render_template(
        "pages/cameras/live.html",
        frame=frame("more"),
        cameras=there,
        chosen=chosen if chosen in there else next(iter(there), None),
    )


@blueprint.get("/more/cameras/live/pictures")
def pictures() -> Response:
    """Pass a camera's pictures on as they come; what goes wrong is said as a picture."""
    lot, camera = request.args.get("lot", ""), request.args.get("camera", "")[:64]
    path = f"/cameras/{quote(camera, safe='')}/live"
    stack = ExitStack()
    try:
        flow = stack.enter_context(server().flow(path, carried().holder, lot=lot))
    except (Away, Problem) as problem:
        return _unseen(problem)
    answer = Response(_passed(stack, flow.pieces), content_type=flow.media_type)
    answer.headers["X-Accel-Buffering"] = "no"
    answer.call_on_close(stack.close)
    return answer


def _page(
    *,
    wrong: str = "",
    problem: Problem | None = None,
    token: tuple[str, str] | None = None,
    code: dict[str, object] | None = None,
    status: int = 200,
) -> Response:
    around = frame("more")
    shown = render_template(
        "pages/cameras/cameras.html",
        frame=around,
        edges=_edges(),
        lots={one.id: one.name for one in around.lots},
        may_administer="administer" in rights(),
        changed=request.args.get("changed", ""),
        typed=request.form,
        wrong=wrong,
        problem=problem,
        token=token,
        code=code,
    )
    return make_response(shown, status)


def _edges() -> list[dict[str, Any]]:
    said: dict[str, Any] = server().get("/edges", carried().holder)
    return list(said["rows"])


def _seen_live(edge: dict[str, Any]) -> list[str]:
    return list(edge["cameras"]) if edge["state"] == "good" else []


def _done(edge: str, work: str) -> dict[str, object]:
    holder, path = carried().holder, f"/edges/{edge}"
    if work == "cameras":
        body = {"cameras": _named(request.form.get("cameras", ""))}
        confirm_admitting(request.form.get("code", ""), request.form.get("lot"))
        return server().send("POST", f"{path}/cameras", holder, body)
    if work == "token":
        return server().send("POST", f"{path}/token", holder)
    return server().send("DELETE", f"{path}/token" if work == "no_token" else path, holder)


def _named(text: str) -> list[str]:
    """Return cameras' names as they were typed, parted by commas."""
    names = [one.strip() for one in text.split(",") if one.strip()]
    if not names:
        raise Problem(422, "wrong_field", "name a camera at least")
    return names


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        abort(404)
    return text


def _passed(stack: ExitStack, pieces: Iterator[bytes]) -> Iterator[bytes]:
    with stack:
        try:
            yield from pieces
        except Away:
            return  # the server went away; whoever watches looks again


def _unseen(problem: Away | Problem) -> Response:
    """Say why nothing is seen where the picture would be, by its own colours in either theme."""
    _ = carried().words
    said = {
        "edge_away": _("The box at the gate does not answer."),
        "locked": _("Sealed until an owner unlocks."),
        "busy": _("As many watch already as may at once."),
        "not_found": _("There is no such camera."),
        "forbidden": _("Your role may not do this."),
    }
    code = problem.code if isinstance(problem, Problem) else "edge_away"
    text = said.get(code, said["edge_away"])
    shown = render_template("pages/cameras/unseen.svg", text=text)
    return Response(shown, content_type="image/svg+xml; charset=utf-8")
