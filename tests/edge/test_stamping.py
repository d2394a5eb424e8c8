"""A verdict of the gate becomes an Event, and a replay's events come out the same twice."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.event import Clock, Way, decoded, encoded
from contract.ids import EVENT_ID
from edge.gate.values import Part, PassageKey, Verdict
from edge.stamping import (
    REPLAY_EDGE,
    Origin,
    Stamp,
    replay_ids,
    replayed,
    stamped,
    thousandths,
    timecode,
)
from edge.values import Passage

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
NOON_US = 1_772_366_400_000_000
MODELS = {"plate_detector": "1" * 64, "plate_recognizer": "2" * 64}
DAY = Origin(hashlib.sha256(b"day").digest(), NOON - timedelta(seconds=61.5), dated=True)
UNDATED = replace(DAY, dated=False)
STAMP = Stamp("a" * 32, 7, MODELS, Clock("ntp", 1500))

VERDICT = Verdict(
    id="019cb0a0-0000-7000-8000-000000000000",
    camera="gate",
    lane="1",
    revision=3,
    final=True,
    kind="entry",
    kind_by="direction",
    refers=None,
    plate="BKX1234",
    confidence=0.9871,
    characters=(0.9996, 0.99, 0.99, 0.99, 0.99, 0.99, 0.0004),
    alternatives=(("8KX1234", 0.01), ("BKXI234", 0.02)),
    others=(),
    region="us-tx",
    vehicle="car",
    direction="in",
    ways=(Way("gate-b", None, "top"), Way("gate", "bottom", None)),
    first_seen=NOON,
    best_at=NOON + timedelta(seconds=1, microseconds=1),
    last_seen=NOON + timedelta(seconds=4),
    frame=51,
    flags=("wrong_way", "after_blind"),
    reason=None,
    passages=(("gate", "1"),),
    best=None,
    best_passage=("gate", "1"),
)


def passage(name: str, camera: str = "gate") -> Passage:
    return Passage(
        id=name,
        camera=camera,
        first_seen=NOON,
        last_seen=NOON,
        came_by=None,
        left_by=None,
        stood_first=None,
        stood_last=None,
        moved=True,
        went_length=True,
        lane=None,
        vehicle="car",
        looks=(),
        no_plate="dark",
        legible=True,
        others=(),
        best_frame=0,
        ended=True,
    )


def test_a_verdict_becomes_an_event_in_integers() -> None:
    event = stamped(VERDICT, STAMP)
    assert (event.edge, event.sequence, event.revision) == ("a" * 32, 7, 3)
    assert event.confidence == 987
    assert event.characters == (1000, 990, 990, 990, 990, 990, 0)
    assert (event.first_seen, event.best_at) == (NOON_US, NOON_US + 1_000_001)
    assert event.clock == Clock("ntp", 1500)
    assert event.models == MODELS
    assert event.pictures == {}


def test_lists_come_in_the_order_that_the_contract_asks_for() -> None:
    event = stamped(VERDICT, STAMP)
    assert [one.plate for one in event.alternatives] == ["BKXI234", "8KX1234"]
    assert [way.camera for way in event.ways] == ["gate", "gate-b"]
    assert event.flags == ("after_blind", "wrong_way")


def test_of_more_alternatives_than_an_event_holds_the_best_stay() -> None:
    many = tuple((f"ABC{number:03d}", number / 1000) for number in range(40))
    event = stamped(replace(VERDICT, alternatives=many), STAMP)
    assert len(event.alternatives) == 16
    assert event.alternatives[0].plate == "ABC039"


def test_an_unread_verdict_becomes_an_event() -> None:
    unread = replace(
        VERDICT, plate=None, confidence=None, characters=(), alternatives=(), reason="dark"
    )
    assert stamped(unread, STAMP).reason == "dark"


def test_a_stamped_event_can_be_sent() -> None:
    event = stamped(VERDICT, STAMP)
    assert decoded(encoded(event)) == event


def test_a_replay_numbers_what_it_prints_and_prints_no_void_ones() -> None:
    void = replace(VERDICT, kind="void", kind_by=None, refers=VERDICT.id)
    events = list(replayed([VERDICT, void, VERDICT], lambda _: DAY, MODELS))
    assert [event.sequence for event in events] == [1, 2]
    assert {event.revision for event in events} == {1}
    assert all(event.final for event in events)
    assert {event.edge for event in events} == {REPLAY_EDGE}


def test_a_replay_stands_on_the_recordings_clock_or_says_that_it_has_none() -> None:
    (dated,) = replayed([VERDICT], lambda _: DAY, MODELS)
    (undated,) = replayed([VERDICT], lambda _: UNDATED, MODELS)
    assert (dated.clock, undated.clock) == (Clock("file", None), Clock("none", None))
    assert "no_clock" not in dated.flags
    assert undated.flags == ("after_blind", "no_clock", "wrong_way")


def test_a_replay_says_where_in_the_video_the_best_reading_is() -> None:
    asked: list[PassageKey] = []

    def origin_of(key: PassageKey) -> Origin:
        asked.append(key)
        return DAY

    (event,) = replayed([VERDICT], origin_of, MODELS)
    assert event.timecode == "0:01:02.500"
    assert asked == [("gate", "1")]


def test_where_no_video_is_drawn_there_is_no_place_in_it() -> None:
    (event,) = replayed([VERDICT], lambda _: replace(DAY, starts=None), MODELS)
    assert event.timecode is None


def test_replaying_twice_gives_the_same_ids() -> None:
    once, again = replay_ids(lambda _: DAY), replay_ids(lambda _: DAY)
    assert once(passage("1"), 1, NOON) == again(passage("1"), 1, NOON)


def test_each_event_of_a_replay_has_an_id_of_its_own() -> None:
    ids = replay_ids(lambda key: DAY if key[0] == "gate" else UNDATED)
    parts: tuple[Part, Part] = (1, 2)
    made = {
        ids(passage(name, camera), part, NOON)
        for name in ("1", "2")
        for camera in ("gate", "yard")
        for part in parts
    }
    assert len(made) == 8
    assert all(map(EVENT_ID.fullmatch, made))


def test_an_id_bears_the_time_it_was_given() -> None:
    made = replay_ids(lambda _: DAY)(passage("1"), 2, NOON)
    assert int(made.replace("-", "")[:12], 16) == NOON_US // 1000


@given(st.floats(-0.1, 1.1))
def test_a_probability_is_0_to_1000_thousandths(probability: float) -> None:
    assert 0 <= thousandths(probability) <= 1000
    if 0.0 <= probability <= 1.0:
        assert abs(thousandths(probability) - probability * 1000) <= 0.5 + 1e-9


@pytest.mark.parametrize(
    ("position", "text"),
    [
        (timedelta(0), "0:00:00.000"),
        (timedelta(seconds=59, milliseconds=999, microseconds=600), "0:01:00.000"),
        (timedelta(hours=25, minutes=59, seconds=59), "25:59:59.000"),
        (timedelta(seconds=-1), "0:00:00.000"),
    ],
)
def test_a_timecode_counts_hours_and_rounds_to_the_millisecond(
    position: timedelta, text: str
) -> None:
    assert timecode(position) == text
