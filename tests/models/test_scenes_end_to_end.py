"""The shipped weights at a drawn gate: from a film's first frame to its events.

Six passages by day, at night and in rain, each of another car, and the scenes that tempt a gate to
tell an exit that nobody made: none may be told wrongly. The benchmark `scenes` does the same with
30 passages a light, or 200. The films are kept where it keeps its own: drawing them takes a third
of the time.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from benchmarks.clips import clips
from benchmarks.ours import Lot, lot
from benchmarks.scenes import PATIENT, Held, precision, recall, seen
from models.drawing.scenes import Scene, passages_of, scene
from models.drawing.scenes.light import Condition

pytestmark = pytest.mark.long
SIZE = (1280, 720)
# The eyes would look ten times a second. Eight are enough for who drives through, and four for
# who stands; every frame must be drawn first.
RATE, PATIENT_RATE = 8.0, 4.0
SEED = 901  # not the benchmark's passages, and none that the weights were trained on


@pytest.fixture(scope="module")
def shipped() -> Lot:
    return lot()


def replayed(drawn: Sequence[Scene], eyes: Lot) -> list[Held]:
    return seen(drawn, clips(drawn), eyes)


@pytest.mark.parametrize("light", ["day", "night", "rain"])
def test_cars_that_pass_are_told_as_they_came_and_went(light: Condition, shipped: Lot) -> None:
    found = replayed(passages_of(light, 6, SEED, SIZE, RATE), shipped)
    assert precision(found) == 1, [(one.name, one.missed, one.wrong) for one in found]
    assert recall(found) == 1, [(one.name, one.missed, one.wrong) for one in found]


@pytest.mark.parametrize("name", PATIENT)
def test_who_waits_or_parks_in_view_has_not_left(name: str, shipped: Lot) -> None:
    (found,) = replayed([scene(name, "day", SEED, SIZE, PATIENT_RATE)], shipped)
    assert found.false_exits == 0, (found.missed, found.wrong)
