"""Passages in a file: what was kept is what the gate is given again, or the line is named."""

import contextlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.canonical import Malformed
from edge.cameras import BORDERS, ROLES, Camera, Lane
from edge.gate import Blind, GateSettings, Verdict, final_events
from edge.passage_files import Kept, keep_passages, kept_passages
from edge.passage_lines import as_kept, line, value
from edge.values import Along, Box, LaneTouch, Look, NoPlate, Passage, Reading, Vehicle
from lot.errors import DAMAGED, NOTHING_READ, Damaged, Unreadable, Unwritable

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
TIMES = st.integers(0, 2**53 - 1).map(lambda us: EPOCH + timedelta(microseconds=us))
SPANS = st.tuples(TIMES, TIMES).map(sorted)
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)
FRACTIONS = st.floats(0.0, 1.0)
PLATES = st.text("ABC0128", min_size=1, max_size=16)
CHANCES = st.lists(st.tuples(PLATES, FRACTIONS), max_size=3).map(tuple)
BOXES = st.tuples(FRACTIONS, FRACTIONS, FRACTIONS, FRACTIONS).map(
    lambda p: Box(min(p[0], p[2]), min(p[1], p[3]), max(p[0], p[2]), max(p[1], p[3]))
)
NOWHERE = Box(0.0, 0.0, 0.0, 0.0)
BORDER = st.none() | st.sampled_from(BORDERS)
POINTS = st.tuples(FRACTIONS, FRACTIONS)


@st.composite
def cameras(draw: st.DrawFn) -> Camera:
    sides = draw(st.permutations(BORDERS))
    streets = draw(st.integers(0, 2))
    names = draw(st.lists(NAMES, max_size=2, unique=True))
    arrows = st.tuples(POINTS, POINTS).filter(lambda arrow: arrow[0] != arrow[1])
    polygons = st.lists(POINTS, min_size=3, max_size=5).map(tuple)
    return Camera(
        name=draw(NAMES),
        gate=draw(NAMES),
        role=draw(st.sampled_from(ROLES)),
        street=frozenset(sides[:streets]),
        lot=frozenset(sides[streets : draw(st.integers(streets, 4))]),
        lanes=tuple(Lane(name, draw(polygons), draw(arrows)) for name in names),
    )


@st.composite
def looks(draw: st.DrawFn) -> Look:
    text = draw(st.text("ABC0128", max_size=8))
    runners = st.lists(st.tuples(st.sampled_from("ABC0128"), FRACTIONS), max_size=2).map(tuple)
    region = draw(st.none() | st.sampled_from(["us-tx", "eu"]))
    reading = Reading(
        text=text,
        characters=tuple(draw(FRACTIONS) for _ in text),
        runners=tuple(draw(runners) for _ in text),
        engine="crnn",
        region=region,
        region_confidence=draw(FRACTIONS) if region else 0.0,
    )
    return Look(
        reading=reading,
        at=draw(TIMES),
        frame=draw(st.integers(0, 10**6)),
        box=draw(BOXES),
        width=draw(st.floats(0.0, 4000.0)),
        sharpness=draw(st.floats(0.0, 1e6)),
    )


@st.composite
def passages(draw: st.DrawFn) -> Passage:
    first, last = draw(SPANS)
    return Passage(
        id=draw(NAMES),
        camera=draw(NAMES),
        first_seen=first,
        last_seen=last,
        came_by=draw(BORDER),
        left_by=draw(BORDER),
        stood_first=draw(st.none() | BOXES),
        stood_last=draw(st.none() | BOXES),
        moved=draw(st.booleans()),
        went_length=draw(st.booleans()),
        lane=draw(st.none() | st.builds(LaneTouch, NAMES, st.sampled_from(get_args(Along)))),
        vehicle=draw(st.none() | st.sampled_from(get_args(Vehicle))),
        looks=tuple(draw(st.lists(looks(), max_size=2))),
        no_plate=draw(st.none() | st.sampled_from(get_args(NoPlate))),
        legible=draw(st.booleans()),
        others=draw(CHANCES),
        best_frame=draw(st.integers(-1, 10**6)),
        ended=True,
    )


BLINDS = st.one_of(
    st.builds(lambda name, span: Blind(name, *span), NAMES, SPANS),
    st.builds(Blind, NAMES, TIMES, st.none()),
)
EXAMPLE = Passage(
    id="gate-1",
    camera="gate",
    first_seen=EPOCH + timedelta(seconds=10),
    last_seen=EPOCH + timedelta(seconds=12),
    came_by="bottom",
    left_by=None,
    stood_first=None,
    stood_last=Box(0.25, 0.25, 0.5, 0.5),
    moved=True,
    went_length=True,
    lane=LaneTouch("1", "along"),
    vehicle="car",
    looks=(
        Look(
            Reading("8K", (0.55, 0.99), ((("B", 0.43),), ()), "crnn", "us-tx", 0.8),
            at=EPOCH + timedelta(seconds=11),
            frame=7,
            box=NOWHERE,
            width=90.5,
            sharpness=12.0,
        ),
    ),
    no_plate=None,
    legible=True,
    others=(("TRL55A", 0.94),),
    best_frame=7,
    ended=True,
)


def boxless(passage: Passage) -> Passage:
    return replace(passage, looks=tuple(replace(look, box=NOWHERE) for look in passage.looks))


@settings(max_examples=50)
@given(passages())
def test_a_passage_comes_back_as_it_was_kept(passage: Passage) -> None:
    kept = as_kept(passage)
    assert value(line(kept)) == value(line(passage)) == boxless(kept)
    assert as_kept(kept) == kept


@settings(max_examples=50)
@given(cameras() | BLINDS)
def test_a_camera_or_a_blind_time_comes_back_as_it_was(one: Camera | Blind) -> None:
    assert value(line(one)) == one


def test_what_is_kept_differs_from_what_was_seen_by_half_a_thousandth_at_most() -> None:
    (kept,) = as_kept(EXAMPLE).looks
    (seen,) = EXAMPLE.looks
    for one, other in zip(kept.reading.characters, seen.reading.characters, strict=True):
        assert abs(one - other) <= 0.0005


def test_a_passages_line_is_written_as_the_manual_says() -> None:
    assert json.loads(line(EXAMPLE)) == {
        "passage": {
            "id": "gate-1",
            "camera": "gate",
            "first_seen": 10_000_000,
            "last_seen": 12_000_000,
            "came_by": "bottom",
            "left_by": None,
            "stood_first": None,
            "stood_last": [0.25, 0.25, 0.5, 0.5],
            "moved": True,
            "went_length": True,
            "lane": ["1", "along"],
            "vehicle": "car",
            "readings": [
                {
                    "text": "8K",
                    "characters": [550, 990],
                    "runners": [[["B", 430]], []],
                    "region": "us-tx",
                    "region_confidence": 800,
                    "width": 90.5,
                    "engine": "crnn",
                    "at": 11_000_000,
                    "frame": 7,
                    "sharpness": 12.0,
                }
            ],
            "no_plate": None,
            "legible": True,
            "others": [["TRL55A", 940]],
            "best_frame": 7,
        }
    }


def test_a_line_without_sharpness_and_best_frame_is_whole() -> None:
    found = json.loads(line(EXAMPLE))
    del found["passage"]["best_frame"]
    del found["passage"]["readings"][0]["sharpness"]
    passage = value(json.dumps(found))
    assert isinstance(passage, Passage)
    assert passage.best_frame == -1  # unknown
    assert passage.looks[0].sharpness == 0.0


def kept_file(folder: Path, *lines: str) -> Path:
    path = folder / "kept.jsonl"
    path.write_text("".join(one + "\n" for one in lines), encoding="utf-8")
    return path


def test_a_file_comes_back_whole(tmp_path: Path) -> None:
    kept = Kept(
        {"gate": Camera("gate", role="entry", street=frozenset({"bottom"}))},
        (Blind("gate", EPOCH, EPOCH + timedelta(seconds=5)),),
        (as_kept(EXAMPLE),),
    )
    path = tmp_path / "made" / "kept.jsonl"
    keep_passages(path, kept)
    assert kept_passages(path) == kept


def test_a_camera_that_no_line_tells_of_has_its_name_alone(tmp_path: Path) -> None:
    kept = kept_passages(kept_file(tmp_path, "", line(EXAMPLE)))
    assert kept.cameras == {"gate": Camera("gate")}


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"first_seen": 1.5}, "passage.first_seen is no whole number"),
    ({"first_seen": "1970"}, "passage.first_seen is no whole number"),
    ({"first_seen": 12_000_001}, "passage.last_seen is before passage.first_seen"),
    ({"first_seen": -1}, "passage.first_seen is not from 0"),
    ({"last_seen": 2**53}, "passage.last_seen is not from 0"),
    ({"id": ""}, "passage.id is empty"),
    ({"camera": "ga\nte"}, "controls"),
    ({"camera": "x" * 201}, "passage.camera is longer than 200"),
    ({"came_by": "north"}, "passage.came_by is none of left, top, right, bottom"),
    ({"stood_first": [0, 0, 1]}, "passage.stood_first is no list of 4"),
    ({"stood_first": [0.5, 0, 0.4, 1]}, "passage.stood_first is not [left, top, right, bottom]"),
    ({"stood_first": [0, 0, 640, 480]}, "in fractions of the picture"),
    ({"stood_first": [0, 0, True, 1]}, "passage.stood_first is no number"),
    ({"moved": 1}, "passage.moved is neither true nor false"),
    ({"lane": ["1"]}, "passage.lane is no list of 2"),
    ({"lane": ["1", "across"]}, "one of along, against, touched"),
    ({"vehicle": "tram"}, "passage.vehicle is none of car"),
    ({"readings": None}, "passage.readings is no list"),
    ({"no_plate": "lost"}, "passage.no_plate is none of too_small"),
    ({"others": [["TRL55A" * 3, 940]]}, "passage.others[0] is longer than 16"),
    ({"camera": "x" * 65}, "passage.camera is empty or longer than 64"),
    ({"others": [["TRL55A", 0.94]]}, "passage.others[0] is no whole number"),
    ({"others": [["TRL55A", 1001]]}, "passage.others[0] is not from 0 to 1000"),
    ({"best_frame": -1}, "passage.best_frame is not from 0"),
    ({"seen_by": "me"}, "passage has a field too many"),
]
READING_CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"characters": [990]}, "2 characters, 1 probabilities"),
    ({"characters": [0.5, 0.9]}, "passage.readings[0].characters[0] is no whole number"),
    ({"runners": [[]]}, "passage.readings[0]: crnn"),
    ({"runners": [["B"], []]}, "passage.readings[0].runners[0][0] is no list of 2"),
    ({"width": -1}, "passage.readings[0].width is below 0"),
    ({"width": None}, "passage.readings[0].width is no number"),
    ({"engine": ""}, "passage.readings[0].engine is empty"),
    ({"frame": 1.0}, "passage.readings[0].frame is no whole number"),
]


@pytest.mark.parametrize(("change", "said"), CHANGES)
def test_a_wrong_field_is_named_with_its_line(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    found = json.loads(line(EXAMPLE))
    found["passage"].update(change)
    refused_with(kept_file(tmp_path, line(Camera("gate")), json.dumps(found)), "line 2", said)


@pytest.mark.parametrize(("change", "said"), READING_CHANGES)
def test_a_wrong_field_of_a_reading_is_named_with_its_line(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    found = json.loads(line(EXAMPLE))
    found["passage"]["readings"][0].update(change)
    refused_with(kept_file(tmp_path, json.dumps(found)), "line 1", said)


def camera_line(**change: object) -> str:
    found = json.loads(line(Camera("gate")))
    found["camera"].update(change)
    return json.dumps(found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "not an object with camera, blind or passage"),
        ('{"car": {}}', "not an object with camera, blind or passage"),
        ('{"passage": {}, "blind": {}}', "not an object with camera, blind or passage"),
        ("{", "it is not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"blind": {"camera": "a", "camera": "b"}}', "stands twice"),
        ('{"blind": NaN}', "a number in it is none"),
        ('{"blind": %s}' % ("9" * 5000), "out of range"),
        ('{"blind": {"camera": "gate", "first": 2, "last": 1}}', "blind.last is before"),
        ('{"blind": {"camera": "gate", "first": 2}}', "blind.last is missing"),
        ('{"blind": {"camera": "\\ud800", "first": 1, "last": 2}}', "controls"),
        (camera_line(role="door"), "camera.role is none of entry, exit, both"),
        (camera_line(street=["top"], lot=["top"]), "top is street and lot"),
        (camera_line(street=["up"]), "camera.street[0] is none of"),
        (camera_line(lanes=[{"name": "1", "polygon": [], "arrow": [[0, 0]]}]), "arrow"),
        (
            camera_line(lanes=[{"name": "1", "polygon": [], "arrow": [[0, 0], [1, 1]]}]),
            "three corners",
        ),
    ],
)
def test_a_wrong_line_is_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    refused_with(kept_file(tmp_path, line(EXAMPLE), text), "line 2", said)


def test_what_stands_twice_is_refused(tmp_path: Path) -> None:
    for text in (line(EXAMPLE), line(Camera("gate"))):
        refused_with(kept_file(tmp_path, text, text), "line 2", "earlier line")


def test_a_line_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    path.write_bytes(line(EXAMPLE).encode() + b"\n\xff\n")
    refused_with(path, "line 2", "not UTF-8")


def refused_with(path: Path, *said: str) -> None:
    with pytest.raises(Damaged) as caught:
        kept_passages(path)
    text = str(caught.value)
    assert all(one in text for one in (str(path), *said)), text
    assert "\n" not in text
    assert "TRL55A" not in text  # a plate is in no error
    assert caught.value.exit_status == DAMAGED


def test_a_missing_or_empty_file_could_not_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path, kept_file(tmp_path, line(Camera("gate")))):
        with pytest.raises(Unreadable) as caught:
            kept_passages(path)
        assert caught.value.exit_status == NOTHING_READ


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(Unwritable):
        keep_passages(tmp_path / "file" / "kept.jsonl", Kept({}, (), ()))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@given(st.text(alphabet='{}[]",:0123456789.eE-+ntrufalsepgcmb\\ ', max_size=80))
def test_whatever_a_line_says_only_our_error_comes_out(text: str) -> None:
    with contextlib.suppress(Malformed):
        value(text)


def told(passages_seen: Iterable[Passage]) -> list[Verdict]:
    outcome = final_events(
        passages_seen, {}, GateSettings(), lambda first, part, _: f"{first.id} {part}"
    )
    return [replace(event, best=None) for event in outcome.events]  # boxes are not kept


@settings(max_examples=30)
@given(st.lists(passages(), max_size=4, unique_by=lambda p: (p.camera, p.id)))
def test_the_gate_tells_the_same_of_passages_out_of_a_file(seen: list[Passage]) -> None:
    again = [value(line(passage)) for passage in seen]
    assert told(one for one in again if isinstance(one, Passage)) == told(map(as_kept, seen))
