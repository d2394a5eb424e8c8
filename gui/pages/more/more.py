"""Who is signed in here, in which language, and the ways to what is set up once."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from gui.carried import LANGUAGE, carried, check_form, rights, server
from gui.sides import frame
from gui.words import LANGUAGES

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
        may_administer="administer" in rights(),
        version=metadata.version("lotkeeper"),
    )


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
