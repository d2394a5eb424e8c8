"""Who is signed in here, in which language, and the ways to what is set up once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from gui.carried import LANGUAGE, carried, check_form, rights, server
from gui.sides import frame
from lot.words import LANGUAGES

blueprint = Blueprint("more", __name__)
_YEAR_S = 31_536_000


@blueprint.get("/more")
def page() -> str:
    """Show it."""
    said: dict[str, Any] = server().get("/sessions/own", carried().holder)
    return render_template(
        "pages/more/more.html",
        frame=frame("more"),
        person=said,
        ways=_ways(),
    )


def _ways() -> tuple[tuple[str, str, str], ...]:
    """Return the pages that this role may see: where, how it is called, what is there."""
    _ = carried().words
    every = (
        ("lists", _("Known plates"), _("staff, VIP, blocked: the desk is told"), {"see_lists"}),
        ("export", _("Export"), _("tables, film, one person, reports"), {"export", "audit"}),
        ("audit", _("Audit"), _("who did what, who looked at which plate"), {"audit"}),
        ("lots", _("Lots"), _("places, and how long what is kept"), {"manage", "administer"}),
        ("cameras", _("Cameras"), _("the boxes at the gates, live views, tokens"), {"see_live"}),
        ("retention", _("Retention"), _("what is due to be forgotten, what is kept"), {"manage"}),
        ("erasure", _("Forget a plate"), _("one car, before its days are over"), {"erase"}),
        ("users", _("Users"), _("who has an account, and for which lots"), {"administer"}),
        ("notifications", _("Notifications"), _("mail, SMS, push: of what"), {"administer"}),
        ("devices", _("Browsers"), _("who waits for approval, who has it"), {"administer"}),
        ("about", _("About"), _("version, clock, fingerprints, what nobody has tried"), {"count"}),
    )
    return tuple((name, label, what) for name, label, what, any_of in every if any_of & rights())


@blueprint.post("/language")
def language() -> Response:
    """Keep the language that was chosen in this browser."""
    check_form()
    chosen = request.form.get("language", "")
    answer = make_response(redirect(url_for("more.page")))
    if chosen in LANGUAGES:
        answer.set_cookie(
            LANGUAGE, chosen, max_age=_YEAR_S, secure=True, httponly=True, samesite="Strict"
        )
    return answer
