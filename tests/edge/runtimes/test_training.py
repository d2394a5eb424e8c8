"""Stock checkpoints of ultralytics as a detector. Needs torch: `make test TRAINING=auto`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.detection.choice import detector
from edge.runtimes import Array
from edge.weights import opened
from lot.errors import Damaged, WrongUsage
from tests.edge.detection.libraries import write_checkpoint

# Warnings are of torch and ultralytics, which we cannot mend.
pytest.importorskip("torch", reason="torch is only where models are trained")
pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("stock") / "stock.pt")


def test_a_stock_network_finds_vehicles_and_says_that_it_knows_no_plates(
    checkpoint: Path, caplog: pytest.LogCaptureFixture
) -> None:
    eyes = detector("ultralytics", checkpoint, threads=1)
    assert "stock.pt knows no plates: with it no plate will be read" in caplog.text
    assert len(eyes.detect([np.zeros((90, 160, 3), np.uint8)])) == 1


def test_a_checkpoint_answers_what_the_library_answers(checkpoint: Path) -> None:
    import torch
    from ultralytics import YOLO

    given: Array = np.random.default_rng(1).random((2, 3, 64, 96), np.float32)
    network = YOLO(str(checkpoint)).model.float().fuse().eval()
    with torch.inference_mode():
        theirs = network(torch.from_numpy(given))[0].numpy()
    (ours,) = opened(checkpoint, threads=1, runtime="torch").run(given, ("output0",))
    assert ours.shape[1] == 84
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path, checkpoint: Path) -> None:
    import torch

    path = tmp_path / "d.pt"
    for content in (b"", b"not a checkpoint", checkpoint.read_bytes()[:-2000]):
        path.write_bytes(content)
        with pytest.raises(Damaged, match=r"d\.pt is no checkpoint of ultralytics"):
            detector("ultralytics", path, threads=1)
    torch.save({"weights": torch.zeros(3)}, path)
    with pytest.raises(Damaged, match=r"d\.pt is no checkpoint of ultralytics"):
        detector("ultralytics", path, threads=1)


def test_a_checkpoint_of_another_task_is_refused(tmp_path: Path) -> None:
    from ultralytics import YOLO

    path = tmp_path / "parts.pt"
    YOLO("yolo11n-seg.yaml").save(str(path))
    with pytest.raises(WrongUsage, match=r"parts\.pt is the wrong network: a Segmentation"):
        detector("ultralytics", path, threads=1)
