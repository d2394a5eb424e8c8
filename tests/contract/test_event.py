"""Event: its canonical bytes, and that nothing but an event in those bytes is read."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import contract
from contract import canonical
from contract.event import (
    BYTES_MAX,
    ENTRIES_MAX,
    KEYS_MAX,
    Border,
    Clock,
    ClockState,
    Direction,
    Event,
    Kind,
    KindBy,
    Reason,
    Spelling,
    Vehicle,
    Way,
    decoded,
    encoded,
)
from contract.ids import uuid7
from lot.errors import DAMAGED, Damaged

VECTORS = Path(contract.__file__).parent / "vectors" / "event"
ACCEPTED = sorted((VECTORS / "accepted").iterdir())
REFUSED = sorted((VECTORS / "refused").iterdir())

AN_ENTRY = decoded((VECTORS / "accepted" / "entry-of-a-replay.json").read_bytes())

TIMES = st.integers(0, canonical.INTEGER_MAX)
THOUSANDTHS = st.integers(0, 1000)
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=64)
PLATES = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1, max_size=16
)
IDS = st.builds(uuid7, TIMES, st.integers(0, 2**74 - 1))
HASHES = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
HASHED = st.dictionaries(
    st.from_regex(r"[a-z0-9_-]{1,24}", fullmatch=True), HASHES, max_size=KEYS_MAX
)
SPELLINGS = st.lists(st.builds(Spelling, PLATES, THOUSANDTHS), max_size=ENTRIES_MAX).map(
    lambda found: tuple(sorted(found, key=lambda one: -one.confidence))
)
BORDERS: st.SearchStrategy[Border] = st.sampled_from(get_args(Border))
WAYS = st.lists(
    st.builds(Way, NAMES, BORDERS, st.none() | BORDERS) | st.builds(Way, NAMES, st.none(), BORDERS),
    max_size=ENTRIES_MAX,
    unique_by=lambda way: way.camera,
).map(lambda ways: tuple(sorted(ways, key=lambda way: way.camera)))
FLAGS = st.lists(
    st.from_regex(r"[a-z_]{1,24}", fullmatch=True), max_size=ENTRIES_MAX, unique=True
).map(lambda flags: tuple(sorted(flags)))


def word(words: object) -> st.SearchStrategy[Any]:
    return st.sampled_from(get_args(words))


@st.composite
def events(draw: st.DrawFn) -> Event:
    kind: Kind = draw(word(Kind))
    plate = draw(st.none() | PLATES)
    flags = draw(FLAGS)
    first, best, last = sorted(draw(st.tuples(TIMES, TIMES, TIMES)))
    refers = draw(IDS) if kind == "void" or "near_match" in flags else None
    by = word(KindBy) if kind in ("entry", "exit") else st.none() | word(KindBy)
    length = len(plate or "")
    return Event(
        id=draw(IDS),
        edge=draw(st.from_regex(r"[0-9a-f]{32}", fullmatch=True)),
        camera=draw(NAMES),
        lane=draw(st.none() | NAMES),
        sequence=draw(st.integers(1, canonical.INTEGER_MAX)),
        revision=draw(st.integers(1, canonical.INTEGER_MAX)),
        final=draw(st.booleans()),
        kind=kind,
        kind_by=None if kind == "void" else draw(by),
        refers=refers,
        plate=plate,
        confidence=None if plate is None else draw(THOUSANDTHS),
        characters=tuple(draw(st.lists(THOUSANDTHS, min_size=length, max_size=length))),
        alternatives=draw(SPELLINGS),
        others=draw(SPELLINGS),
        region=draw(st.none() | st.from_regex(r"[a-z0-9-]{1,16}", fullmatch=True)),
        vehicle=draw(st.none() | word(Vehicle)),
        direction=draw(st.none() | word(Direction)),
        ways=draw(WAYS),
        first_seen=first,
        best_at=best,
        last_seen=last,
        frame=draw(st.none() | TIMES),
        timecode=draw(st.none() | st.from_regex(r"[0-9:.;]{1,24}", fullmatch=True)),
        flags=flags,
        reason=draw(word(Reason)) if plate is None and draw(st.booleans()) else None,
        pictures=draw(HASHED),
        models=draw(HASHED),
        clock=Clock(draw(word(ClockState)), draw(st.none() | TIMES)),
    )


@settings(max_examples=40)
@given(events())
def test_an_event_comes_back_from_its_bytes(event: Event) -> None:
    data = encoded(event)
    assert decoded(data) == event
    assert encoded(decoded(data)) == data
    assert len(data) <= BYTES_MAX


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_golden_bytes_are_read_and_made_again(path: Path) -> None:
    data = path.read_bytes()
    event = decoded(data)
    assert encoded(event) == data
    assert event.at == json.loads((VECTORS / "at.json").read_bytes())[path.stem]


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_bytes_that_must_fail_are_refused_in_one_line(path: Path) -> None:
    with pytest.raises(Damaged) as caught:
        decoded(path.read_bytes())
    line = str(caught.value)
    assert line.startswith("not an event: ")
    assert "\n" not in line
    assert "BKX" not in line  # a plate is in no error
    assert caught.value.exit_status == DAMAGED


def test_more_vectors_must_fail_than_pass() -> None:
    assert len(REFUSED) > len(ACCEPTED) > 10


def test_the_fullest_event_is_far_below_the_limit_of_bytes() -> None:
    fullest = VECTORS / "accepted" / "full-to-every-limit.json"
    assert 8_000 < fullest.stat().st_size < BYTES_MAX // 2


@pytest.mark.parametrize("path", ACCEPTED[:3], ids=lambda path: path.stem)
def test_a_damaged_event_is_refused_or_another_whole_one(path: Path) -> None:
    whole = path.read_bytes()
    event = decoded(whole)
    for at in range(len(whole)):
        flipped = whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :]
        for torn in (whole[:at], flipped, whole[:at] + bytes(len(whole) - at)):
            try:
                other = decoded(torn)
            except Damaged:
                continue
            assert other != event
            assert encoded(other) == torn


@given(st.binary(max_size=200))
def test_whatever_comes_in_only_our_error_comes_out(data: bytes) -> None:
    with pytest.raises(Damaged):
        decoded(data)


@settings(max_examples=200)
@given(
    st.sampled_from(sorted(json.loads(encoded(AN_ENTRY)))),
    st.none()
    | st.booleans()
    | st.integers(-canonical.INTEGER_MAX, canonical.INTEGER_MAX)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.lists(st.none() | st.integers(0, 9) | st.just({}), max_size=20)
    | st.dictionaries(st.sampled_from(["state", "error", "plate", "x"]), st.none(), max_size=9),
)
def test_any_value_in_any_field_is_an_event_or_our_error(name: str, value: object) -> None:
    changed: Mapping[str, object] = json.loads(encoded(AN_ENTRY)) | {name: value}
    data = canonical.encoded(changed)
    with contextlib.suppress(Damaged):
        assert encoded(decoded(data)) == data


def test_an_exit_happens_when_last_seen_and_all_else_when_first_seen() -> None:
    assert AN_ENTRY.at == AN_ENTRY.first_seen
    assert replace(AN_ENTRY, kind="exit").at == AN_ENTRY.last_seen
    assert replace(AN_ENTRY, kind="seen").at == AN_ENTRY.first_seen


@pytest.mark.parametrize(
    "change",
    [
        {"plate": "BKX 123"},
        {"confidence": None},
        {"sequence": 0},
        {"flags": ("b", "a")},
        {"best_at": AN_ENTRY.last_seen + 1},
        {"camera": "half \ud83d"},
        {"pictures": {"plate": "not a hash"}},
    ],
)
def test_an_event_that_breaks_a_rule_cannot_be_made(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        replace(AN_ENTRY, **change)


def test_every_field_is_in_the_bytes_and_version_too() -> None:
    spelled = json.loads(encoded(AN_ENTRY))
    assert spelled["v"] == 1
    assert set(spelled) == {*Event.__dataclass_fields__, "v"}
