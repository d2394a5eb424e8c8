"""The replay's measuring, on a toy gate: that it measures what it says, not how fast we are."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.errand import errand
from benchmarks.ours import Lot, edge_environment, events, lot, recording
from benchmarks.plain import Decoding, Plain, vehicle_crops
from benchmarks.race import Race, Spent, Tally, raced
from benchmarks.replay import (
    PLAIN,
    STOCK,
    against_decoding,
    elsewhere,
    faster,
    imported,
    lost,
    networks_share,
)
from benchmarks.stages import DECODING, Stages
from contract.event import Event
from contract.plates import normalise
from edge.values import Box, Detection
from lot.times import microseconds
from models.drawing.scenes import PassageTruth, Scene, passages, scene
from models.drawing.scenes.values import EventKind
from tests.edge.outputs.events import ENTRY, START
from tests.edge.toys import ToyCar, picture, record_gate, toy_eyes


@pytest.fixture(scope="module")
def toy_lot() -> Lot:
    return lot(toy_eyes)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return record_gate(tmp_path / "gate.mp4", 6, [ToyCar(1, 0.5)])


def test_ours_and_the_plain_way_see_the_same_car_in_turns(clip: Path, toy_lot: Lot) -> None:
    told = []
    plain = Plain(recording(clip, toy_lot), toy_lot.eyes.detector, toy_lot.eyes.reader)
    race = raced(
        lambda at_frame: told.extend(events(recording(clip, toy_lot), toy_lot, at_frame=at_frame)),
        {PLAIN: plain},
        turn=6,
        every=2,
    )
    assert [event.plate for event in told] == ["XYZ9876"]
    assert len(plain.read["XYZ9876"]) >= 2
    assert race.ours.frames == 61  # the clip's, and once more when nothing follows
    assert race.rivals[PLAIN].frames == 30
    assert race.ours.seconds > 0


def test_ours_is_not_charged_for_its_rivals(clip: Path, toy_lot: Lot) -> None:
    class Slow:
        def walk(self, first: int, count: int) -> Spent:
            return Spent(1000.0 * count, 1.0 * count)

    race = raced(
        lambda at_frame: events(recording(clip, toy_lot), toy_lot, at_frame=at_frame),
        {"slow": Slow()},
        turn=10,
    )
    assert race.rivals["slow"].rate == pytest.approx(0.001)
    assert race.ours.seconds < 1000
    assert race.lighter_than("slow") > 1


def test_a_stretch_is_the_frames_it_says(clip: Path, toy_lot: Lot) -> None:
    plain = Plain(recording(clip, toy_lot), toy_lot.eyes.detector, toy_lot.eyes.reader)
    plain.walk(0, 3)
    assert plain.read == {}  # the car comes later
    plain.walk(20, 1)
    assert plain.read == {"XYZ9876": [20]}
    assert Decoding(recording(clip, toy_lot)).walk(0, 10**6).seconds > 0


def test_a_vehicle_is_read_by_its_plate_or_whole() -> None:
    image = picture([ToyCar(0, 0.0)], 1.0)
    car, other = Box(0.1, 0.3, 0.4, 0.75), Box(0.6, 0.3, 0.9, 0.75)
    plate = Box(0.2, 0.6, 0.3, 0.65)
    seen = [
        Detection(car, "car", 0.9),
        Detection(other, "car", 0.8),
        Detection(plate, "plate", 0.7),
    ]
    by_plate, whole = vehicle_crops(image, seen, 0.0)
    assert by_plate.shape[1] == 32
    assert whole.shape[1] == 96


@pytest.fixture(scope="module")
def drawn() -> Scene:
    return scene("gate-fifth", size=(1280, 720), fps=10.0)


def right(drawn: Scene) -> tuple[dict[str, list[int]], list[Event]]:
    """Return what the plain way reads and we tell where neither errs."""
    read: dict[str, list[int]] = {}
    told = []
    for event in drawn.expected:
        assert event.plate is not None
        (stay,) = (one for one in passages(drawn) if one.actor == event.actor)
        read[normalise(event.plate)] = [stay.first_frame + 5, stay.first_frame + 6]
        told.append(an_event(event.kind, normalise(event.plate), stay))
    return read, told


def an_event(kind: EventKind, plate: str, stay: PassageTruth) -> Event:
    first, last = (
        microseconds(START + timedelta(seconds=seconds))
        for seconds in (stay.first_seconds, stay.last_seconds)
    )
    return replace(ENTRY, kind=kind, plate=plate, first_seen=first, best_at=first, last_seen=last,
                   characters=(990,) * len(plate))  # fmt: skip


def test_nothing_is_lost_where_every_event_is_told(drawn: Scene) -> None:
    read, told = right(drawn)
    assert lost(read, told, drawn, START) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"plate": "ANOTHER"},
        {"kind": "seen"},
        {"first_seen": 0, "best_at": 0, "last_seen": 1},
    ],
)
def test_an_event_of_another_plate_kind_or_time_is_lost(
    drawn: Scene, wrong: dict[str, object]
) -> None:
    read, told = right(drawn)
    told[0] = replace(told[0], **wrong)  # type: ignore[arg-type]  # any one field
    assert len(lost(read, told, drawn, START)) == 1


def test_one_event_does_not_stand_for_two(drawn: Scene) -> None:
    read, told = right(drawn)
    twice = replace(drawn, expected=(*drawn.expected, drawn.expected[0]))
    assert len(lost(read, told, twice, START)) == 1


def test_what_the_plain_way_read_once_or_elsewhere_is_no_loss(drawn: Scene) -> None:
    read, _ = right(drawn)
    one, other = read
    read[one].pop()
    read[other] = [0, 1]  # before it came: a sign with its text
    assert lost(read, [], drawn, START) == []


def test_without_the_stock_library_its_figure_is_not_run() -> None:
    race = Race(Tally(100, 1.0, 1.0), {PLAIN: Tally(10, 1.0, 1.0)})
    plain, stock = faster(race)
    assert plain.value == 10
    assert stock.value is None
    assert stock.holds is None
    assert "not run" in stock.baseline
    _, stock = faster(
        Race(Tally(100, 1.0, 1.0), {PLAIN: Tally(10, 1.0, 1.0), STOCK: Tally(5, 1.0, 1.0)})
    )
    assert stock.value == 20


def test_time_counts_once_for_the_innermost_station() -> None:
    stages = Stages()
    with stages.stage("outer"), stages.stage("inner"):
        pass
    stages.seconds |= {"outer": 3.0, "inner": 1.0, DECODING: 10.0}
    assert stages.share("inner") == 0.25
    assert elsewhere(stages) == "the rest goes to outer 75.0 %, inner 25.0 %"


def test_every_station_of_the_road_has_its_share(clip: Path, toy_lot: Lot) -> None:
    found = networks_share(clip, toy_lot)
    for station in ("motion", "tracking", "crop choice", "votes and passages", "gate", "telling"):
        assert f"{station} " in found.baseline


def test_idle_time_is_held_against_decoding(clip: Path, toy_lot: Lot) -> None:
    found = against_decoding(clip, toy_lot)
    assert found.value is not None
    assert found.value > 0


def test_an_errand_tells_its_seconds_and_its_memory() -> None:
    took = errand(
        [sys.executable, "-c", "whole = bytearray(60_000_000); whole[::4096] = b'1' * 14649"],
        edge_environment(),
    )
    assert took.seconds > 0
    assert 60 < took.peak_mb < 200
    with pytest.raises(RuntimeError, match="ended with 3"):
        errand([sys.executable, "-c", "raise SystemExit(3)"], edge_environment())


def test_an_import_is_timed() -> None:
    assert imported("asyncio", "unittest.mock").processor > 0
