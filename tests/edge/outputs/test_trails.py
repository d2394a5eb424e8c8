"""Marks go to the disk and come back as they were; what the disk has no room for is said."""

import errno
import os
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.outputs.trails import Mark, Spool, Trail, Trails
from edge.values import Box
from tests.edge.outputs.events import START

SIDES = st.floats(-0.5, 1.5)
MARKS = st.builds(
    Mark,
    track=st.integers(1, 5),
    time=st.integers(0, 10**12).map(lambda micros: START + timedelta(microseconds=micros)),
    box=st.builds(Box, SIDES, SIDES, SIDES, SIDES),
    score=st.floats(0, 1),
)


def kept(folder: Path, marks: list[Mark]) -> Trails:
    """Spool marks as the tracks 1 to 3, of which more is known; the rest are false alarms."""
    spool = Spool(folder)
    for mark in marks:
        spool.add(mark)
    spool.close()
    return Trails({n: Trail("car", START) for n in (1, 2, 3)}, spool.path, spool.failure)


@given(st.lists(MARKS, max_size=30))
def test_marks_of_known_tracks_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, marks: list[Mark]
) -> None:
    found = kept(tmp_path_factory.mktemp("marks"), marks)
    assert list(found.marks()) == [mark for mark in marks if mark.track <= 3]


def test_where_nothing_is_kept_there_are_no_marks() -> None:
    assert list(Trails().marks()) == []


def test_the_length_of_a_recording_is_on_the_disk_and_not_in_memory(tmp_path: Path) -> None:
    mark = Mark(1, START, Box(0.1, 0.2, 0.3, 0.4), 0.5)
    tracemalloc.start()
    try:
        spool = Spool(tmp_path)
        for _ in range(20_000):
            spool.add(mark)
        spool.close()
        read = sum(1 for _ in Trails({1: Trail("car", START)}, spool.path).marks())
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert read == 20_000
    assert most < 300_000  # the marks as values take twenty times that


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_said_when_the_marks_are_wanted_and_not_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_a_full_disk(dir: Path) -> tuple[int, str]:  # noqa: A002  # the name of the library's
        return os.open("/dev/full", os.O_WRONLY), str(dir / "marks")

    monkeypatch.setattr("edge.outputs.trails.tempfile.mkstemp", on_a_full_disk)
    found = kept(tmp_path, [Mark(1, START, Box(0, 0, 1, 1), 0.5)] * 10_000)
    with pytest.raises(OSError, match="No space left") as raised:
        next(found.marks())
    assert raised.value.errno == errno.ENOSPC


def test_a_folder_that_is_gone_is_said_when_the_marks_are_wanted(tmp_path: Path) -> None:
    found = kept(tmp_path / "gone", [Mark(1, START, Box(0, 0, 1, 1), 0.5)])
    with pytest.raises(FileNotFoundError):
        next(found.marks())
