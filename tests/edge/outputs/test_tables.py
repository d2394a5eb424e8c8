"""Tables that a spreadsheet can open and no cell of which it calculates."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
import pytz

from contract.event import Spelling
from edge.outputs.tables import (
    DetectionRow,
    DetectionTable,
    write_events,
)
from edge.values import Box
from lot.cells import plain
from lot.errors import Unwritable
from tests.edge.outputs.events import ENTRY, START, event

CHICAGO = pytz.timezone("America/Chicago")
HEADER = (
    "event_id,kind,kind_by,plate,confidence,vehicle,first_seen,last_seen,camera,frame,timecode,"
    "alternatives,flags,reason"
)
ROW = DetectionRow(7, START, 3, "plate", 0.91, Box(0.1, 0.2, 0.3, 0.4), "8ABC123", 0.987)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_an_event_is_a_row_of_the_documented_columns(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "events.csv"
    told = event(
        alternatives=(Spelling("BABC123", 120), Spelling("8A8C123", 5)),
        flags=("after_blind", "late"),
    )
    write_events(path, [told], CHICAGO)
    row = (
        f"{ENTRY.id},entry,direction,8ABC123,0.987,car,2024-05-01T13:45:00.000-05:00,"
        "2024-05-01T13:45:02.500-05:00,north,30,0:00:01.000,BABC123:0.120 8A8C123:0.005,"
        "after_blind late,"
    )
    assert path.read_text(encoding="utf-8") == f"{HEADER}\n{row}\n"


def test_what_is_unknown_is_an_empty_cell(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    told = event(plate=None, kind="seen", kind_by=None, vehicle=None, frame=None, timecode=None)
    write_events(path, [told], CHICAGO)
    (row,) = rows(path)
    empty = {name for name, cell in row.items() if not cell}
    assert empty == {
        "kind_by",
        "plate",
        "confidence",
        "vehicle",
        "frame",
        "timecode",
        "alternatives",
        "flags",
    }
    assert row["reason"] == "dark"


def test_without_events_the_header_stands(tmp_path: Path) -> None:
    write_events(tmp_path / "events.csv", [], CHICAGO)
    assert (tmp_path / "events.csv").read_text(encoding="utf-8") == HEADER + "\n"


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", 'a,"b"'])
def test_a_cameras_name_survives_the_table(tmp_path: Path, name: str) -> None:
    path = tmp_path / "events.csv"
    write_events(path, [event(camera=name, plate="-ABC", characters=(990,) * 4)], CHICAGO)
    (row,) = rows(path)
    assert plain(row["camera"]) == name
    assert row["plate"] == "'-ABC"


def test_detections_are_rows_of_numbers(tmp_path: Path) -> None:
    path = tmp_path / "detections.csv"
    with DetectionTable(path, CHICAGO) as table:
        table.add([ROW, replace(ROW, track=None, kind="car", plate=None, confidence=None)])
        assert not path.exists()
    assert path.read_text(encoding="utf-8").splitlines() == [
        "frame,time,track,kind,score,left,top,right,bottom,plate,confidence",
        "7,2024-05-01T13:45:00.000-05:00,3,plate,0.910,0.10000,0.20000,0.30000,0.40000,8ABC123,0.987",
        "7,2024-05-01T13:45:00.000-05:00,,car,0.910,0.10000,0.20000,0.30000,0.40000,,",
    ]


def test_a_box_beyond_the_border_stays_a_number(tmp_path: Path) -> None:
    with DetectionTable(tmp_path / "d.csv", CHICAGO) as table:
        table.add([replace(ROW, box=Box(-0.01, 0, 1, 1))])
    assert rows(tmp_path / "d.csv")[0]["left"] == "-0.01000"


def test_detections_of_a_reading_that_broke_off_are_kept(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), DetectionTable(tmp_path / "d.csv", CHICAGO) as table:
        table.add([ROW])
        raise KeyboardInterrupt
    assert len(rows(tmp_path / "d.csv")) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["d.csv"]


def test_a_table_that_cannot_be_written_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    path = tmp_path / "file" / "events.csv"
    with pytest.raises(Unwritable, match=r"cannot write .*events\.csv: "):
        write_events(path, [ENTRY], CHICAGO)
    with (
        pytest.raises(Unwritable, match=r"cannot write .*events\.csv: "),
        DetectionTable(path, CHICAGO),
    ):
        pass
