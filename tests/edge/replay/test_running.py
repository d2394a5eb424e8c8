"""A replay on real files, seen by toy eyes: what is told, written and drawn, and what survives."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from edge.outputs.progress import Progress
from edge.passage_files import kept_passages
from edge.replay.asked import asked
from edge.replay.kept import run_kept
from edge.replay.preparing import prepared
from edge.replay.results import DETECTIONS, FILM, SNAPSHOTS, TABLE
from edge.replay.running import run
from edge.replay.stopping import Stop
from edge.replay.watchers import prefixes
from edge.settings import settings_from
from lot.errors import Unreadable, Unwritable, WrongUsage
from tests.edge.toys import ToyCar, picture, record_gate, toy_eyes

UTC = {"LOT_TIMEZONE": "UTC"}

# In from the left, and a minute later out again.
THROUGH = (ToyCar(0, 0.5), ToyCar(0, 40.0, rightwards=False))
Told = dict[str, Any]  # a line of JSON
Replayed = Callable[..., tuple[int, list[Told], Told]]


@pytest.fixture
def replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Replayed:
    """Replay with toy eyes; return the status, the events and the summary."""

    def replay(*words: str, stop: Stop | None = None) -> tuple[int, list[Told], Told]:
        ask = asked([*words, "--json", "--quiet", "--output", str(tmp_path / "out")])
        work = prepared(ask, settings_from(UTC))
        status = run(work, stop or Stop(), Progress(sys.stderr, quiet=True), toy_eyes)
        *events, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return status, events, last["summary"]

    return replay


def gate(tmp_path: Path, name: str = "gate.mp4", seconds: float = 46) -> Path:
    return record_gate(tmp_path / name, seconds, THROUGH)


def test_a_car_that_comes_and_goes_is_an_entry_and_an_exit(
    tmp_path: Path, replayed: Replayed
) -> None:
    status, events, summary = replayed(str(gate(tmp_path)))
    assert status == 0
    assert [(e["kind"], e["plate"]) for e in events] == [("entry", "ABC1234"), ("exit", "ABC1234")]
    assert [e["sequence"] for e in events] == [1, 2]
    assert summary == {"events": 2, "refused": 0}


def test_the_table_the_film_and_the_lines_say_the_same(tmp_path: Path, replayed: Replayed) -> None:
    clip = gate(tmp_path)
    _, events, _ = replayed(str(clip), "--detections", "--snapshots")
    out = tmp_path / "out"
    with (out / TABLE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["event_id"] for row in rows] == [e["id"] for e in events]
    assert [row["timecode"] for row in rows] == [e["timecode"] for e in events]
    with av.open(str(out / FILM)) as film, av.open(str(clip)) as source:
        titles = [chapter["metadata"]["title"] for chapter in film.chapters()]
        assert titles[-2:] == ["entry ABC1234", "exit ABC1234"]
        assert film.duration is not None
        assert source.duration is not None
        assert abs(film.duration - source.duration) <= 0.01 * source.duration
    assert (out / DETECTIONS).read_text(encoding="utf-8").count("plate") > 20
    assert len(list((out / SNAPSHOTS).glob("*-plate.jpg"))) == 2
    assert len(list((out / SNAPSHOTS).glob("*-vehicle.jpg"))) == 2


def test_replaying_twice_gives_the_same_bytes(tmp_path: Path, replayed: Replayed) -> None:
    clip = str(gate(tmp_path))
    assert replayed(clip, "--no-video") == replayed(clip, "--no-video")


def test_recordings_of_one_day_are_one_run_in_whatever_order_they_are_named(
    tmp_path: Path, replayed: Replayed
) -> None:
    come = record_gate(tmp_path / "20260501_080000.mp4", 6, [ToyCar(1, 0.5)])
    leave = record_gate(tmp_path / "20260501_090000.mp4", 6, [ToyCar(1, 0.5, rightwards=False)])
    one = replayed(str(leave), str(come), "--no-video")
    assert one == replayed(str(come), str(leave), "--no-video")
    _, events, _ = one
    assert [e["kind"] for e in events] == ["entry", "exit"]
    # The hour between them was not seen: the kind rests on turns alone, and says so.
    assert "after_blind" in events[1]["flags"]


def test_recordings_without_a_beginning_stand_alone(tmp_path: Path, replayed: Replayed) -> None:
    one, other = gate(tmp_path, "a.mp4", 8), gate(tmp_path, "b.mp4", 9)
    _, events, _ = replayed(str(one), str(other), "--no-video")
    assert [e["kind"] for e in events] == ["entry", "entry"]
    assert all("no_clock" in e["flags"] for e in events)


def test_a_bad_file_among_good_ones_is_named_and_the_rest_is_done(
    tmp_path: Path, replayed: Replayed
) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"no film")
    status, events, summary = replayed(str(gate(tmp_path, seconds=8)), str(tmp_path / "bad.mp4"))
    assert status == 1
    assert len(events) == 1
    assert summary["refused"] == 1


def test_a_copy_of_a_recording_is_named_and_left_out(tmp_path: Path, replayed: Replayed) -> None:
    clip = gate(tmp_path, seconds=8)
    (tmp_path / "copy.mp4").write_bytes(clip.read_bytes())
    status, events, summary = replayed(str(clip), str(tmp_path / "copy.mp4"), "--no-video")
    assert (status, len(events), summary["refused"]) == (1, 1, 1)


def test_a_still_picture_gives_its_plate_and_its_vehicle(
    tmp_path: Path, replayed: Replayed
) -> None:
    still = tmp_path / "20260501_080000.png"
    assert cv2.imwrite(str(still), picture([ToyCar(0, 0.0)], 1.5))
    _, events, _ = replayed(str(still), "--snapshots")
    assert [(e["kind"], e["plate"]) for e in events] == [("entry", "ABC1234")]
    names = sorted(path.name[37:] for path in (tmp_path / "out" / SNAPSHOTS).iterdir())
    assert names == ["plate.jpg", "vehicle.jpg"]


def test_many_pictures_of_one_second_keep_their_passages_apart(tmp_path: Path) -> None:
    for number in range(40):
        shade = np.full((8, 8, 3), number, np.uint8)
        assert cv2.imwrite(str(tmp_path / f"20260501_080000 {number}.png"), shade)
    work = prepared(asked([str(tmp_path), "--output", str(tmp_path / "out")]), settings_from(UTC))
    names = prefixes(work.items)
    assert len(set(names)) == 40
    assert all(name.isprintable() for name in names)


def test_a_beginning_beyond_the_end_is_named(tmp_path: Path, replayed: Replayed) -> None:
    with pytest.raises(Unreadable, match=r"ends at second 8\.0; choose an earlier --from"):
        replayed(str(gate(tmp_path, seconds=8)), "--from", "9")


def test_where_nothing_can_be_read_it_says_so(tmp_path: Path, replayed: Replayed) -> None:
    with pytest.raises(Unreadable):
        replayed(str(tmp_path / "none.mp4"))


def test_what_the_eyes_saw_can_be_decided_again_without_them(
    tmp_path: Path, replayed: Replayed, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept.jsonl"
    _, events, _ = replayed(str(gate(tmp_path)), "--no-video", "--keep-passages", str(kept))
    assert len(kept_passages(kept).passages) == 2
    again = asked(["--passages", str(kept), "--json", "--output", str(tmp_path / "again")])
    assert run_kept(kept, again, settings_from(UTC)) == 0
    *told, _ = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    same = ("kind", "kind_by", "plate", "first_seen", "last_seen", "characters")
    assert [[e[k] for k in same] for e in told] == [[e[k] for k in same] for e in events]


def test_an_earlier_film_is_not_taken_for_that_of_a_newer_table(
    tmp_path: Path, replayed: Replayed
) -> None:
    clip, out = str(gate(tmp_path, seconds=4)), tmp_path / "out"
    replayed(clip, "--detections")
    film = (out / FILM).read_bytes()
    replayed(clip, "--no-video")
    names = ["detected_vehicles_and_plates.csv", "detected_vehicles_and_plates.older.mp4"]
    assert sorted(path.name for path in out.iterdir()) == [*names, "detections.older.csv"]
    assert (out / names[1]).read_bytes() == film


def test_a_truth_file_scores_the_run(tmp_path: Path, replayed: Replayed) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text(
        "video,plate,first_frame,last_frame\n"
        "gate.mp4,ABC-1234,5,40\ngate.mp4,ABC1234,400,440\ngate.mp4,XYZ9876,100,200\n",
        encoding="utf-8",
    )
    _, _, summary = replayed(str(gate(tmp_path)), "--no-video", "--truth", str(truth))
    assert {key: summary[key] for key in ("found", "missed", "false", "misread")} == {
        "found": 2,
        "missed": 1,
        "false": 0,
        "misread": 0,
    }


def test_an_older_run_can_be_compared(tmp_path: Path, replayed: Replayed) -> None:
    clip = str(gate(tmp_path))
    replayed(clip, "--no-video")
    older = tmp_path / "older.csv"
    (tmp_path / "out" / TABLE).rename(older)
    _, _, summary = replayed(clip, "--no-video", "--to", "20", "--compare", str(older))
    assert summary["compared"]["same"] == 1
    assert summary["compared"]["gone"] == 1


def test_ctrl_c_keeps_what_was_read(tmp_path: Path, replayed: Replayed) -> None:
    class AfterSomeFrames(Stop):
        frames = 0

        @property
        def asked(self) -> bool:
            self.frames += 1
            return self.frames > 150

        @asked.setter
        def asked(self, value: bool) -> None:
            pass

    status, events, summary = replayed(str(gate(tmp_path)), stop=AfterSomeFrames())
    assert status == 130
    assert [e["kind"] for e in events] == ["entry"]
    assert summary["stopped"] is True
    with av.open(str(tmp_path / "out" / FILM)) as film:
        frames = sum(1 for _ in film.decode(video=0))
    assert 100 < frames < 250


def test_a_folder_that_cannot_be_written_is_found_before_the_work(tmp_path: Path) -> None:
    clip = gate(tmp_path, seconds=2)
    (tmp_path / "out").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(Unwritable):
        prepared(asked([str(clip), "--output", str(tmp_path / "out")]), settings_from(UTC))


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["a.mp4", "--passages", "b.jsonl"],
        ["a.mp4", "--show", "--jobs", "2"],
        ["a.mp4", "--jobs", "0"],
        ["a.mp4", "--unknown"],
        ["--passages", "b.jsonl", "--snapshots"],
    ],
)
def test_words_that_make_no_replay_are_refused_in_one_line(words: list[str]) -> None:
    with pytest.raises(WrongUsage) as raised:
        asked(words)
    assert "\n" not in str(raised.value)
