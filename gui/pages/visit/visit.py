"""One visit: both crossings side by side, why it is doubted, and what can be done about it."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request

from gui import values
from gui.carried import carried, server
from gui.sides import frame

blueprint = Blueprint("visit", __name__)
PICTURES = ("vehicle", "plate", "frame")


@blueprint.get("/lots/<lot>/visits/<visit>")
def page(lot: str, visit: str) -> str:
    """Show a visit."""
    said = server().get(f"/lots/{lot}/visits/{visit}", carried().holder)
    return render_template(
        "pages/visit/visit.html", frame=frame("visits"), visit=values.visit(said)
    )


@blueprint.get("/lots/<lot>/events/<event>/pictures/<name>")
def picture(lot: str, event: str, name: str) -> Response:
    """Pass a picture through; it stays in the browser's memory and nowhere else."""
    if name not in PICTURES:
        abort(404)
    found = server().blob(f"/lots/{lot}/events/{event}/pictures/{name}", carried().holder)
    if found.media_type != "image/jpeg":
        abort(404)
    answer = Response(found.content, content_type="image/jpeg")
    answer.headers["Cache-Control"] = "no-store"
    if request.args.get("save"):
        answer.headers["Content-Disposition"] = "attachment"
    return answer
