"""How a passage that was shown is found among what the gate told and the server stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from benchmarks.events import an_event
from benchmarks.gates import Shown, took
from contract.event import Event

SHOWN = Shown("ABC1234", first=10.0, legible=12.0, last=15.0)


def told(plate: str, first: float, last: float, *, revision: int = 1) -> Event:
    began, ended = round(first * 1e6), round(last * 1e6)
    return replace(
        an_event(1, plate, began),
        revision=revision,
        first_seen=began,
        best_at=began,
        last_seen=ended,
    )


def unread() -> Event:
    return replace(told("ABC1234", 10, 13), plate=None, confidence=None, characters=())


@pytest.mark.parametrize(
    ("events", "stored_at", "expected"),
    [
        ([told("ABC1234", 10, 13)], 12.5, 0.5),
        ([told("ABC1234", 10, 13)], 11.0, 0.0),  # read before it counts as legible
        ([told("ABC1234", 10, 13)], None, None),
        ([unread()], 12.5, None),  # a car without a plate is no plate stored
        ([told("ABC1234", 16, 18)], 12.5, None),  # another passage's
        ([told("XYZ9876", 10, 13), told("ABC1234", 11, 14, revision=2)], 12.7, 0.7),
    ],
)
def test_a_passage_took_from_legible_to_stored(
    events: Sequence[Event], stored_at: float | None, expected: float | None
) -> None:
    newest = events[-1].revision
    found = took(SHOWN, events, lambda _, revision: stored_at if revision == newest else 12.1)
    assert found == (None if expected is None else pytest.approx(expected))
