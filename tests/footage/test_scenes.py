"""Scenes are what their names say: the gate, told their true passages, makes their events."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import av
import pytest

from edge.gate import GateSettings, Verdict, final_events
from edge.gate.values import Part
from edge.values import Passage
from models.drawing import scenes
from models.drawing.scenes.values import Scene
from tests.footage.scenes import EVENTS, UNREAD, cameras, film, passages, told

SEEDS = (0, 1)
FPS = 5.0  # enough to know who was where, and a third of the time


def _events(scene: Scene) -> list[Verdict]:
    def name(passage: Passage, part: Part, _: datetime) -> str:
        return f"{passage.id}/{part}"

    return list(final_events(passages(scene), cameras(scene), GateSettings(), name).events)


def _said(events: list[Verdict]) -> list[tuple[str, str | None]]:
    return sorted(((event.kind, event.plate) for event in events), key=str)


def test_every_scene_is_listed_with_its_events() -> None:
    assert set(EVENTS) == set(scenes.names())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", EVENTS)
def test_a_scene_expects_the_events_its_name_promises(name: str, seed: int) -> None:
    expected = scenes.scene(name, seed=seed).expected
    assert sorted(event.kind for event in expected) == sorted(EVENTS[name])
    assert all((event.plate is None) == (name in UNREAD) for event in expected)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", EVENTS)
def test_the_gate_makes_the_expected_events_of_the_true_passages(name: str, seed: int) -> None:
    scene = scenes.scene(name, seed=seed, fps=FPS)
    assert _said(_events(scene)) == told(scene)


def test_a_trailer_is_one_event_with_both_plates() -> None:
    scene = scenes.scene("trailer", fps=FPS)
    (event,) = _events(scene)
    (expected,) = scene.expected
    assert [plate for plate, _ in event.others] == list(expected.others)


def test_the_car_that_waits_is_one_passage_of_more_than_two_minutes() -> None:
    (stay,) = scenes.passages(scenes.scene("waits-two-minutes", fps=FPS))
    assert stay.stood_seconds > 120
    assert stay.plate is not None


def test_the_hidden_car_stays_unseen_for_a_minute() -> None:
    scene = scenes.scene("hidden-by-van", fps=FPS)
    (hidden,) = (n for n, actor in enumerate(scene.actors) if actor.model != "van")
    covered = [
        frame.seconds
        for frame in scenes.truths(scene)
        for vehicle in frame.vehicles
        if vehicle.actor == hidden and vehicle.hidden
    ]
    assert max(covered) - min(covered) > 60


def test_a_campaign_holds_as_many_passages_as_asked_for_each_with_one_event() -> None:
    clips = scenes.passages_of("night", 20, seed=3, fps=FPS)
    stays = [stay for clip in clips for stay in scenes.passages(clip)]
    assert len(stays) == 20
    assert sum(len(clip.expected) for clip in clips) == 20
    assert all(_said(_events(clip)) == told(clip) for clip in clips)


def test_a_film_is_drawn_once_and_holds_every_frame(tmp_path: Path) -> None:
    path = film("fast", tmp_path, size=(160, 96), fps=4)
    drawn_at = path.stat().st_mtime_ns
    assert film("fast", tmp_path, size=(160, 96), fps=4) == path
    assert path.stat().st_mtime_ns == drawn_at
    with av.open(str(path)) as recording:
        assert sum(1 for _ in recording.decode(video=0)) == 28
