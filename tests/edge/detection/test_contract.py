"""What every detector promises, ours and those added: each is run through all of this."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.detection import Detector
from edge.detection.choice import detector
from edge.values import KINDS, Box, Detection, Image
from tests.edge.detection.libraries import usable_gpu, write_checkpoint
from tests.edge.networks import write_detector, write_library_detector


class Written:
    """The detector of other tests: it sees in a picture what was written for its height."""

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        return [[Detection(Box(0.1, 0.1, 0.5, 0.5), "car", 0.9)] * (len(i) % 2) for i in images]


def of_one_shape(folder: Path) -> Detector:
    """Open a network that runs at one height, one width and two pictures at once, and no other."""
    return detector("onnx", write_detector(folder / "d.onnx", shape=[2, 3, 96, 160]), threads=1)


def on_openvino(folder: Path) -> Detector:
    pytest.importorskip("openvino")
    return detector("openvino", write_detector(folder / "d.onnx"), threads=1)


def on_tensorrt(folder: Path) -> Detector:
    usable_gpu()
    from models.engines import Shapes, built

    engine = folder / "d.engine"
    built(write_detector(folder / "d.onnx"), engine, Shapes(batch=3, height=384, width=640))
    return detector("tensorrt", engine)


def of_ultralytics(folder: Path) -> Detector:
    pytest.importorskip("ultralytics")
    return detector("ultralytics", write_checkpoint(folder / "stock.pt"), threads=1)


def of_open_image_models(folder: Path) -> Detector:
    pytest.importorskip("open_image_models")
    path = write_library_detector(folder / "d.onnx")
    return detector("open-image-models", path, threads=1)


ENGINES: dict[str, Callable[[Path], Detector]] = {
    "onnx": lambda folder: detector("onnx", write_detector(folder / "d.onnx"), threads=1),
    "onnx of one shape": of_one_shape,
    "openvino": on_openvino,
    "tensorrt": on_tensorrt,
    "ultralytics": of_ultralytics,
    "open-image-models": of_open_image_models,
    "written": lambda _: Written(),
}


@pytest.fixture(params=ENGINES, scope="module")
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Detector:
    return ENGINES[request.param](tmp_path_factory.mktemp("detector"))


def painted(height: int, width: int, seed: int = 0) -> Image:
    """Draw red and green rectangles, which the tiny network takes for vehicles and plates."""
    random = np.random.default_rng(seed)
    image = np.zeros((height, width, 3), np.uint8)
    for _ in range(6):
        top, left = random.integers(0, height), random.integers(0, width)
        image[top : top + height // 8 + 1, left : left + width // 6 + 1, random.integers(1, 3)] = (
            255
        )
    return image


def test_no_pictures_are_no_lists(engine: Detector) -> None:
    assert engine.detect([]) == []


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 900), (900, 1), (7, 5), (1080, 1920), (480, 640), (2160, 3840)]
)
def test_a_picture_of_any_shape_has_one_list(engine: Detector, shape: tuple[int, int]) -> None:
    (found,) = engine.detect([painted(*shape)])
    for one in found:
        assert one.kind in KINDS
        assert 0 < one.score <= 1
        assert 0 <= one.box.left < one.box.right <= 1
        assert 0 <= one.box.top < one.box.bottom <= 1


def test_the_best_score_comes_first(engine: Detector) -> None:
    image = painted(360, 640)
    image[:180] = image[:180] // 5 * 4  # the upper half scores lower
    scores = [one.score for one in engine.detect([image])[0]]
    assert scores == sorted(scores, reverse=True)


def test_grey_black_and_white_pictures_show_nothing(engine: Detector) -> None:
    if isinstance(engine, Written):
        pytest.skip("it sees what was written, whatever the picture")
    plain = [np.full((90, 160, 3), shade, np.uint8) for shade in (0, 114, 255)]
    assert engine.detect(plain) == [[], [], []]


def test_a_picture_is_seen_the_same_each_time(engine: Detector) -> None:
    images = [painted(360, 640, seed) for seed in range(3)]
    assert engine.detect(images) == engine.detect(images)


def test_a_picture_is_left_as_it_was_and_may_be_read_only(engine: Detector) -> None:
    image = painted(360, 640)
    before = image.copy()
    image.flags.writeable = False
    engine.detect([image])
    assert (image == before).all()


def test_a_part_of_a_picture_is_seen_as_its_copy_is(engine: Detector) -> None:
    part = painted(500, 900)[20:380, 100:741]
    assert engine.detect([part]) == engine.detect([part.copy()])


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10, deadline=None
)
@given(st.lists(st.sampled_from([(36, 64), (72, 128), (64, 64), (64, 48), (35, 64)]), max_size=9))
def test_lists_come_in_the_order_of_the_pictures_whatever_stands_beside_them(
    engine: Detector, shapes: list[tuple[int, int]]
) -> None:
    images = [painted(*shape, seed=at) for at, shape in enumerate(shapes)]
    together = engine.detect(images)
    alone = [engine.detect([image])[0] for image in images]
    assert [[one.kind for one in found] for found in together] == [
        [one.kind for one in found] for found in alone
    ]
    for found, others in zip(together, alone, strict=True):
        for one, other in zip(found, others, strict=True):
            assert one.box.iou(other.box) > 0.99
            assert one.score == pytest.approx(other.score, abs=1e-4)
    assert engine.detect(images) == together
