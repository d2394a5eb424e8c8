"""Events are held against a scene's truth, and the gate alone makes the right ones of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.clips import clips
from benchmarks.ours import lot
from benchmarks.scenes import (
    PATIENT,
    Held,
    by_light,
    by_truth,
    false_exits,
    held,
    precision,
    recall,
    seen,
)
from benchmarks.true_passages import true_passages
from edge.gate.values import GateSettings
from models.drawing.scenes import passages_of, scene
from tests.edge.toys import toy_eyes

SMALL, FULL = (320, 180), (1280, 720)


def of(true: dict[tuple[str, str | None], int], told: dict[tuple[str, str | None], int]) -> Held:
    return Held("scene", Counter(true), Counter(told))


def test_precision_is_of_the_told_and_recall_of_the_true() -> None:
    one = of({("entry", "A"): 1, ("exit", "A"): 1}, {("entry", "A"): 1, ("entry", "B"): 1})
    assert precision([one, one]) == 0.5
    assert recall([one, of({("exit", "C"): 2}, {})]) == 0.25
    assert precision([of({("exit", "C"): 1}, {})]) == 0


def test_the_same_event_told_twice_is_right_once() -> None:
    assert precision([of({("entry", "A"): 1}, {("entry", "A"): 2})]) == 0.5


def test_an_exit_that_nobody_made_is_false_and_a_misread_one_is_not() -> None:
    entry, exits = ("entry", "A"), ("exit", "A")
    assert of({entry: 1}, {entry: 1, exits: 1}).false_exits == 1
    assert of({entry: 1}, {entry: 1, ("exit", None): 1}).false_exits == 1
    assert of({entry: 1, exits: 1}, {entry: 1, ("exit", "B"): 1}).false_exits == 0
    # The van's exit was missed, and the waiting car is said to have left: that is no misreading.
    assert of({entry: 1, ("exit", "VAN"): 1}, {exits: 1}).false_exits == 1


def test_plates_are_compared_as_the_contract_spells_them() -> None:
    drawn = scene("single-entry")
    plate = drawn.expected[0].plate
    assert plate is not None
    assert held(drawn, [("entry", plate.replace("-", ""))]).right == 1


def test_the_gate_alone_makes_the_right_events_of_passages() -> None:
    found = by_truth(passages_of("day", 9, seed=900, size=FULL, fps=4.0), GateSettings())
    assert sum(one.true.total() for one in found) == 9
    assert recall(found) == precision(found) == 1.0


@pytest.mark.parametrize("name", PATIENT)
def test_the_gate_alone_makes_no_false_exit(name: str) -> None:
    drawn = scene(name, seed=900, size=FULL, fps=4.0)
    (found,) = by_truth([drawn], GateSettings())
    assert found.false_exits == 0
    assert not found.missed
    assert not found.wrong


def test_a_true_passage_says_what_the_scene_does() -> None:
    drawn = scene("waits-two-minutes", seed=900, size=FULL, fps=4.0)
    (one,) = true_passages(drawn, drawn.views[0])
    assert one.moved
    assert one.went_length
    assert one.left_by == "bottom"
    assert one.stood_first is None
    assert len(one.looks) == 3
    drawn = scene("parked-throughout", seed=900, size=FULL, fps=4.0)
    (one,) = true_passages(drawn, drawn.views[0])
    assert not one.moved
    assert one.stood_first == one.stood_last
    assert one.stood_first is not None


def test_a_clip_is_drawn_once(tmp_path: Path) -> None:
    drawn = scene("fast", size=SMALL, fps=2.0)
    (first,) = clips([drawn], tmp_path)
    written = first.stat().st_mtime_ns
    assert clips([drawn], tmp_path) == [first]
    assert first.stat().st_mtime_ns == written
    assert clips([scene("fast", "night", size=SMALL, fps=2.0)], tmp_path) != [first]


def test_what_is_seen_of_a_film_is_held_against_its_scene(tmp_path: Path) -> None:
    drawn = [scene("fast", size=SMALL, fps=2.0)]
    found = seen(drawn, clips(drawn, tmp_path), lot(toy_eyes))
    assert found[0].told.total() == 0  # toy eyes see toy cars only
    assert [one.value for one in by_light("day", ">= 0.98", found)] == [0, 0]
    assert false_exits(found).value == 0
