"""Real clips are anyone's own: where there are none the figure says so and breaks nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from benchmarks.footage import Clip, figures, measured, table, videos
from benchmarks.ours import FOOTAGE, edge_environment


def test_without_a_folder_it_is_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(FOOTAGE, raising=False)
    found = measured(argparse.Namespace(folder=None))
    assert all(one.value is None and one.holds is None for one in found)
    assert FOOTAGE in found[0].baseline
    monkeypatch.setenv(FOOTAGE, str(tmp_path))
    assert "has no truth.csv" in measured(argparse.Namespace(folder=None))[0].baseline


def test_the_folders_name_is_kept_from_the_edge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOOTAGE, "anywhere")
    assert FOOTAGE not in edge_environment()


def test_every_plate_must_be_found() -> None:
    clips = [Clip("a.mp4", 2, 0, 0, 1), Clip("b.mp4", 0, 1, 1, 0)]
    found, false = figures(clips, "said")
    assert (found.value, found.unit, found.holds) == (2, "of 3", False)
    assert (false.value, false.holds) == (1, True)
    assert figures(clips[:1], "said")[0].holds
    assert len(table(clips).splitlines()) == 3


def test_each_video_of_a_truth_is_replayed_once(tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text(
        "video,plate,first_frame,last_frame\nb.mp4,A1,0,9\na.mp4,B2,0,9\nb.mp4,C3,5,9\n"
    )
    assert videos(truth) == ["b.mp4", "a.mp4"]
