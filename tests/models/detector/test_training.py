"""A whole run on a dozen drawn pictures: it proves the road, not the network.

Needs torch: `make test TRAINING=auto`.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge.values import KINDS
from lot.errors import Damaged, Unreadable
from models.detector import export
from models.detector.__main__ import main
from models.detector.start import checkpoint_of

# Warnings are of torch's exporter and ultralytics, which we cannot mend.
pytest.importorskip("torch", reason="torch is only where models are trained")
pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("ignore")]


def draw_set(folder: Path, pictures: int = 14) -> Path:
    """Draw dark boxes (cars) with a white strip (their plate), and label both."""
    (folder / "drawn/images").mkdir(parents=True)
    (folder / "drawn/labels").mkdir()
    (folder / "drawn/classes.txt").write_text("\n".join(KINDS))
    random = np.random.default_rng(1)
    for number in range(pictures):
        image = np.full((96, 128, 3), 150, np.uint8)
        x, y = int(random.integers(10, 50)), int(random.integers(10, 30))
        cv2.rectangle(image, (x, y), (x + 60, y + 50), (40, 30, 90), -1)
        cv2.rectangle(image, (x + 18, y + 34), (x + 42, y + 42), (240, 240, 240), -1)
        cv2.imwrite(str(folder / f"drawn/images/{number}.png"), image)
        car = f"0 {(x + 30) / 128} {(y + 25) / 96} {60 / 128} {50 / 96}\n"
        plate = f"4 {(x + 30) / 128} {(y + 38) / 96} {24 / 128} {8 / 96}\n"
        (folder / f"drawn/labels/{number}.txt").write_text(car + plate)
    return folder


def coco_network(path: Path) -> Any:
    """Write a checkpoint with COCO's 80 names and random weights."""
    from ultralytics import YOLO

    network: Any = YOLO("yolo11n.yaml")
    names = {number: f"thing {number}" for number in range(80)}
    names |= {2: "car", 3: "motorcycle", 5: "bus", 7: "truck"}
    network.model.names = names
    network.save(str(path))
    return network.model


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training")
    data = draw_set(folder / "data")
    assert main(["prepare", str(folder / "run"), str(data)]) == 0
    words = ["train", str(folder / "run"), "--epochs", "1", "--size", "64", "--balance", "0.5"]
    assert main(words) == 0
    return folder / "run"


def test_a_run_ends_in_weights_that_the_edge_opens_and_a_card_of_them(
    run: Path, tmp_path: Path
) -> None:
    from edge.detection.choice import detector

    weights = tmp_path / "plate_detector.onnx"
    assert main(["release", str(run), "--to", str(weights)]) == 0
    card = json.loads(weights.with_suffix(".json").read_text())
    assert card["kinds"] == list(KINDS)
    assert card["torch_against_onnx"]["score"] < export.SCORE_APART
    assert card["held_out"]["plates"]["plates"] > 0
    assert card["settings"]["balance"] == card["balance"]["strength"] == 0.5
    assert "car" in card["balance"]["rarest"]
    assert card["split"] == "alone"  # nobody named the reader's crops, which may be learned from
    assert weights.stat().st_size < 12_000_000
    found = detector("onnx", weights).detect([np.zeros((90, 160, 3), np.uint8)])
    assert len(found) == 1


def test_the_next_run_begins_where_a_released_file_ended(run: Path, tmp_path: Path) -> None:
    import torch

    weights = tmp_path / "plate_detector.onnx"
    assert main(["release", str(run), "--to", str(weights)]) == 0
    begun = export.trained(checkpoint_of(weights, run)).eval()
    before = export.trained(run / "trainer" / "weights" / "best.pt").eval()
    picture = torch.rand(1, 3, 96, 128)
    with torch.inference_mode():
        assert torch.allclose(begun(picture)[0], before(picture)[0], atol=0.05)


def test_a_network_of_eight_bits_is_opened_as_the_whole_one_is(run: Path, tmp_path: Path) -> None:
    from edge.weights import opened
    from models.detector.quantising import quantised

    weights = tmp_path / "d.onnx"
    export.exported(
        export.trained(run / "trainer" / "weights" / "best.pt"), weights, {"size": "64"}
    )
    pictures = sorted((run.parent / "data/drawn/images").iterdir()) * 8
    quantised(weights, tmp_path / "e.onnx", pictures, 64)
    whole, eight = (opened(tmp_path / name, threads=1) for name in ("d.onnx", "e.onnx"))
    assert eight.facts == {**whole.facts, "bits": "8"}
    given = np.full((1, 3, 64, 96), 0.5, np.float32)
    answers = [network.run(given, ("output0",))[0] for network in (whole, eight)]
    assert answers[0].shape == answers[1].shape
    assert np.abs(answers[0] - answers[1]).max() > 0  # it was rounded
    assert np.abs(answers[0][:, :4] - answers[1][:, :4]).max() < 16  # and still looks there


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "no weights at"), (b"", "no exported YOLO11n"), (b"x", "no ONNX file")],
)
def test_a_start_that_is_no_detector_is_named(
    content: bytes | None, said: str, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start, again = tmp_path / "start.onnx", tmp_path / "run"
    if content is not None:
        start.write_bytes(content)
    shutil.copytree(run, again, symlinks=True, ignore=shutil.ignore_patterns("trainer"))
    assert main(["train", str(again), "--epochs", "1", "--start", str(start)]) == 3
    assert said in capsys.readouterr().err


def test_a_run_that_is_done_is_not_trained_again(run: Path) -> None:
    last = run / "trainer" / "weights" / "last.pt"
    before = last.read_bytes()
    assert main(["train", str(run), "--epochs", "1", "--size", "64"]) == 0
    assert last.read_bytes() == before


def test_what_coco_knows_of_vehicles_is_carried_over_whole(tmp_path: Path) -> None:
    import torch

    source = coco_network(tmp_path / "coco.pt").model[-1]
    ours = export.started(tmp_path / "coco.pt").model[-1]
    for branch, other in zip(ours.cv3, source.cv3, strict=True):
        for row, number in enumerate((2, 3, 5, 7)):
            assert torch.allclose(branch[-1].weight[row], other[-1].weight[number], atol=1e-3)
        assert torch.allclose(branch[0][1].conv.weight, other[0][1].conv.weight, atol=1e-3)


def test_weights_of_other_kinds_are_not_released(tmp_path: Path) -> None:
    coco_network(tmp_path / "coco.pt")
    with pytest.raises(Damaged, match="the edge needs car"):
        export.trained(tmp_path / "coco.pt")


def test_missing_weights_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Unreadable, match=r"coco\.pt"):
        export.started(tmp_path / "coco.pt")
    data = draw_set(tmp_path / "data")
    assert main(["prepare", str(tmp_path / "run"), str(data)]) == 0
    assert main(["train", str(tmp_path / "run"), "--start", str(tmp_path / "coco.pt")]) == 3
    assert "coco.pt" in capsys.readouterr().err
