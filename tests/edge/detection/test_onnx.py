import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from edge.detection.choice import detector
from edge.values import Box, Image
from lot.errors import Damaged, LotError, WrongUsage
from tests.edge.networks import BLOCK, KINDS, write_detector

RED, GREEN = (0, 0, 255), (0, 255, 0)


def picture(height: int, width: int) -> Image:
    return np.zeros((height, width, 3), np.uint8)


def paint(image: Image, box: Box, colour: tuple[int, int, int]) -> None:
    height, width = image.shape[:2]
    rows = slice(round(box.top * height), round(box.bottom * height))
    columns = slice(round(box.left * width), round(box.right * width))
    image[rows, columns] = colour


def refusal(path: Path) -> str:
    with pytest.raises(LotError) as refused:
        detector("onnx", path, threads=1)
    message = str(refused.value)
    assert "\n" not in message
    assert path.name in message
    return message


def test_a_block_of_colour_is_found_where_it_was_painted(tmp_path: Path) -> None:
    image = picture(360, 640)
    # The input is 384 x 640, so the picture begins 12 rows down; the third block of the
    # input is rows 16 to 24, which is rows 4 to 12 of the picture.
    image[4:12, 80:88] = GREEN
    image[100:108, 240:248] = RED
    seen = detector("onnx", write_detector(tmp_path / "d.onnx"), threads=1).detect([image])[0]
    assert [one.kind for one in seen] == ["plate", "car"]
    plate, car = (one.box for one in seen)
    assert plate.left == pytest.approx((84 - 16) / 640)
    assert plate.right == pytest.approx((84 + 16) / 640)
    assert plate.top == pytest.approx(4 / 360)
    assert plate.bottom == pytest.approx(12 / 360)
    assert car.centre == pytest.approx((244 / 640, 104 / 360))


@pytest.mark.parametrize(("height", "width"), [(1080, 1920), (480, 640), (900, 300), (64, 640)])
def test_a_box_is_in_fractions_of_the_picture_whatever_its_size(
    tmp_path: Path, height: int, width: int
) -> None:
    image = picture(height, width)
    side = 40 * max(height, width) / 640  # five blocks of the input
    where = Box(0.5, 0.3, 0.5 + side / width, 0.3 + side / height)
    paint(image, where, RED)
    seen = detector("onnx", write_detector(tmp_path / "d.onnx"), threads=1).detect([image])[0]
    block = BLOCK * max(height, width) / 640
    assert seen
    for one in seen:
        x, y = one.box.centre
        assert where.left - block / width <= x <= where.right + block / width
        assert where.top - block / height <= y <= where.bottom + block / height


def test_red_and_blue_are_not_swapped(tmp_path: Path) -> None:
    image = picture(64, 64)
    image[:] = (255, 0, 0)  # blue, as OpenCV orders
    assert detector("onnx", write_detector(tmp_path / "d.onnx"), threads=1).detect([image]) == [[]]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "cannot read" in refusal(tmp_path / "none.onnx")


@pytest.mark.parametrize("content", [b"", b"not a network", b"\x08\x08\x3a\x7f"])
def test_a_file_that_is_no_network_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "d.onnx"
    path.write_bytes(content)
    refusal(path)


def test_a_network_cut_short_is_refused(tmp_path: Path) -> None:
    path = write_detector(tmp_path / "d.onnx")
    path.write_bytes(path.read_bytes()[:-200])
    refusal(path)


@pytest.mark.parametrize(
    ("metadata", "complaint"),
    [
        ({"size": "640"}, "does not say its kinds"),
        ({"kinds": KINDS}, "does not say its size"),
        ({"kinds": KINDS, "size": "huge"}, "its size is 'huge'"),
        ({"kinds": KINDS, "size": "0"}, "its size is '0'"),
        ({"kinds": "car,bus,plate", "size": "640"}, "with 3 kinds it should answer [n, 7"),
        ({"kinds": "car,cat,bus,truck,plate", "size": "640"}, "finds 'cat'"),
        ({"kinds": "car,car,bus,truck,plate", "size": "640"}, "names a kind twice"),
    ],
)
def test_a_network_that_says_the_wrong_thing_is_refused(
    tmp_path: Path, metadata: dict[str, str], complaint: str
) -> None:
    assert complaint in refusal(write_detector(tmp_path / "d.onnx", metadata=metadata))


def test_a_network_with_other_inputs_or_outputs_is_refused(tmp_path: Path) -> None:
    assert "takes one input" in refusal(write_detector(tmp_path / "a.onnx", entry="x"))
    assert "output output0" in refusal(write_detector(tmp_path / "b.onnx", answer="y"))


def test_a_file_unlike_its_card_is_refused_and_like_it_is_opened(tmp_path: Path) -> None:
    path = write_detector(tmp_path / "d.onnx")
    card = tmp_path / "d.json"
    card.write_text(json.dumps({"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}))
    detector("onnx", path, threads=1)
    card.write_text(json.dumps({"sha256": "0" * 64}))
    with pytest.raises(Damaged, match=r"d\.onnx is not the file that its card d\.json describes"):
        detector("onnx", path, threads=1)


@pytest.mark.parametrize("card", ["", "{}", "[1]", '{"sha256": 7}'])
def test_a_card_that_says_nothing_is_refused(tmp_path: Path, card: str) -> None:
    path = write_detector(tmp_path / "d.onnx")
    (tmp_path / "d.json").write_text(card)
    with pytest.raises(Damaged, match=r"d\.json"):
        detector("onnx", path, threads=1)


def test_an_unknown_name_lists_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match=r"no detector 'yolo9'; choose .*onnx"):
        detector("yolo9", write_detector(tmp_path / "d.onnx"))


def test_a_device_that_the_runtime_lacks_is_said(tmp_path: Path) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime has CUDA")
    with pytest.raises(WrongUsage, match="cannot use cuda; install onnxruntime-gpu"):
        detector("onnx", write_detector(tmp_path / "d.onnx"), device="cuda")
