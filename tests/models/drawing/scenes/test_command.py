"""The command that draws films."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.drawing.scenes.__main__ import main
from models.drawing.scenes.catalogue import names


def test_it_names_the_scenes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert capsys.readouterr().out.split() == list(names())


def test_it_draws_the_named_scene(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["fast", "--out", str(tmp_path), "--size", "96x64", "--fps", "1"]
    assert main(words) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "fast.mp4")
    assert {path.name for path in tmp_path.iterdir()} == {"fast.mp4", "truth.csv", "events.json"}


@pytest.mark.parametrize("words", [["no-such-scene"], []])
def test_a_wrong_name_is_said_in_one_line(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--out", str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not list(tmp_path.iterdir())
