"""What an event says beside its kind: rule 12, and what a receiver may rely on."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from hypothesis import given, settings

from contract.event import Clock, Event, Spelling, encoded
from edge.cameras import Camera
from edge.gate import Verdict
from tests.edge.gate.days import Day, days
from tests.edge.gate.street import at, car, events, unread

A, B = "8ABC123", "BABC123"


def test_the_plate_is_the_vote_over_all_readings_of_the_sighting() -> None:
    (found,) = events(
        car(B).at(0).weakly(0, "8", 0.4).read_at(1),
        car(A).at(10).read_at(1, 2, 3),
    )
    assert found.plate == A
    assert len(found.characters) == len(A)


def test_best_at_and_frame_are_of_the_surest_reading_that_spells_it() -> None:
    (found,) = events(
        car(B).at(0).weakly(0, "8", 0.4).read_at(1).named("first"),
        car(A).at(10).weakly(3, "D", 0.1).read_at(1).named("second"),
        car(A).at(20).read_at(2).named("third"),
    )
    assert (found.best_at, found.frame) == (at(22), 220)
    assert found.best_passage == ("gate", "third")
    assert found.best is not None
    assert found.best.reading.text == A


def test_an_unread_vehicle_has_the_frame_where_it_was_seen_best() -> None:
    (found,) = events(unread().at(30).because("hidden"))
    assert (found.plate, found.confidence, found.characters) == (None, None, ())
    assert (found.frame, found.best, found.reason) == (300, None, "hidden")


def test_an_unread_vehicle_always_has_a_reason() -> None:
    (found,) = events(unread())
    assert found.reason == "none_found"


def test_ways_are_by_camera_each_with_a_border() -> None:
    cameras = [Camera(name, "north") for name in ("b", "a", "c")]
    (found,) = events(
        car(A).at(0).by("b").came("left"),
        car(A).at(2).by("c"),
        car(A).at(4).by("a").left("top"),
        cameras=cameras,
    )
    assert [(w.camera, w.came, w.left) for w in found.ways] == [
        ("a", None, "top"),
        ("b", "left", None),
    ]


def test_a_region_that_is_likelier_another_is_unknown() -> None:
    assert events(car(A).of("us-tx", 0.95).read_at(1))[0].region == "us-tx"
    assert events(car(A).of("us-tx", 0.3).read_at(1))[0].region is None


def test_the_spelling_of_the_car_that_was_meant_is_among_the_alternatives() -> None:
    found = events(car(A), car(B).at(3600).weakly(0, "8", 0.3).read_at(1))
    assert dict(found[1].alternatives)[A] > 0.1


def event_of(verdict: Verdict, sequence: int) -> Event:
    """Make an event of a verdict as its sender does, so that its own checks speak."""

    def thousandths(p: float) -> int:
        return round(p * 1000)

    def time(moment: datetime) -> int:
        return round((moment - at(-(10**9))).total_seconds() * 1e6)

    def spellings(some: tuple[tuple[str, float], ...]) -> tuple[Spelling, ...]:
        return tuple(Spelling(plate, thousandths(p)) for plate, p in some)

    def uuid(name: str) -> str:
        return f"00000000-0000-7000-8000-{abs(hash(name)) % 16**12:012x}"

    return Event(
        id=uuid(verdict.id),
        edge="0" * 32,
        camera=verdict.camera,
        lane=verdict.lane,
        sequence=sequence,
        revision=verdict.revision,
        final=verdict.final,
        kind=verdict.kind,
        kind_by=verdict.kind_by,
        refers=verdict.refers and uuid(verdict.refers),
        plate=verdict.plate,
        confidence=None if verdict.confidence is None else thousandths(verdict.confidence),
        characters=tuple(map(thousandths, verdict.characters)),
        alternatives=spellings(verdict.alternatives),
        others=spellings(verdict.others),
        region=verdict.region,
        vehicle=verdict.vehicle,
        direction=verdict.direction,
        ways=verdict.ways,
        first_seen=time(verdict.first_seen),
        best_at=time(verdict.best_at),
        last_seen=time(verdict.last_seen),
        frame=verdict.frame,
        timecode=None,
        flags=verdict.flags,
        reason=verdict.reason,
        pictures={},
        models={},
        clock=Clock("file", None),
    )


@settings(max_examples=40, deadline=None)
@given(days())
def test_every_verdict_is_an_event_that_a_receiver_takes(day: Day) -> None:
    found = day.whole().events
    for sequence, verdict in enumerate(found, start=1):
        assert encoded(event_of(verdict, sequence))
    assert all((a.at, a.id) <= (b.at, b.id) for a, b in pairwise(found))
    assert len({one.id for one in found}) == len(found)
