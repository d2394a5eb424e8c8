"""The one field: answers while somebody types, and Enter opens the best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from gui import values
from gui.carried import carried, rights, server
from gui.pages.desk import values as desk_values
from gui.pages.desk.values import Held
from gui.plaque import Plaque, plaque
from gui.server_api import Away, Problem
from gui.sides import frame
from gui.values import Said, Visit

blueprint = Blueprint("find", __name__)
_LETTERS_MAX = 100


@dataclass(frozen=True, slots=True)
class Car:
    """A car that may be meant."""

    lot: str
    inside: bool
    visit: Visit | None
    held: Held | None
    booking: Said | None
    customer: str | None

    @property
    def plaque(self) -> Plaque:
        if self.held is not None:
            return self.held.plaque
        if self.visit is not None:
            return self.visit.plaque
        return plaque(None if self.booking is None else self.booking["content"]["plate"])

    @property
    def who(self) -> str:
        """Return whose car it is, as far as anybody wrote it down."""
        held = "" if self.held is None else self.held.ticket.words["name"]
        booked = "" if self.booking is None else str(self.booking["content"]["name"])
        return held or booked or self.customer or ""

    @property
    def came(self) -> int | None:
        if self.visit is not None:
            return self.visit.at
        return None if self.held is None else self.held.ticket.came

    @property
    def href(self) -> str:
        """Return where it is: its ticket before its visit, a booking's check-in before neither."""
        if self.held is not None:
            return url_for("desk.ticket", lot=self.lot, id_=self.held.ticket.id)
        if self.visit is not None:
            return url_for("visit.page", lot=self.lot, visit=self.visit.id)
        assert self.booking is not None  # a row is of something
        return url_for("desk.check_in", lot=self.lot, booking=self.booking["id"])


@blueprint.get("/find")
def page() -> Response:
    """List what fits; `go` opens the best at once."""
    asked, reason = _asked(), request.args.get("reason", "")[:200]
    stands = frame("find")
    if "search" not in rights():
        raise Problem(403, "forbidden", "the role may not search")
    try:
        found = _found(asked, reason)
    except Problem as problem:
        if problem.code != "reason_needed":
            raise
        found = None
    if found and "go" in request.args:
        return make_response(redirect(found[0].href))
    shown = render_template("pages/find/find.html", frame=stands, asked=asked, found=found)
    return make_response(shown)


@blueprint.get("/find/answers")
def answers() -> Response:
    """Answer what is typed so far, as a piece of a page."""
    asked = _asked()
    try:
        found, wrong = _found(asked, ""), None
    except (Away, Problem) as error:
        found, wrong = (), getattr(error, "code", "away")
    shown = render_template("pages/find/answers.html", asked=asked, found=found, wrong=wrong)
    return make_response(shown)


def _asked() -> str:
    return "".join(one for one in request.args.get("q", "") if one.isprintable())[
        :_LETTERS_MAX
    ].strip()


def _found(asked: str, reason: str) -> tuple[Car, ...]:
    if not asked:
        return ()
    said: dict[str, Any] = server().get("/find", carried().holder, q=asked, reason=reason)
    return tuple(map(_car, said["rows"]))


def _car(said: Said) -> Car:
    visit = None if said["visit"] is None else values.visit(said["visit"])
    ticket = said["ticket"]
    held = None if ticket is None else Held(desk_values.ticket(ticket), visit)
    return Car(said["lot"], said["inside"], visit, held, said["booking"], said["customer"])
