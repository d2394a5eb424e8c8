"""Which overlay each frame bears."""

from datetime import timedelta

import pytest
import pytz

from edge.outputs.annotation import Annotation, Mark, Trail, clock_text
from edge.outputs.drawing import Overlay
from edge.outputs.parts import Spelled
from edge.values import Box
from tests.edge.outputs.events import START, event

CHICAGO = pytz.timezone("America/Chicago")
HERE, THERE = Box(0.1, 0.1, 0.3, 0.3), Box(0.5, 0.1, 0.7, 0.3)
PLATE = Spelled("8ABC123", (0.99,) * 7, 0.9)


def mark(seconds: float, box: Box) -> Mark:
    return Mark(START + timedelta(seconds=seconds), box, 0.8)


def overlays(annotation: Annotation, *seconds: float) -> list[Overlay]:
    return [annotation.at(START + timedelta(seconds=s)) for s in seconds]


def annotation(*trails: Trail, events: tuple[object, ...] = (), length: float = 60) -> Annotation:
    end = START + timedelta(seconds=length)
    return Annotation(trails, events, zone=CHICAGO, end=end)  # type: ignore[arg-type]


def test_a_box_is_moved_evenly_between_two_looks() -> None:
    trail = Trail(3, "car", (mark(1, HERE), mark(1.5, THERE)), PLATE)
    before, first, middle, last, after = overlays(annotation(trail), 0.9, 1, 1.25, 1.5, 1.6)
    assert before.shown == after.shown == ()
    assert first.shown[0].box == HERE
    assert middle.shown[0].box.left == pytest.approx(0.3)
    assert middle.shown[0].box.right == pytest.approx(0.5)
    assert last.shown[0].box == THERE
    assert (middle.shown[0].track, middle.shown[0].kind, middle.shown[0].plate) == (3, "car", PLATE)


def test_across_a_long_gap_only_what_stood_is_shown() -> None:
    stood = Trail(1, "car", (mark(0, HERE), mark(120, HERE)))
    moved = Trail(2, "car", (mark(0, HERE), mark(120, THERE)))
    (overlay,) = overlays(annotation(stood, moved), 60)
    assert [shown.track for shown in overlay.shown] == [1]


def test_tracks_come_and_go() -> None:
    trails = [
        Trail(n, "car", tuple(mark(n + i / 10, HERE) for i in range(6))) for n in range(5, -1, -1)
    ]
    found = overlays(annotation(*trails, Trail(9, "car", ())), 0.2, 0.8, 1.2, 5.5)
    assert [[shown.track for shown in overlay.shown] for overlay in found] == [[0], [], [1], [5]]


def test_a_notice_stands_six_seconds_from_the_moment_of_its_event() -> None:
    entry = event(10.0)
    exit_ = event(10.0, kind="exit", kind_by="turns")  # last seen 2.5 s later
    found = overlays(annotation(events=(exit_, entry)), 9.9, 10, 12.5, 16, 18.4, 18.5)
    kinds = [[notice.event.kind for notice in overlay.notices] for overlay in found]
    assert kinds == [[], ["entry"], ["exit", "entry"], ["exit"], ["exit"], []]
    assert found[1].notices[0].clock == "13:45:10"


def test_at_the_end_of_a_recording_a_notice_is_told_sooner_rather_than_cut_off() -> None:
    found = overlays(annotation(events=(event(9.0),), length=10), 3.9, 4.1, 9.9)
    assert [len(overlay.notices) for overlay in found] == [0, 1, 1]


def test_the_clock_is_the_lots_also_when_it_repeats_an_hour() -> None:
    first = START.replace(month=11, day=3, hour=6, minute=59, second=59, microsecond=950_000)
    later = first + timedelta(milliseconds=50)
    assert clock_text(first, CHICAGO, dated=True) == "2024-11-03 01:59:59.9"
    assert clock_text(later, CHICAGO, dated=True) == "2024-11-03 01:00:00.0"
    assert clock_text(later, CHICAGO, dated=False) == "01:00:00.0"
