"""What an audit line was about, in pieces: words, and ids that lead to where each is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from flask import url_for

from gui.words import Clock

_SILENT = frozenset({"v", "hash", "head", "sig", "limit"})  # for verify, nothing to a reader
_TIMES_US = range(10**15, 10**16)  # microseconds from 2001 to 2286: no count is as large
_LONGEST = 400  # letters of a detail: what does not fit is in the report of verify
_ID = re.compile("[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# The page on which a thing has its own row, and the right that shows it there.
_ROWS = {
    "device": ("devices.page", "administer"),
    "account": ("users.page", "administer"),
    "edge": ("cameras.page", "see_live"),
}
_OF_VISITS = frozenset({"visit", "event"})


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a line, or one id among them: shown short, copied whole."""

    text: str
    is_id: bool = False
    href: str | None = None


def told(
    detail: object, clock: Clock, *, lot: str | None = None, rights: Collection[str] = ()
) -> tuple[Piece, ...]:
    """Return what a line was about, its times by the lot's clock; an id leads where `rights` do."""
    if not isinstance(detail, dict):
        return ()
    return tuple(_short(_pieces(detail, clock, lot, rights)))


def _pieces(
    detail: dict[str, object], clock: Clock, lot: str | None, rights: Collection[str]
) -> Iterator[Piece]:
    parting = ""
    for name, value in detail.items():
        if name in _SILENT or value in (None, "", [], {}):
            continue
        yield Piece(parting + name.replace("_", " "))
        parting = ", "
        for one in value if isinstance(value, list) and _is_plain(value) else [value]:
            if isinstance(one, str) and _ID.fullmatch(one):
                yield Piece(" ")
                yield Piece(one, is_id=True, href=_leads(name, one, lot, rights))
            elif one is not True:
                yield Piece(" " + _words(one, clock))


def _short(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Yield pieces while there is room; an id is never cut, as half of one names nothing."""
    left = _LONGEST
    for one in pieces:
        if left <= 0 or (one.is_id and len(one.text) > left):
            return
        yield one if one.is_id else Piece(one.text[:left])
        left -= len(one.text)


def _leads(name: str, id_: str, lot: str | None, rights: Collection[str]) -> str | None:
    if name in _OF_VISITS:
        seen = lot is not None and "see_visits" in rights
        return url_for("visit.page", lot=lot, visit=id_) if seen else None
    page, right = _ROWS.get(name, ("", ""))
    return url_for(page, _anchor=f"{name}-{id_}") if page and right in rights else None


def _is_plain(value: list[object]) -> bool:
    return all(isinstance(one, (str, int)) for one in value)


def _words(value: object, clock: Clock) -> str:
    if value is False:
        return "no"
    if isinstance(value, int) and value in _TIMES_US:
        return clock.short(value)
    return str(value) if isinstance(value, (str, int)) else json.dumps(value)
