"""OpenVINO finds what ONNX Runtime finds, and refuses what is no network."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from edge.runtimes import Runtime
from edge.weights import opened
from lot.errors import Damaged, WrongUsage
from tests.edge.networks import KINDS, write_detector, write_reader

HERE = importlib.util.find_spec("openvino") is not None
needed = pytest.mark.skipif(not HERE, reason="no OpenVINO here")


@needed
@pytest.mark.parametrize("shape", [(1, 3, 32, 64), (3, 3, 64, 32)])
def test_it_answers_as_onnx_runtime_does(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = write_detector(tmp_path / "d.onnx")
    given = np.random.default_rng(1).random(shape, np.float32)
    (usual,) = opened(path, threads=1).run(given, ("output0",))
    (answer,) = opened(path, threads=1, runtime="openvino").run(given, ("output0",))
    assert answer == pytest.approx(usual, abs=1e-4)


@needed
def test_an_answer_stays_what_it_was_when_the_network_runs_again(tmp_path: Path) -> None:
    network = opened(write_reader(tmp_path / "r.onnx"), threads=1, runtime="openvino")
    (first,) = network.run(np.zeros((1, 1, 16, 64), np.float32), ("logits",))
    before = first.copy()
    network.run(np.ones((1, 1, 16, 64), np.float32), ("logits",))
    assert (first == before).all()


@needed
def test_what_the_file_says_is_known(tmp_path: Path) -> None:
    network = opened(write_detector(tmp_path / "d.onnx"), threads=1, runtime="openvino")
    assert network.text("kinds") == KINDS
    assert network.whole("size", 32, 1000) == 640
    assert [port.shape for port in network.inputs] == [(None, 3, None, None)]


@needed
@pytest.mark.parametrize("content", [b"", b"not a network"])
def test_a_file_that_is_no_network_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "d.onnx"
    path.write_bytes(content)
    with pytest.raises(Damaged, match="no network that OpenVINO can open"):
        opened(path, threads=1, runtime="openvino")


@pytest.mark.parametrize(("runtime", "package"), [("openvino", "openvino"), ("torch", "torch")])
def test_a_runtime_that_is_not_installed_says_what_to_install(
    tmp_path: Path, runtime: Runtime, package: str
) -> None:
    if importlib.util.find_spec(package) is not None:
        pytest.skip(f"{package} is here")
    with pytest.raises(WrongUsage, match=f"needs {package}, which is not installed; pip install"):
        opened(write_detector(tmp_path / "d.onnx"), threads=1, runtime=runtime)
