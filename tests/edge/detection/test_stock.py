"""Networks as ultralytics exports them: classes by name, sizes by its words."""

from pathlib import Path

import numpy as np
import pytest

from edge.detection.choice import detector
from edge.detection.letterbox import fitted_into
from edge.values import Image
from lot.errors import WrongUsage
from tests.edge.networks import write_detector, write_reader

NAMES = "{0: 'car', 1: 'person', 2: 'dog', 3: 'License Plate'}"


def stock(path: Path, names: str = NAMES, imgsz: str = "[384, 640]", kinds: int = 4) -> Path:
    return write_detector(path, metadata={"names": names, "imgsz": imgsz}, kinds=kinds)


def picture() -> Image:
    image = np.zeros((384, 640, 3), np.uint8)
    image[16:24, 80:88] = (0, 255, 0)
    image[104:112, 240:248] = (0, 0, 255)
    return image


@pytest.mark.parametrize("name", ["onnx", "ultralytics"])
def test_of_its_classes_ours_are_found_and_the_others_are_not_looked_at(
    tmp_path: Path, name: str
) -> None:
    (found,) = detector(name, stock(tmp_path / "d.onnx"), threads=1).detect([picture()])
    assert [one.kind for one in found] == ["plate", "car"]
    assert found[0].box.centre == pytest.approx((84 / 640, 20 / 384))


def test_one_that_knows_no_plates_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = stock(tmp_path / "d.onnx", names="{0: 'car', 1: 'bus', 2: 'truck', 3: 'train'}")
    (found,) = detector("onnx", path, threads=1).detect([picture()])
    assert [one.kind for one in found] == ["car"]
    assert "d.onnx knows no plates: with it no plate will be read" in caplog.text


def test_one_that_knows_plates_says_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    detector("onnx", stock(tmp_path / "d.onnx"), threads=1)
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("names", "imgsz", "complaint"),
    [
        ("{0: 'cat', 1: 'person', 2: 'dog', 3: 'train'}", "640", "it finds none of car"),
        ("car, bus", "640", "it finds none of car"),
        ("{0: 'car', 1: 'bus'}", "640", "with 2 kinds it should answer"),
        (NAMES, "[640, wide]", "its imgsz is"),
        (NAMES, "[8, 8]", "its imgsz is"),
    ],
)
def test_one_that_says_the_wrong_thing_is_refused(
    tmp_path: Path, names: str, imgsz: str, complaint: str
) -> None:
    with pytest.raises(WrongUsage, match=complaint):
        detector("onnx", stock(tmp_path / "d.onnx", names, imgsz), threads=1)


def test_a_network_of_half_a_fixed_shape_is_refused(tmp_path: Path) -> None:
    path = write_detector(tmp_path / "d.onnx", shape=["n", 3, 384, "width"])
    with pytest.raises(WrongUsage, match="both fixed, or both free"):
        detector("onnx", path, threads=1)


def test_a_reader_given_as_a_detector_is_refused(tmp_path: Path) -> None:
    path = write_reader(tmp_path / "r.onnx")
    with pytest.raises(WrongUsage, match=r"r\.onnx is the wrong network: a detector takes"):
        detector("onnx", path, threads=1)


@pytest.mark.parametrize(("height", "width"), [(1080, 1920), (480, 640), (900, 300), (1, 1)])
def test_a_picture_of_any_aspect_lies_whole_in_a_fixed_shape(height: int, width: int) -> None:
    fit = fitted_into(height, width, (384, 640))
    assert fit.shape == (384, 640)
    assert fit.top + fit.picture_height <= 384
    assert fit.left + fit.picture_width <= 640
    assert fit.picture_height == 384 or fit.picture_width == 640
