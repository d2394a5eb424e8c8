"""How full the lot is, what just happened at the gates, and what needs somebody."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from gui import values
from gui.carried import carried, server
from gui.server_api import Problem
from gui.sides import frame

blueprint = Blueprint("now", __name__)
ROWS = 20
_SEALED = frozenset({"locked", "forbidden"})


@blueprint.get("/")
def page() -> str:
    """Show the lot as it stands; while locked the counts alone."""
    holder = carried().holder
    stands = frame("now")
    counted = server().get("/occupancy", holder)
    alarms = server().get("/alarms", holder, open="true")
    return render_template(
        "pages/now/now.html",
        frame=stands,
        counted=counted["rows"],
        alarms=alarms["rows"],
        events=None if stands.locked else _events(),
    )


def _events() -> tuple[values.Event, ...] | None:
    """Return the newest crossings; None where the role or a lock just now keeps them."""
    try:
        said: dict[str, Any] = server().get("/events", carried().holder, limit=ROWS)
    except Problem as problem:
        if problem.code in _SEALED:
            return None
        raise
    return values.events(said)
