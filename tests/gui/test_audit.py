"""What a line of the audit was about, in words."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from gui.pages.audit.about import told
from gui.words import Clock, Words

_NOW = datetime(2026, 5, 1, 18, 0, tzinfo=timezone.utc)
_AT_US = int(datetime(2026, 5, 1, 14, 40, tzinfo=timezone.utc).timestamp()) * 1_000_000


def _told(**detail: object) -> str:
    pieces = told(detail, Clock(ZoneInfo("America/Chicago"), _NOW, Words("en")))
    return "".join(one.text for one in pieces)


def test_a_time_is_the_lots() -> None:
    assert _told(first=_AT_US, found=2, limit=40) == "first 9:40, found 2"


def test_a_choice_is_no_program_text() -> None:
    said = _told(sureness=["open", "likely"], flagged=True, called=False)
    assert said == "sureness open likely, flagged, called no"


def test_a_name_of_two_words_has_no_underscore() -> None:
    assert _told(of_cars=True, hash="ab", note=None) == "of cars"


def test_an_id_leads_nowhere_for_who_may_not_go_there_and_is_never_cut() -> None:
    clock = Clock(ZoneInfo("America/Chicago"), _NOW, Words("en"))
    id_ = "5d" * 16
    found = told({"device": id_, "asked": "x" * 340, "edge": id_}, clock)
    assert [(one.text, one.href) for one in found if one.is_id] == [(id_, None)]
