"""The audit log, the newest first: also while locked, what it was about while unlocked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request

from gui import days
from gui.carried import carried, rights, server, settings
from gui.pages.audit import acts
from gui.pages.audit.about import Piece, told
from gui.sides import frame
from gui.words import Words

blueprint = Blueprint("audit", __name__)
_ROWS = 50
_ACT = re.compile("[a-z_]{1,24}")
_WHO = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Line:
    """An audit line as one reads it."""

    at: int
    who: str | None
    actor: str
    did: str
    about: tuple[Piece, ...]
    state: str
    seq: int


@blueprint.get("/more/audit")
def page() -> str:
    """List lines, narrowed as the address says."""
    given = request.args
    words = carried().words
    act = given.get("act", "") if _ACT.fullmatch(given.get("act", "")) else ""
    who = given.get("who", "") if _WHO.fullmatch(given.get("who", "")) else ""
    first, last = _bounds(given.get("day", ""))
    said: dict[str, Any] = server().get(
        "/audit",
        carried().holder,
        act=act,
        actor=who,
        first=first,
        last=last,
        cursor=given.get("cursor", "")[:80],
        limit=_ROWS,
    )
    return render_template(
        "pages/audit/audit.html",
        frame=frame("more"),
        lines=[_line(one) for one in said["rows"]],
        cursor=said["cursor"],
        acts=_acts(act, words),
        act=act,
        people=said["people"],
        who=who,
        day=given.get("day", "") if first is not None else "",
        today=carried().clock.now.date(),
    )


def _line(said: dict[str, Any]) -> Line:
    fault = said["fault"]
    about = (
        (Piece(fault),)
        if fault
        else told(said["detail"], carried().clock, lot=said["lot"], rights=rights())
    )
    did = acts.of(said["act"], carried().words)
    return Line(said["time"], said["who"], said["actor"], did, about, said["state"], said["seq"])


def _acts(chosen: str, words: Words) -> list[tuple[str, str]]:
    """Return every act with its words, by these; one that is asked for is among them."""
    known = {**acts.acts(words), **({chosen: acts.of(chosen, words)} if chosen else {})}
    return sorted(known.items(), key=lambda one: one[1].casefold())


def _bounds(day: str) -> tuple[int | None, int | None]:
    try:
        first, last = days.bounds(date.fromisoformat(day), settings().zone)
    except (ValueError, OverflowError):
        return None, None
    return (first, last) if first >= 0 else (None, None)
