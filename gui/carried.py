"""What one request carries through its page: who asks, in which words, by which clock."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, cast

from flask import Response, abort, current_app, g, request

from gui.server_api import AUTOMATIC, Holder, Server
from gui.settings import GuiSettings
from gui.words import Clock, Words, chosen

SESSION = "__Host-lot-session"
DEVICE = "__Host-lot-device"
FORM = "__Host-lot-form"  # what a form's token is made from; says nothing of who it is
LANGUAGE = "lot-language"
_DEVICE_S = 400 * 86_400  # the longest a browser keeps a cookie


@dataclass(slots=True)
class Carried:
    """One request's own things."""

    holder: Holder
    words: Words
    form: str
    form_is_new: bool  # a form was shown by whose token this browser is not known yet
    begun: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    @property
    def clock(self) -> Clock:
        return Clock(settings().zone, self.begun, self.words)

    @property
    def csrf(self) -> str:
        """What each form sends back: only a page of ours can know it."""
        self.form_is_new = FORM not in request.cookies
        return hmac.digest(self.form.encode(), b"lot/form/1", hashlib.sha256).hex()


def carried() -> Carried:
    """Return this request's."""
    if "carried" not in g:
        asked = request.cookies.get(LANGUAGE) or request.headers.get("Accept-Language")
        g.carried = Carried(
            holder=Holder(
                request.cookies.get(SESSION),
                request.cookies.get(DEVICE),
                automatic=AUTOMATIC in request.headers,
            ),
            words=Words(chosen(asked)),
            form=request.cookies.get(FORM) or secrets.token_urlsafe(24),
            form_is_new=False,
        )
    return cast("Carried", g.carried)


def settings() -> GuiSettings:
    return cast("tuple[GuiSettings, Server]", current_app.extensions["lotkeeper"])[0]


def server() -> Server:
    return cast("tuple[GuiSettings, Server]", current_app.extensions["lotkeeper"])[1]


def rights() -> frozenset[str]:
    """Return what whoever is signed in may do; asked of the server once a request."""
    if "rights" not in g:
        said: dict[str, Any] = server().get("/sessions/own", carried().holder)
        g.rights = frozenset(one["right"] for one in said["rights"])
    return cast("frozenset[str]", g.rights)


def check_form() -> None:
    """Refuse a form that no page of ours has shown to this browser."""
    given = request.form.get("csrf", "")
    if not hmac.compare_digest(given.encode(), carried().csrf.encode()):
        _ = carried().words
        abort(400, _("This form is too old or was not made here: load the page again."))


def keep(answer: Response, name: str, value: str | None, *, device: bool = False) -> None:
    """Set a cookie that scripts cannot read and no other site can make a browser send."""
    if value is None:
        answer.delete_cookie(name, secure=True, httponly=True, samesite="Strict", path="/")
        return
    answer.set_cookie(
        name,
        value,
        max_age=_DEVICE_S if device else None,
        secure=True,
        httponly=True,
        samesite="Strict",
        path="/",
    )
