"""The audit log, the newest first: also while locked, what it was about while unlocked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request

from gui import days
from gui.carried import carried, server, settings
from gui.pages.audit import acts
from gui.sides import frame
from gui.words import Clock, Words

blueprint = Blueprint("audit", __name__)
_ROWS = 50
_ACT = re.compile("[a-z_]{1,24}")
_WHO = re.compile("[0-9a-f]{32}")
_SILENT = frozenset({"v", "hash", "head", "sig", "limit"})  # for verify, nothing to a reader
_TIMES_US = range(10**15, 10**16)  # microseconds from 2001 to 2286: no count is as large
_LONGEST = 400  # letters of a detail: what does not fit is in the report of verify


@dataclass(frozen=True, slots=True)
class Line:
    """An audit line as one reads it."""

    at: int
    who: str | None
    actor: str
    did: str
    about: str
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
    about = said["fault"] or told(said["detail"], carried().clock)
    did = acts.of(said["act"], carried().words)
    return Line(said["time"], said["who"], said["actor"], did, about, said["state"], said["seq"])


def _acts(chosen: str, words: Words) -> list[tuple[str, str]]:
    """Return every act with its words, by these; one that is asked for is among them."""
    known = {**acts.acts(words), **({chosen: acts.of(chosen, words)} if chosen else {})}
    return sorted(known.items(), key=lambda one: one[1].casefold())


def told(detail: object, clock: Clock) -> str:
    """Return what a line was about, its times by the lot's clock."""
    if not isinstance(detail, dict):
        return ""
    parts = [
        name.replace("_", " ") if value is True else f"{name} {_value(value, clock)}"
        for name, value in detail.items()
        if name not in _SILENT and value not in (None, "", [], {})
    ]
    return ", ".join(parts)[:_LONGEST]


def _value(value: object, clock: Clock) -> str:
    if value is False:
        return "no"
    if isinstance(value, int) and value in _TIMES_US:
        return clock.short(value)
    if isinstance(value, list) and all(isinstance(one, (str, int)) for one in value):
        return " ".join(str(one) for one in value)
    return str(value) if isinstance(value, (str, int)) else json.dumps(value)


def _bounds(day: str) -> tuple[int | None, int | None]:
    try:
        first, last = days.bounds(date.fromisoformat(day), settings().zone)
    except (ValueError, OverflowError):
        return None, None
    return (first, last) if first >= 0 else (None, None)
