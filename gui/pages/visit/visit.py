"""One visit: both crossings side by side, why it is doubted, and what can be done about it."""

from __future__ import annotations

from flask import Blueprint, render_template

from gui import values
from gui.carried import carried, server
from gui.sides import frame

blueprint = Blueprint("visit", __name__)


@blueprint.get("/lots/<lot>/visits/<visit>")
def page(lot: str, visit: str) -> str:
    """Show a visit."""
    said = server().get(f"/lots/{lot}/visits/{visit}", carried().holder)
    return render_template(
        "pages/visit/visit.html", frame=frame("visits"), visit=values.visit(said)
    )
