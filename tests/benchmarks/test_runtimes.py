from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from benchmarks.runtimes import measure
from benchmarks.turns import in_turns
from lot.errors import WrongUsage
from tests.edge.networks import write_detector


def asked(*also: str) -> argparse.Namespace:
    return argparse.Namespace(also=list(also), rounds=1)


def test_works_are_done_in_turns_and_the_first_round_counts_for_none() -> None:
    done: list[str] = []
    spent = in_turns({"a": lambda: done.append("a"), "b": lambda: done.append("b")}, rounds=2)
    assert done == ["a", "b"] * 3
    assert list(spent) == ["a", "b"]


def test_what_is_not_here_is_told_and_another_file_is_timed(tmp_path: Path) -> None:
    tiny = write_detector(tmp_path / "tiny.onnx")
    figures = {one.name: one for one in measure(asked(f"onnx={tiny}", f"torch={tmp_path / 'x'}"))}
    timed = figures["onnx tiny.onnx by ONNX Runtime"].value
    assert timed is not None
    assert timed < 1
    missing = figures["torch x: not run"]
    assert missing.value is None
    assert "cannot read the weights" in missing.baseline


def test_an_unknown_runtime_is_named() -> None:
    with pytest.raises(WrongUsage, match="no runtime 'tflite'; choose onnx"):
        measure(asked("tflite=x"))
