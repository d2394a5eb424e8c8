"""From names to recordings in the order of their times."""

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import pytz

from edge.sources.choosing import Choice, Chosen, chosen
from edge.sources.files import Recording
from edge.sources.stills import Still
from lot.errors import WrongUsage
from tests.edge.clips import Clip, picture, record

CHICAGO = pytz.timezone("America/Chicago")
CHOICE = Choice(camera="gate", zone=CHICAGO)
TEN_SECONDS = Clip(stamps=(0, 5000, 10_000))


def names(found: Chosen) -> list[str]:
    return [item.path.name for item in found.inputs]


def test_one_file_is_itself(tmp_path: Path) -> None:
    path = record(tmp_path / "clip.mp4")
    found = chosen([str(path)], CHOICE)
    assert names(found) == ["clip.mp4"]
    assert isinstance(found.inputs[0], Recording)
    assert (found.refused, found.passed_over) == ((), 0)


def test_files_of_a_day_in_any_order_are_one_run_in_the_order_of_their_times(
    tmp_path: Path,
) -> None:
    wanted = [f"gate_20240501_13450{minute}.mp4" for minute in range(0, 9, 3)]
    for name in wanted:
        record(tmp_path / name)
    picture(tmp_path / "20240501_134501.jpg")
    wanted.insert(1, "20240501_134501.jpg")
    for order in (wanted, wanted[::-1], wanted[2:] + wanted[:2]):
        assert names(chosen([str(tmp_path / name) for name in order], CHOICE)) == wanted


def test_a_folder_gives_its_good_files_and_names_its_bad_ones(tmp_path: Path) -> None:
    record(tmp_path / "clip10.mp4")
    record(tmp_path / "clip2.MKV")
    (tmp_path / "deeper").mkdir()
    picture(tmp_path / "deeper" / "photo.jpg")
    (tmp_path / "broken.mp4").write_bytes(b"no film")
    (tmp_path / "photo.png").write_bytes(b"no photo")
    (tmp_path / "truth.csv").write_text("video,plate\n", encoding="utf-8")
    (tmp_path / ".hidden.mp4").write_bytes(b"")
    found = chosen([str(tmp_path)], CHOICE)
    assert names(found) == ["clip2.MKV", "clip10.mp4", "photo.jpg"]
    assert isinstance(found.inputs[2], Still)
    assert [str(error).split("; ")[0] for error in found.refused] == [
        f"{tmp_path}/broken.mp4 is no video",
        f"{tmp_path}/photo.png is no jpg, png, webp or bmp picture",
    ]
    assert found.passed_over == 1


def test_our_own_results_are_no_footage(tmp_path: Path) -> None:
    record(tmp_path / "clip.mp4")
    (tmp_path / "output").mkdir()
    record(tmp_path / "output" / "detected.mp4")
    found = chosen([str(tmp_path)], Choice("gate", CHICAGO, left_out=tmp_path / "output"))
    assert names(found) == ["clip.mp4"]


def test_a_glob_that_no_shell_resolved_is_resolved(tmp_path: Path) -> None:
    for name in ("a1.mp4", "a2.mp4", "b.mp4"):
        record(tmp_path / name)
    assert names(chosen([str(tmp_path / "a*.mp4")], CHOICE)) == ["a1.mp4", "a2.mp4"]


def test_a_file_with_a_star_in_its_name_is_that_file(tmp_path: Path) -> None:
    record(tmp_path / "a[1].mp4")
    assert names(chosen([str(tmp_path / "a[1].mp4")], CHOICE)) == ["a[1].mp4"]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = record(tmp_path / "clip.mp4")
    assert names(chosen([str(path), str(tmp_path), str(path)], CHOICE)) == ["clip.mp4"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.mp4", "cannot read .*missing.mp4: No such file"),
        ("*.mp4", "no file matches .*; check the pattern"),
        ("empty", "empty holds no video and no picture"),
    ],
)
def test_a_name_that_leads_to_nothing_is_refused(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    found = chosen([str(tmp_path / name)], CHOICE)
    assert found.inputs == ()
    (error,) = found.refused
    assert re.search(said, str(error))


def test_recordings_without_a_time_stand_behind_as_they_were_named(tmp_path: Path) -> None:
    for name in ("z.mp4", "a.mp4", "20240501_134500.mp4"):
        record(tmp_path / name)
    found = chosen([str(tmp_path / n) for n in ("z.mp4", "20240501_134500.mp4", "a.mp4")], CHOICE)
    assert names(found) == ["20240501_134500.mp4", "z.mp4", "a.mp4"]


def test_an_overlap_is_refused_and_both_files_named(tmp_path: Path) -> None:
    record(tmp_path / "20240501_134500.mp4", TEN_SECONDS)
    record(tmp_path / "20240501_134505.mp4", TEN_SECONDS)
    with pytest.raises(WrongUsage, match=r"134500\.mp4 and .*134505\.mp4 overlap in time"):
        chosen([str(tmp_path)], CHOICE)


def test_a_moments_overlap_moves_the_later_one(tmp_path: Path) -> None:
    record(tmp_path / "20240501_134500.mp4", TEN_SECONDS)
    record(tmp_path / "20240501_134509.mp4", TEN_SECONDS)
    first, second = chosen([str(tmp_path)], CHOICE).inputs
    assert isinstance(first, Recording)
    assert second.start.at == first.end


def test_the_second_of_the_nights_two_equal_hours_follows_the_first(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    record(tmp_path / "1" / "20241103_013000.mp4", TEN_SECONDS)
    record(tmp_path / "2" / "20241103_013000.mp4", TEN_SECONDS)
    first, second = chosen([str(tmp_path)], CHOICE).inputs
    assert second.start.at - first.start.at == timedelta(hours=1)


def test_a_told_start_is_for_one_recording(tmp_path: Path) -> None:
    path = record(tmp_path / "clip.mp4")
    moment = datetime(2024, 5, 1, tzinfo=timezone.utc)
    choice = Choice("gate", CHICAGO, told=moment)
    assert chosen([str(path)], choice).inputs[0].start.at == moment
    record(tmp_path / "other.mp4")
    with pytest.raises(WrongUsage, match="tells when one recording began, and there are 2"):
        chosen([str(tmp_path)], choice)
