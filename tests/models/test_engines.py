"""What of building an engine needs no TensorRT; the rest runs in the detectors' contract."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from edge.detection.choice import detector
from edge.runtimes.engine_file import joined, parted
from edge.weights import opened
from models.engines import Shapes, header, main, profile_of, quantised
from tests.edge.networks import KINDS, write_detector, write_reader

SHAPES = Shapes(batch=4, height=384, width=640)


def test_what_is_free_follows_the_wish(tmp_path: Path) -> None:
    network = opened(write_detector(tmp_path / "d.onnx"), threads=1)
    assert profile_of(network, SHAPES) == ((1, 3, 384, 640), (4, 3, 384, 640))


def test_what_is_fixed_stays(tmp_path: Path) -> None:
    network = opened(write_detector(tmp_path / "d.onnx", shape=[2, 3, 96, 160]), threads=1)
    assert profile_of(network, SHAPES) == ((2, 3, 96, 160), (2, 3, 96, 160))
    reader = opened(write_reader(tmp_path / "r.onnx"), threads=1)
    assert profile_of(reader, SHAPES) == ((1, 1, 16, 64), (4, 1, 16, 64))


def test_the_engines_header_says_what_the_network_said_and_what_ultralytics_asks(
    tmp_path: Path,
) -> None:
    network = opened(write_detector(tmp_path / "d.onnx"), threads=1)
    place = {"tensorrt": "10.3.0", "device": "Orin"}
    said = parted(joined(header(network, (4, 3, 384, 640), place), b"plan")).says
    assert said["kinds"] == KINDS
    assert said["size"] == "640"
    assert said["imgsz"] == "[384, 640]"
    assert said["names"].startswith('{"0": "car", "1": "motorcycle"')
    assert (said["tensorrt"], said["device"]) == ("10.3.0", "Orin")


def test_a_readers_header_says_all_that_its_reading_needs(tmp_path: Path) -> None:
    network = opened(write_reader(tmp_path / "r.onnx"), threads=1)
    said = header(network, (4, 1, 16, 64), {})
    assert said["alphabet"] == "AB"
    assert "names" not in said


def test_eight_bits_are_built_as_such_where_the_file_says_so(tmp_path: Path) -> None:
    whole = opened(write_detector(tmp_path / "a.onnx"), threads=1)
    eight = {"kinds": KINDS, "size": "640", "bits": "8"}
    rounded = opened(write_detector(tmp_path / "b.onnx", metadata=eight), threads=1)
    assert not quantised(whole)
    assert quantised(rounded)


@pytest.mark.skipif(importlib.util.find_spec("tensorrt") is not None, reason="TensorRT is here")
def test_without_tensorrt_the_build_says_where_to_build(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = write_detector(tmp_path / "d.onnx")
    assert main(["build", str(network)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "build on the machine that will run the engine" in line
    assert not (tmp_path / "d.engine").exists()


def test_a_network_agrees_with_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = f"onnx={write_detector(tmp_path / 'd.onnx')}"
    assert main(["compare", words, words, "--pictures", "2"]) == 0
    assert "2 drawn pictures" in capsys.readouterr().out


def test_a_detector_without_its_file_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "onnx", "onnx"]) == 2
    assert "onnx is not NAME=FILE" in capsys.readouterr().err


def test_a_file_of_fixed_shape_finds_what_the_free_one_finds(tmp_path: Path) -> None:
    from models.comparing import compared

    free = detector("onnx", write_detector(tmp_path / "a.onnx"), threads=1)
    fixed = write_detector(tmp_path / "b.onnx", shape=[1, 3, 384, 640])
    agreement = compared(detector("onnx", fixed, threads=1), free, pictures=2, seed=1)
    assert agreement.both == agreement.found
    assert agreement.alone == 0
