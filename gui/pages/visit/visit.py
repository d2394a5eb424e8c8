"""One visit: both crossings side by side, and why it is doubted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, render_template

from gui import values
from gui.carried import carried, rights, server
from gui.plaque import Plaque
from gui.server_api import Problem
from gui.sides import frame
from gui.values import Event, Look

blueprint = Blueprint("visit", __name__)
PICTURES = ("vehicle", "plate", "frame")
_UNSEEN = frozenset({"forbidden", "not_found", "gone", "too_fast"})


@dataclass(frozen=True, slots=True)
class End:
    """A crossing as one looks at it; `look` is None where the record is not to be seen."""

    event: Event
    look: Look | None

    @property
    def plaque(self) -> Plaque:
        return self.event.plaque if self.look is None else self.look.plaque

    def has(self, name: str) -> bool:
        return self.look is not None and self.look.pictures.get(name, False)


@blueprint.get("/lots/<lot>/visits/<visit>")
def page(lot: str, visit: str) -> str:
    """Show a visit."""
    found = values.visit(server().get(f"/lots/{lot}/visits/{visit}", carried().holder))
    entry, exit_ = _end(found.entry), _end(found.exit)
    known = [one for one in (entry, exit_) if one is not None and one.event.plate == found.plate]
    return render_template(
        "pages/visit/visit.html",
        frame=frame("visits"),
        visit=found,
        plate=known[0].plaque if known else found.plaque,
        ends=(entry, exit_),
        may_see_pictures="see_pictures" in rights(),
    )


@blueprint.get("/lots/<lot>/events/<event>/pictures/<name>")
def picture(lot: str, event: str, name: str) -> Response:
    """Pass a picture through; it stays in the browser's memory and nowhere else."""
    if name not in PICTURES:
        abort(404)
    found = server().blob(f"/lots/{lot}/events/{event}/pictures/{name}", carried().holder)
    if found.media_type != "image/jpeg":
        abort(404)
    return Response(found.content, content_type="image/jpeg")


def _end(event: Event | None) -> End | None:
    if event is None:
        return None
    try:
        said: dict[str, Any] = server().get(
            f"/lots/{event.lot}/events/{event.id}", carried().holder
        )
    except Problem as problem:
        if problem.code not in _UNSEEN:
            raise
        return End(event, None)
    return End(event, values.look(said))
