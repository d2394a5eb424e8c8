"""One visit: both crossings side by side, and why it is doubted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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

from contract.plates import normalise
from gui import values
from gui.carried import carried, check_form, rights, server
from gui.plaque import Plaque
from gui.server_api import Problem
from gui.sides import frame
from gui.values import Event, Look
from lot import times

blueprint = Blueprint("visit", __name__)
SAYINGS = ("plate", "void", "split", "checked_out", "note", "withdraw")
PICTURES = {
    "vehicle": "image/jpeg",
    "plate": "image/jpeg",
    "frame": "image/jpeg",
    "clip": "video/mp4",
}
_JUDGED_BY_THE_REST = frozenset({"plate", "void", "split", "checked_out"})
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
def page(lot: str, visit: str) -> Response:
    """Show a visit."""
    return _page(lot, visit)


@blueprint.post("/lots/<lot>/visits/<visit>")
def say(lot: str, visit: str) -> Response:
    """Write down what somebody says about a visit; nothing is rewritten, the later counts."""
    check_form()
    what = request.form.get("what", "")
    if what not in SAYINGS:
        abort(400, "this cannot be said about a visit")
    reason = request.form.get("reason", "").strip()[:200]
    says = _said(what)
    body = says | ({"reason": reason} if reason else {})
    meanwhile = _unseen(lot, visit)
    if any(_is_the_same(one, what, says) for one in meanwhile):
        return make_response(redirect(url_for("visit.page", lot=lot, visit=visit, said=what)))
    if meanwhile and what in _JUDGED_BY_THE_REST:
        return _page(lot, visit, meanwhile=True, status=409)
    try:
        server().send("POST", f"/lots/{lot}/statements/{what}", carried().holder, body)
    except Problem as problem:
        if problem.code != "wrong_field":
            raise
        return _page(lot, visit, wrong=what, status=problem.status)
    if what == "void":
        return make_response(redirect(url_for("visits.page")))
    return make_response(redirect(url_for("visit.page", lot=lot, visit=visit, said=what)))


def _unseen(lot: str, visit: str) -> tuple[dict[str, Any], ...]:
    """Return what was said since the form was drawn, by whomever."""
    seen = request.form.get("seen")
    said = _history(lot, visit) if seen is not None else ()
    ids = [one["id"] for one in said]
    later = said[ids.index(seen) + 1 :] if seen in ids else said
    withdrawn = {one["says"]["statement"] for one in later if one["what"] == "withdraw"}
    return tuple(one for one in later if one["id"] not in withdrawn)


def _is_the_same(one: dict[str, Any], what: str, says: dict[str, object]) -> bool:
    """Say whether a saying is the form's own: sent twice, or two people said one thing."""
    if one["what"] != what:
        return False
    said = one["says"]
    return all(
        said.get(name) == (normalise(of) if name == "plate" and isinstance(of, str) else of)
        for name, of in says.items()
        if name != "left_at"  # the moment at which it was pressed
    )


def _said(what: str) -> dict[str, object]:
    """Return the fields of a saying, as its form has them."""
    given = request.form
    if what == "split":
        return {"entry": given.get("entry", ""), "exit": given.get("exit", "")}
    if what == "withdraw":
        return {"statement": given.get("statement", "")}
    event: dict[str, object] = {"event": given.get("event", "")}
    if what == "plate":
        return event | {"plate": given.get("plate", "").strip() or None}
    if what == "note":
        return event | {"text": given.get("text", "").replace("\r\n", "\n").strip()}
    if what == "checked_out":
        return event | {"left_at": times.microseconds(carried().begun)}
    return event


def _page(
    lot: str, visit: str, *, wrong: str = "", meanwhile: bool = False, status: int = 200
) -> Response:
    holder = carried().holder
    found = values.visit(server().get(f"/lots/{lot}/visits/{visit}", holder))
    entry, exit_ = _end(found.entry), _end(found.exit)
    known = [one for one in (entry, exit_) if one is not None and one.event.plate == found.plate]
    shown = render_template(
        "pages/visit/visit.html",
        frame=frame("visits"),
        visit=found,
        plate=known[0].plaque if known else found.plaque,
        ends=(entry, exit_),
        may_see_pictures="see_pictures" in rights(),
        may_correct="correct" in rights(),
        may_manage="manage" in rights(),
        history=_history(lot, visit),
        wrong=wrong,
        meanwhile=meanwhile,
        typed=request.form,
        said=request.args.get("said", "") in SAYINGS,
    )
    return make_response(shown, status)


def _history(lot: str, visit: str) -> tuple[dict[str, Any], ...]:
    """Return what was said, the earliest first; nothing where it is not to be seen."""
    try:
        said: dict[str, Any] = server().get(
            f"/lots/{lot}/visits/{visit}/statements", carried().holder
        )
    except Problem as problem:
        if problem.code not in _UNSEEN:
            raise
        return ()
    return tuple(said["rows"])


@blueprint.get("/lots/<lot>/events/<event>/pictures/<name>")
def picture(lot: str, event: str, name: str) -> Response:
    """Pass a picture through; it stays in the browser's memory and nowhere else."""
    if name not in PICTURES:
        abort(404)
    found = server().blob(f"/lots/{lot}/events/{event}/pictures/{name}", carried().holder)
    if found.media_type != PICTURES[name]:
        abort(404)
    answer = Response(found.content, content_type=PICTURES[name])
    # A phone plays no film that it cannot ask for in pieces.
    answer.make_conditional(request, accept_ranges=True, complete_length=len(found.content))
    return answer


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
