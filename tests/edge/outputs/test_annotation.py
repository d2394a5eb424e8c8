"""Which overlay each frame bears."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import pytest
import pytz
from hypothesis import given
from hypothesis import strategies as st

from contract.event import Event
from edge.outputs.annotation import Annotation, clock_text
from edge.outputs.drawing import Overlay
from edge.outputs.parts import Spelled
from edge.outputs.trails import Mark, Trail
from edge.values import Box
from tests.edge.outputs.events import START, event

CHICAGO = pytz.timezone("America/Chicago")
HERE, THERE = Box(0.1, 0.1, 0.3, 0.3), Box(0.5, 0.1, 0.7, 0.3)
PLATE = Spelled("8ABC123", (0.99,) * 7, 0.9)
NOTHING: dict[int, dict[float, Box]] = {}


Way = dict[float, Box]  # where a track was, by seconds


def later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def marks_of(ways: Mapping[int, Way]) -> list[Mark]:
    """Return the marks of several tracks as they lie on the disk: in the order of time."""
    found = [Mark(n, later(s), box, 0.8) for n, way in ways.items() for s, box in way.items()]
    return sorted(found, key=lambda mark: (mark.time, mark.track))


def overlays(annotation: Annotation, *seconds: float) -> list[Overlay]:
    return [annotation.at(START + timedelta(seconds=s)) for s in seconds]


def annotation(ways: Mapping[int, Way] = NOTHING, events: Iterable[Event] = ()) -> Annotation:
    tracks = {n: Trail("car", later(max(way)), PLATE) for n, way in ways.items()}
    return Annotation(tracks, marks_of(ways), events, zone=CHICAGO)


def test_a_box_is_moved_evenly_between_two_looks() -> None:
    ways = {3: {1.0: HERE, 1.5: THERE}}
    before, first, middle, last, after = overlays(annotation(ways), 0.9, 1, 1.25, 1.5, 1.6)
    assert before.shown == after.shown == ()
    assert first.shown[0].box == HERE
    assert middle.shown[0].box.left == pytest.approx(0.3)
    assert middle.shown[0].box.right == pytest.approx(0.5)
    assert last.shown[0].box == THERE
    assert (middle.shown[0].track, middle.shown[0].kind, middle.shown[0].plate) == (3, "car", PLATE)


def test_across_a_long_gap_only_what_stood_is_shown() -> None:
    stood_and_moved = {1: {0.0: HERE, 120.0: HERE}, 2: {0.0: HERE, 120.0: THERE}}
    (overlay,) = overlays(annotation(stood_and_moved), 60)
    assert [shown.track for shown in overlay.shown] == [1]


def test_tracks_come_and_go() -> None:
    ways = {n: {n + i / 10: HERE for i in range(6)} for n in range(5, -1, -1)}
    found = overlays(annotation(ways), 0.2, 0.8, 1.2, 5.5)
    assert [[shown.track for shown in overlay.shown] for overlay in found] == [[0], [], [1], [5]]


@given(
    st.dictionaries(
        st.integers(1, 5),
        st.dictionaries(st.integers(0, 40), st.sampled_from([HERE, THERE]), min_size=1),
    ),
    st.lists(st.integers(0, 42), unique=True).map(sorted),
)
def test_who_is_in_view_at_a_mark_is_shown_there_whenever_frames_are_asked_for(
    ways: dict[int, dict[int, Box]], frames: list[int]
) -> None:
    of_seconds: dict[int, Way] = {n: {float(s): b for s, b in w.items()} for n, w in ways.items()}
    for second, overlay in zip(frames, overlays(annotation(of_seconds), *frames), strict=True):
        marked = {n: way[second] for n, way in ways.items() if second in way}
        shown = {one.track: one.box for one in overlay.shown}
        assert {number: shown.get(number) for number in marked} == marked
        assert all(min(ways[n or 0]) <= second <= max(ways[n or 0]) for n in shown)


def test_no_more_of_the_marks_is_held_than_a_gap_in_a_track_needs() -> None:
    read = 0

    def counted() -> Iterator[Mark]:
        nonlocal read
        for mark in marks:
            read += 1
            yield mark

    ways: dict[int, Way] = {n: {n + i / 10: HERE for i in range(60)} for n in range(50)}
    marks = marks_of(ways)
    tracks = {n: Trail("car", later(max(way))) for n, way in ways.items()}
    drawn = Annotation(tracks, counted(), (), zone=CHICAGO)
    for tenth in range(500):
        drawn.at(later(tenth / 10))
        assert read <= sum(mark.time <= later(tenth / 10 + 0.2) for mark in marks)


def test_a_notice_stands_six_seconds_from_the_moment_of_its_event() -> None:
    entry = event(10.0)
    exit_ = event(10.0, kind="exit", kind_by="turns")  # last seen 2.5 s later
    found = overlays(annotation(events=(exit_, entry)), 9.9, 10, 12.5, 16, 18.4, 18.5)
    kinds = [[notice.event.kind for notice in overlay.notices] for overlay in found]
    assert kinds == [[], ["entry"], ["exit", "entry"], ["exit"], ["exit"], []]
    assert found[1].notices[0].clock == "13:45:10"


def test_a_notice_never_stands_before_its_event_and_the_last_frame_bears_what_ends_with_it() -> (
    None
):
    found = overlays(annotation(events=(event(9.0, kind="exit", kind_by="turns"),)), 9, 11.4, 11.5)
    assert [len(overlay.notices) for overlay in found] == [0, 0, 1]


def test_the_clock_is_the_lots_also_when_it_repeats_an_hour() -> None:
    first = START.replace(month=11, day=3, hour=6, minute=59, second=59, microsecond=950_000)
    later = first + timedelta(milliseconds=50)
    assert clock_text(first, CHICAGO, dated=True) == "2024-11-03 01:59:59.9"
    assert clock_text(later, CHICAGO, dated=True) == "2024-11-03 01:00:00.0"
    assert clock_text(later, CHICAGO, dated=False) == "01:00:00.0"
