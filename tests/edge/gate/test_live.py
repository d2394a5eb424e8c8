"""The live gate says what the whole day says, however time is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.gate import Verdict
from tests.edge.gate.days import DAY_LENGTH, Day, days, told_live
from tests.edge.gate.street import at

CUTS = st.lists(st.integers(0, DAY_LENGTH * 2), max_size=30)


def all_moments(day: Day, drawn: Sequence[int]) -> list[datetime]:
    """Cut time where it was drawn, and at last when all has happened."""
    end = max(p.last_seen for p in day.passages)
    last = max([end, *(one.came for one in day.settled)])
    return [*(moment for moment in map(at, drawn) if moment < last), last]


def finals(said: Sequence[Verdict]) -> list[Verdict]:
    return sorted(
        (replace(v, revision=1) for v in said if v.final and v.kind != "void"),
        key=lambda v: (v.at, v.id),
    )


@settings(max_examples=300, deadline=None)
@given(days(), CUTS)
def test_final_events_are_those_of_the_whole_day(day: Day, cuts: list[int]) -> None:
    assert finals(told_live(day, all_moments(day, cuts))) == list(day.whole().events)
