"""A replay held against what a person saw."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.scoring import COLUMNS, Claim, Row, of_inputs, score, truth_rows
from lot.errors import WRONG_USAGE, WrongUsage

FRAME = 40_000  # microseconds at 25 pictures a second
HEAD = ",".join(COLUMNS)


def time_of(video: str, frame: int) -> int:
    return frame * FRAME


def told(
    plate: str | None, first: int, last: int, video: str = "gate.mp4", name: str = ""
) -> Claim:
    """An event in view from one frame to another."""
    return Claim(name or f"{plate} {first}", frozenset({video}), plate, first * FRAME, last * FRAME)


CAR = Row("gate.mp4", "BKX1234", 10, 20)
UNREAD = Row("gate.mp4", None, 10, 20)


def counts(rows: list[Row], events: list[Claim]) -> tuple[int, int, int, int]:
    summary = score(rows, events, time_of).summary()
    return summary["found"], summary["missed"], summary["misread"], summary["false"]


def test_a_row_is_found_by_its_plate_in_its_time() -> None:
    assert counts([CAR], [told("BKX1234", 15, 30)]) == (1, 0, 0, 0)


@pytest.mark.parametrize(("first", "last", "found"), [(20, 30, 1), (21, 30, 0), (0, 10, 1)])
def test_one_picture_in_common_is_enough(first: int, last: int, found: int) -> None:
    assert counts([CAR], [told("BKX1234", first, last)])[0] == found


def test_a_missed_row_over_which_nothing_lies_is_not_misread() -> None:
    assert counts([CAR], []) == (0, 1, 0, 0)


def test_a_wrong_plate_over_a_row_is_a_miss_a_misreading_and_false() -> None:
    assert counts([CAR], [told("8KX1234", 10, 20)]) == (0, 1, 1, 1)


def test_an_unread_event_over_a_row_is_a_misreading_and_not_false() -> None:
    assert counts([CAR], [told(None, 10, 20)]) == (0, 1, 1, 0)


def test_a_second_event_of_a_row_is_explained_by_it_too() -> None:
    assert counts([CAR], [told("BKX1234", 10, 12), told("BKX1234", 15, 20)]) == (1, 0, 0, 0)


def test_another_videos_event_finds_nothing() -> None:
    assert counts([CAR], [told("BKX1234", 10, 20, "yard.mp4")]) == (0, 1, 0, 1)


def test_an_event_may_be_of_several_videos() -> None:
    event = Claim("1", frozenset({"gate.mp4", "later.mp4"}), "BKX1234", 0, 30 * FRAME)
    rows = [CAR, Row("later.mp4", "BKX1234", 10, 20)]
    assert score(rows, [event], time_of).summary()["found"] == 2


def test_where_a_row_is_not_to_be_read_nothing_is_false() -> None:
    assert counts([UNREAD], [told("ANY123", 10, 20)]) == (0, 0, 0, 0)
    assert counts([UNREAD], [told("ANY123", 21, 30)]) == (0, 0, 0, 1)
    assert counts([UNREAD], []) == (0, 0, 0, 0)


ROWS = st.lists(
    st.builds(
        lambda video, plate, first, length: Row(video, plate, first, first + length),
        st.sampled_from(["a.mp4", "b.mp4"]),
        st.sampled_from(["AAA111", "BBB222", None]),
        st.integers(0, 30),
        st.integers(0, 10),
    ),
    max_size=6,
)
EVENTS = st.lists(
    st.builds(
        lambda video, plate, first, length, name: told(plate, first, first + length, video, name),
        st.sampled_from(["a.mp4", "b.mp4"]),
        st.sampled_from(["AAA111", "BBB222", "CCC333", None]),
        st.integers(0, 30),
        st.integers(0, 10),
        st.uuids().map(str),
    ),
    max_size=6,
    unique_by=lambda event: event.event_id,
)


@given(ROWS, EVENTS)
def test_every_row_to_be_read_is_found_or_missed(rows: list[Row], events: list[Claim]) -> None:
    result = score(rows, events, time_of)
    assert sorted(map(repr, (*result.found, *result.missed))) == sorted(
        repr(row) for row in rows if row.plate is not None
    )
    assert set(result.misread) <= set(result.missed)
    assert all(event.plate is not None for event in result.false)


@given(ROWS)
def test_who_tells_the_truth_has_nothing_missed_or_false(rows: list[Row]) -> None:
    events = [
        told(row.plate, row.first_frame, row.last_frame, row.video, str(number))
        for number, row in enumerate(rows)
        if row.plate is not None
    ]
    result = score(rows, events, time_of)
    assert not result.missed
    assert not result.false


def truth(folder: Path, *lines: str) -> Path:
    path = folder / "truth.csv"
    path.write_text("\n".join((HEAD, *lines)) + "\n", encoding="utf-8")
    return path


def test_a_truth_files_plates_are_normalised(tmp_path: Path) -> None:
    path = truth(tmp_path, "gate.mp4,bkx-1234,10,20", "road.mp4,浙A8254S,0,5", "gate.mp4,?,1,2")
    assert truth_rows(path) == [
        Row("gate.mp4", "BKX1234", 10, 20),
        Row("road.mp4", "A8254S", 0, 5),
        Row("gate.mp4", None, 1, 2),
    ]


def test_columns_may_stand_in_another_order_with_more_beside_them(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(
        "\ufeffplate,note,video,last_frame,first_frame\nA1,,g.mp4,2,1\n", encoding="utf-8"
    )
    assert truth_rows(path) == [Row("g.mp4", "A1", 1, 2)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",BKX1234,1,2", "no video is named"),
        ("gate.mp4,,1,2", "no plate is named"),
        ("gate.mp4,--,1,2", "no plate is named"),
        ("gate.mp4,BKX1234,x,2", "first_frame is no number of a frame"),
        ("gate.mp4,BKX1234,1,", "last_frame is no number of a frame"),
        ("gate.mp4,BKX1234,-1,2", "first_frame is no number of a frame"),
        ("gate.mp4,BKX1234,1,٣", "last_frame is no number of a frame"),
        ("gate.mp4,BKX1234,1," + "9" * 5000, "last_frame is no number of a frame"),
        ("gate.mp4,BKX1234,3,2", "last_frame is before first_frame"),
        ("gate.mp4", "no plate is named"),
    ],
)
def test_a_wrong_line_is_named_without_its_plate(tmp_path: Path, line: str, said: str) -> None:
    text = refused(truth(tmp_path, "gate.mp4,A1,1,2", line))
    assert f"line 3: {said}" in text
    assert "BKX" not in text


def test_a_truth_file_without_a_column_names_it(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text("video,plate,start,end\n", encoding="utf-8")
    assert "has no column first_frame, last_frame" in refused(path)


def test_a_truth_file_that_is_missing_empty_or_no_text_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path / "none.csv")
    assert "has no row" in refused(truth(tmp_path))
    (tmp_path / "empty.csv").write_bytes(b"")
    assert "has no column video" in refused(tmp_path / "empty.csv")
    (tmp_path / "picture.csv").write_bytes(b"\xff\xd8\xff")
    assert "no CSV in UTF-8" in refused(tmp_path / "picture.csv")
    (tmp_path / "quote.csv").write_text(f'{HEAD}\n"gate.mp4"x,A1,1,2\n', encoding="utf-8")
    assert "no CSV" in refused(tmp_path / "quote.csv")


def refused(path: Path) -> str:
    with pytest.raises(WrongUsage) as caught:
        truth_rows(path)
    assert caught.value.exit_status == WRONG_USAGE
    assert "\n" not in str(caught.value)
    assert path.name in str(caught.value)
    return str(caught.value)


def test_a_row_goes_to_the_input_that_its_video_names() -> None:
    gate, yard = Path("day/gate.mp4"), Path("day/yard.mp4")
    rows = [CAR, Row("day/yard.mp4", "A1", 0, 1), Row("other.mp4", "A1", 0, 1)]
    found, absent = of_inputs(rows, [gate, yard])
    assert found == {gate: [rows[0]], yard: [rows[1]]}
    assert absent == ("other.mp4",)


def test_a_video_that_may_be_two_inputs_is_asked_for() -> None:
    with pytest.raises(WrongUsage, match="name the folder before it too"):
        of_inputs([CAR], [Path("monday/gate.mp4"), Path("tuesday/gate.mp4")])


def test_a_truth_of_none_of_the_inputs_is_refused() -> None:
    with pytest.raises(WrongUsage, match="no video of the truth is replayed"):
        of_inputs([CAR], [Path("yard.mp4")])
