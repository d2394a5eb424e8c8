"""The tray: each doubt as a card with a suggested answer; one tap settles it, one takes it back."""

from __future__ import annotations

from collections.abc import Sequence
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

from gui import values
from gui.carried import carried, check_form, rights, server
from gui.pages.day import doubts
from gui.pages.day.doubts import Doubt
from gui.server_api import Problem
from gui.sides import frame
from gui.values import Event, Look, Visit
from lot import times

blueprint = Blueprint("day", __name__)

CARDS = 5  # more are not looked at in one breath, and each card's pictures are a look that is kept
_BACK_US = 7 * 86_400_000_000  # what is older is found under Visits
# The keyholder counts each row that is asked for, 3,000 a minute: few, and more where few wait.
_ROWS, _PAGES = 40, 5
_JUST_MAX = 8  # answers given a moment ago, of which the index may not have heard
_UNSEEN = frozenset({"forbidden", "not_found", "gone", "too_fast", "reason_needed"})


@dataclass(frozen=True, slots=True)
class Card:
    """A doubt as one looks at it: the records of its events, as far as they may be seen."""

    doubt: Doubt
    looks: dict[str, Look]

    def has(self, event: str, picture: str) -> bool:
        look = self.looks.get(event)
        return look is not None and look.pictures.get(picture, False)


@dataclass(frozen=True, slots=True)
class Found:
    """Visits among which doubts are looked for; `whole`: there are no more."""

    rows: tuple[Visit, ...]
    whole: bool


@blueprint.get("/day")
def page() -> Response:
    """Show what waits."""
    return _page()


@blueprint.post("/day")
def settle() -> Response:
    """Write down one answer, and show what is left."""
    check_form()
    given = request.form
    lot, answer = given.get("lot", ""), doubts.read(given.get("answer", ""))
    if answer is None:
        abort(400, "this is no answer to any of the cards")
    typed = given.get("plate", "").strip() or None
    try:
        told = server().send(
            "POST", f"/lots/{lot}/statements/{answer.what}", carried().holder, answer.said(typed)
        )
    except Problem as problem:
        if problem.code != "wrong_field":
            raise
        return _page(wrong=answer.event, typed=typed or "", status=problem.status)
    just = ["+".join(answer.events), *_just(given.get("just", ""))][:_JUST_MAX]
    undo = str(told["id"])
    return make_response(redirect(url_for("day.page", undo=undo, lot=lot, just=",".join(just))))


@blueprint.post("/day/undo")
def undo() -> Response:
    """Take the last answer back: its card waits again."""
    check_form()
    lot, statement = request.form.get("lot", ""), request.form.get("statement", "")
    body = {"statement": statement}
    server().send("POST", f"/lots/{lot}/statements/withdraw", carried().holder, body)
    just = _just(request.form.get("just", ""))[1:]
    return make_response(redirect(url_for("day.page", just=",".join(just) or None)))


def _page(*, wrong: str = "", typed: str = "", status: int = 200) -> Response:
    stands = frame("day")
    just = _just(request.args.get("just", "") or request.form.get("just", ""))
    answered = [one for told in just for one in told.split("+")]
    found = None if stands.locked else _found(answered)
    rows = found.rows if found else ()
    waiting = doubts.waiting(rows, answered)
    shown = render_template(
        "pages/day/day.html",
        frame=stands,
        sealed=found is None,
        cards=[_card(one, rows) for one in waiting[:CARDS]],
        waiting=len(waiting),
        whole=found is None or found.whole,
        may_correct="correct" in rights(),
        undo=request.args.get("undo", ""),
        undo_lot=request.args.get("lot", ""),
        just=",".join(just),
        wrong=wrong,
        typed=typed,
    )
    return make_response(shown, status)


def _found(answered: Sequence[str]) -> Found | None:
    """Return the visits of the last days that bear a flag or a doubt; None where sealed."""
    found: list[Visit] = []
    whole = True
    for narrowed in ({"flagged": "true"}, {"sureness": "open"}, {"sureness": "likely"}):
        cursor: str | None = None
        for _ in range(_PAGES):
            page = _rows(cursor, narrowed)
            if page is None:
                return None
            found += page.rows
            cursor = page.cursor
            if cursor is None or len(doubts.waiting(found, answered)) > CARDS:
                break
        whole = whole and cursor is None
    return Found(tuple({one.id: one for one in found}.values()), whole)


def _rows(cursor: str | None, narrowed: dict[str, str]) -> values.Page | None:
    since = times.microseconds(carried().begun) - _BACK_US
    try:
        said = server().get(
            "/visits",
            carried().holder,
            first=since,
            when="there",
            limit=_ROWS,
            cursor=cursor,
            **narrowed,
        )
    except Problem as problem:
        if problem.code == "locked":
            return None
        raise
    return values.page(said)


def _card(visit: Visit, others: Sequence[Visit]) -> Card:
    again = _again(visit) if doubts.asked(visit) == "missed_exit" else None
    found = doubts.doubt(visit, others, again)
    ends = doubts.ends_by_id((visit, *found.offers))
    looks = {id_: look for id_, end in ends.items() if (look := _look(end)) is not None}
    return Card(found, looks)


def _again(visit: Visit) -> Event | None:
    """Return the car's next coming, which may have been its leaving."""
    asked: dict[str, str | int | None] = {
        "plate": visit.plate,
        "lot": visit.lot,
        "first": (visit.entered_at or 0) + 1,
        "sort": "at",
        "rising": "true",
        "limit": 1,
    }
    try:
        said: dict[str, Any] = server().get("/visits", carried().holder, **asked)
    except Problem as problem:
        if problem.code not in _UNSEEN:
            raise
        return None
    rows = values.page(said).rows
    return rows[0].entry if rows else None


def _look(end: Event) -> Look | None:
    try:
        return values.look(server().get(f"/lots/{end.lot}/events/{end.id}", carried().holder))
    except Problem as problem:
        if problem.code not in _UNSEEN:
            raise
        return None


def _just(text: str) -> list[str]:
    """Return the events of each answer just given, the latest first."""
    return [one for one in text.split(",") if one][:_JUST_MAX]
