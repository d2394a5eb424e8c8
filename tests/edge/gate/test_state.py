"""What a gate wrote is read back whole, or refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from edge.gate import Gate, GateState
from edge.gate.state import decoded, encoded
from lot.errors import Damaged
from tests.edge.gate.days import Day, days, so_far
from tests.edge.gate.street import TOLD_AT_ONCE, at, blind, car, name_of


def state_in_the_middle(day: Day, second: float = 1500) -> GateState:
    gate = Gate(day.cameras, day.settings, name_of)
    known = [k for p in day.passages if (k := so_far(p, at(second)))]
    gate.step(at(second), known, blind=day.blind, settled=day.settled)
    state = gate.state()
    assert state is not None
    return state


def a_state() -> dict[str, Any]:
    gate = Gate({}, TOLD_AT_ONCE, name_of)
    gate.step(at(5), [car("8ABC123").at(0).weakly(0, "B").came("top").passage()])
    gate.step(at(60), [car("XYZ9876").at(50).standing().passage()], blind=[blind(1, 2)])
    state = gate.state()
    assert state is not None
    raw: dict[str, Any] = json.loads(json.dumps(encoded(state)))
    return raw


@settings(max_examples=30, deadline=None)
@given(days())
def test_a_state_comes_back_from_its_json_as_it_was(day: Day) -> None:
    state = state_in_the_middle(day)
    assert decoded(json.loads(json.dumps(encoded(state)))) == state


def damaged(value: Any) -> Iterator[Any]:
    """Give back a value with one thing in it changed, missing or added, at every depth."""
    others: tuple[Any, ...] = (None, "x", 1.5, -1, True, [], {})
    for wrong in others:
        if type(wrong) is not type(value) and not (value is None or wrong is None):
            yield wrong
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield value[:number] + value[number + 1 :] + [one, one]
            for inner in damaged(one):
                yield [*value[:number], inner, *value[number + 1 :]]


def test_what_is_not_as_it_was_written_is_refused() -> None:
    whole = a_state()
    refused = 0
    for wrong in damaged(whole["state"]):
        try:
            back = decoded({"version": 1, "state": wrong})
        except Damaged:
            refused += 1
        else:
            # A list of events may well hold one more: what was read is then a state all the same.
            assert json.loads(json.dumps(encoded(back)))["state"] == wrong
    assert refused > 1000


@pytest.mark.parametrize(
    "raw",
    [None, [], "state", {}, {"version": 1}, {"version": 2, "state": []}, {"state": []}],
)
def test_another_version_or_none_is_refused(raw: object) -> None:
    with pytest.raises(Damaged):
        decoded(raw)


def test_a_state_more_is_refused() -> None:
    raw = copy.deepcopy(a_state())
    raw["more"] = 1
    with pytest.raises(Damaged, match="start without it"):
        decoded(raw)


def test_no_plate_is_in_a_complaint() -> None:
    raw = a_state()
    raw["state"][2][0][0] = ["8ABC123"]
    with pytest.raises(Damaged) as refused:
        decoded(raw)
    assert "8ABC123" not in str(refused.value)
