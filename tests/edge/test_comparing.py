"""What a new model or setting changed, event by event."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import pytz
from hypothesis import given
from hypothesis import strategies as st

from contract.event import Clock, Event
from edge.comparing import COLUMNS, Comparison, Row, compared, old_rows, row_of, table
from lot.errors import WRONG_USAGE, WrongUsage

NOON = datetime(2026, 3, 1, 18, tzinfo=timezone.utc)  # in Texas
TEXAS = pytz.timezone("America/Chicago")


def row(name: str, plate: str | None = "BKX1234", *, at: int = 0, lasts: int = 10) -> Row:
    first = NOON + timedelta(seconds=at)
    confidence = None if plate is None else 0.9
    return Row(name, "gate", "entry", plate, confidence, first, first + timedelta(seconds=lasts))


def changes(comparison: Comparison) -> list[tuple[str, ...]]:
    return [one.changes for one in comparison.differences]


def test_the_same_events_differ_in_nothing() -> None:
    rows = [row("1"), row("2", None, at=20), row("3", at=40)]
    assert compared(rows, rows) == Comparison((), 3)


def test_what_is_gone_and_what_is_new_is_told() -> None:
    found = compared([row("1")], [row("2", at=60)])
    assert changes(found) == [("gone",), ("new",)]
    assert (found.differences[0].now, found.differences[1].was) == (None, None)


def test_another_plate_kind_or_confidence_is_told_of_one_event() -> None:
    was = row("1")
    now = replace(was, event_id="2", plate="BKX1284", kind="exit", confidence=0.5)
    (one,) = compared([was], [now]).differences
    assert one.changes == ("plate", "kind", "confidence")
    assert (one.was, one.now) == (was, now)


@pytest.mark.parametrize(("confidence", "moved"), [(0.851, False), (0.85, True), (0.95, True)])
def test_confidence_moves_by_five_hundredths_or_it_has_not(confidence: float, moved: bool) -> None:
    was = row("1")
    found = compared([was], [replace(was, confidence=confidence)])
    assert bool(found.differences) is moved


def test_an_event_that_is_no_longer_read_changed_its_plate() -> None:
    assert changes(compared([row("1")], [row("1", None)])) == [("plate", "confidence")]


def test_events_of_two_cameras_are_not_one() -> None:
    was = row("1")
    assert changes(compared([was], [replace(was, camera="yard")])) == [("gone",), ("new",)]


def test_of_several_in_the_same_time_the_plate_decides() -> None:
    old = [row("1", "AAA111"), row("2", "BBB222")]
    new = [row("3", "BBB222"), row("4", "AAA111")]
    assert compared(old, new) == Comparison((), 2)


def test_the_two_events_of_a_turn_keep_their_kinds() -> None:
    turn = [row("1"), replace(row("2"), kind="exit")]
    again = [replace(one, event_id=f"new {one.event_id}") for one in reversed(turn)]
    assert compared(turn, again) == Comparison((), 2)


def test_one_id_is_one_event_whatever_was_read() -> None:
    old = [row("1", "AAA111"), row("2", "BBB222")]
    new = [row("1", "BBB222"), row("2", "AAA111")]
    assert changes(compared(old, new)) == [("plate",), ("plate",)]


ROWS = st.lists(
    st.builds(
        lambda plate, at, lasts: row("", plate, at=at, lasts=lasts),
        st.sampled_from(["AAA111", "BBB222", None]),
        st.integers(0, 60),
        st.integers(0, 20),
    ),
    max_size=6,
).map(lambda rows: [replace(one, event_id=str(number)) for number, one in enumerate(rows)])


@given(ROWS, ROWS)
def test_each_event_is_told_once_on_its_side(old: list[Row], new: list[Row]) -> None:
    found = compared(old, new)
    was = [one.was for one in found.differences if one.was]
    now = [one.now for one in found.differences if one.now]
    assert len({one.event_id for one in was}) == len(was) == len(old) - found.same
    assert len({one.event_id for one in now}) == len(now) == len(new) - found.same
    for one in found.differences:
        if one.was and one.now:
            assert one.was.first_seen <= one.now.last_seen
            assert one.now.first_seen <= one.was.last_seen


@given(ROWS, ROWS)
def test_backwards_gone_is_new_and_new_is_gone(old: list[Row], new: list[Row]) -> None:
    there, back = compared(old, new).summary(), compared(new, old).summary()
    assert (there["gone"] - there["new"]) == (back["new"] - back["gone"]) == len(old) - len(new)


@given(ROWS)
def test_the_order_of_the_events_does_not_matter(rows: list[Row]) -> None:
    assert compared(rows, rows[::-1]) == Comparison((), len(rows))


def test_the_table_is_read_in_80_columns() -> None:
    was = replace(row("1", "ABCDEFGH12345678"), camera="the camera at the northern gate")
    now = replace(was, plate="ABCDEFGH12345679", kind="exit", confidence=0.5)
    lines = list(table(compared([was, row("2", at=90)], [now, row("3", None, at=300)]), TEXAS))
    assert lines == [
        "changed    camera   first seen     was                    now",
        "plate      the cam… 03-01 12:00:00 entry ABCDEFGH12… 0.90 exit ABCDEFGH12… 0.50",
        "kind",
        "confidence",
        "gone       gate     03-01 12:01:30 entry BKX1234 0.90     -",
        "new        gate     03-01 12:05:00 -                      entry unread",
        "0 same, 1 gone, 1 new, 1 plate, 1 kind, 1 confidence",
    ]
    assert max(map(len, lines)) <= 80


def test_an_event_is_compared_by_what_its_row_in_the_table_says(tmp_path: Path) -> None:
    event = Event(
        id="019cb0a0-0000-7000-8000-000000000000",
        edge="0" * 32,
        camera="gate",
        lane=None,
        sequence=1,
        revision=1,
        final=True,
        kind="entry",
        kind_by="turns",
        refers=None,
        plate="BKX1234",
        confidence=987,
        characters=(999,) * 7,
        alternatives=(),
        others=(),
        region=None,
        vehicle="car",
        direction=None,
        ways=(),
        first_seen=1_772_388_000_000_000,
        best_at=1_772_388_001_000_000,
        last_seen=1_772_388_002_000_000,
        frame=3,
        timecode="0:00:01.000",
        flags=(),
        reason=None,
        pictures={},
        models={},
        clock=Clock("file", None),
    )
    path = csv_file(
        tmp_path,
        f"{event.id},entry,BKX1234,0.987,2026-03-01T12:00:00.000-06:00,"
        "2026-03-01T12:00:02.000-06:00,gate",
    )
    assert old_rows(path) == [row_of(event)]


def csv_file(folder: Path, *lines: str) -> Path:
    path = folder / "old.csv"
    path.write_text("\n".join((",".join(COLUMNS), *lines)) + "\n", encoding="utf-8")
    return path


TIMES = "2026-03-01T12:00:00.000-06:00,2026-03-01T12:00:02.000-06:00"


def test_an_unread_event_of_a_camera_with_a_formulas_name_is_read(tmp_path: Path) -> None:
    (found,) = old_rows(csv_file(tmp_path, f"1,exit,,,{TIMES},'-gate"))
    assert (found.plate, found.confidence, found.camera) == (None, None, "-gate")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"1,entry,BKX1234,x,{TIMES},gate", "confidence is not from 0 to 1"),
        (f"1,entry,BKX1234,nan,{TIMES},gate", "confidence is not from 0 to 1"),
        (f"1,entry,BKX1234,98.7,{TIMES},gate", "confidence is not from 0 to 1"),
        ("1,entry,BKX1234,0.9,noon,noon,gate", "first_seen is no time as"),
        ("1,entry,BKX1234,0.9,2026-03-01T12:00:00,,gate", "first_seen has no zone"),
        (
            "1,entry,BKX1234,0.9,2026-03-01T12:00:01+00:00,2026-03-01T12:00:00+00:00,gate",
            "last_seen is before first_seen",
        ),
        ("1", "first_seen is no time as"),
    ],
)
def test_a_wrong_line_is_named_without_its_plate(tmp_path: Path, line: str, said: str) -> None:
    text = refused(csv_file(tmp_path, line))
    assert f"line 2: {said}" in text
    assert "BKX" not in text


def test_a_table_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path / "none.csv")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert "has no column event_id" in refused(tmp_path / "other.csv")
    (tmp_path / "picture.csv").write_bytes(b"\xff\xd8\xff")
    assert "no CSV in UTF-8" in refused(tmp_path / "picture.csv")


def test_a_table_without_events_is_compared(tmp_path: Path) -> None:
    assert old_rows(csv_file(tmp_path)) == []


def refused(path: Path) -> str:
    with pytest.raises(WrongUsage) as caught:
        old_rows(path)
    assert caught.value.exit_status == WRONG_USAGE
    assert "\n" not in str(caught.value)
    return str(caught.value)
