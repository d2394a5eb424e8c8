"""What every reader promises, ours and those that are added: each is run through all of this.

An engine that is not installed is skipped by name, with the line that says how to install it.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.plates import normalise
from edge.reading import Reader
from edge.reading.asked import OpenAlprAsked
from edge.reading.choice import reader
from edge.reading.ensemble import EnsembleReader
from edge.reading.mortal import MortalChild
from edge.reading.openalpr import OpenAlprReader
from edge.values import Image, Reading
from lot.errors import WrongUsage
from tests.edge.networks import write_reader
from tests.edge.reading.fake_openalpr import TAME
from tests.edge.reading.installed import easyocr_weights
from tests.edge.reading.plate_networks import write_fast_plate


class Written:
    """The reader of other tests: it reads what was written for a crop's height."""

    margin = 0.0

    def read(self, crops: Sequence[Image]) -> list[Reading]:
        return [
            Reading("A" * (len(crop) % 3), (0.5,) * (len(crop) % 3), ((),) * (len(crop) % 3), "w")
            for crop in crops
        ]


def crnn(folder: Path) -> Reader:
    return reader("crnn", write_reader(folder / "r.onnx"), threads=1)


def openalpr_without_its_library(_: Path) -> Reader:
    program = Path(__file__).with_name("fake_openalpr.py")
    command = [sys.executable, "-I", str(program), TAME]
    return OpenAlprReader(
        MortalChild(command, start_seconds=60, answer_seconds=60), OpenAlprAsked()
    )


ENGINES: dict[str, Callable[[Path], Reader]] = {
    "crnn": crnn,
    "crnn, colour, padded, regions": lambda folder: reader(
        "crnn",
        write_reader(folder / "r.onnx", channels=3, regions=True, metadata={"fit": "pad"}),
        threads=1,
    ),
    "written": lambda _: Written(),
    "openalpr, its library replaced": openalpr_without_its_library,
    "openalpr": lambda folder: reader("openalpr", folder),
    "rapidocr": lambda folder: reader("rapidocr", folder, threads=1),
    "tesseract": lambda folder: reader("tesseract", folder),
    "easyocr": lambda _: reader("easyocr", easyocr_weights()),
    "fast-plate-ocr": lambda folder: reader(
        "fast-plate-ocr", write_fast_plate(folder / "n.onnx"), threads=1
    ),
    "fast-plate-ocr, colour": lambda folder: reader(
        "fast-plate-ocr", write_fast_plate(folder / "n.onnx", colour=True), threads=1
    ),
    "ensemble": lambda folder: EnsembleReader(
        {"crnn": crnn(folder), "written": Written()}, {"crnn": 1.0, "written": 0.3}
    ),
}
SLOW = ("tesseract", "easyocr", "openalpr")  # a tenth of a second and more a crop


@pytest.fixture(params=ENGINES, scope="module")
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    try:
        return ENGINES[request.param](tmp_path_factory.mktemp("reader"))
    except WrongUsage as error:
        if request.param.split(",")[0] in ("crnn", "written", "ensemble"):
            raise
        pytest.skip(str(error))


def noise(height: int, width: int, seed: int = 0) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def test_it_wants_to_see_a_bounded_part_of_what_is_around_the_plate(engine: Reader) -> None:
    assert 0 <= engine.margin <= 1


def test_no_crops_are_no_readings(engine: Reader) -> None:
    assert engine.read([]) == []


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 300), (300, 1), (3, 5), (16, 64), (2000, 3000), (40, 41)]
)
def test_a_crop_of_any_shape_has_one_reading(engine: Reader, shape: tuple[int, int]) -> None:
    (read,) = engine.read([noise(*shape)])
    assert read.text == normalise(read.text)
    assert len(read.text) == len(read.characters) == len(read.runners)
    assert all(0 <= chance <= 1 for chance in read.characters)
    assert all(0 <= chance <= 1 for runners in read.runners for _, chance in runners)
    assert all(normalise(one) == one != "" for runners in read.runners for one, _ in runners)
    assert read.engine


def test_an_empty_crop_is_nothing_legible(engine: Reader) -> None:
    readings = engine.read([noise(16, 64), noise(0, 64), noise(16, 64)])
    assert len(readings) == 3
    assert readings[1].text == ""
    assert readings[0] == readings[2]


@pytest.mark.parametrize("shade", [0, 114, 255])
def test_a_crop_of_one_shade_is_read_without_complaint(engine: Reader, shade: int) -> None:
    assert len(engine.read([np.full((20, 90, 3), shade, np.uint8)])) == 1


def test_a_crop_is_left_as_it_was_and_may_be_read_only(engine: Reader) -> None:
    crop = noise(24, 96)
    before = crop.copy()
    crop.flags.writeable = False
    engine.read([crop])
    assert (crop == before).all()


def test_a_part_of_a_frame_reads_as_its_copy_does(engine: Reader) -> None:
    frame = noise(200, 300)
    part = frame[50:80, 100:201]
    assert engine.read([part]) == engine.read([part.copy()])


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None
)
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 90)), max_size=20))
def test_readings_come_in_the_order_of_the_crops_whatever_stands_beside_them(
    engine: Reader, shapes: list[tuple[int, int]]
) -> None:
    if engine.read([noise(16, 64)])[0].engine in SLOW:
        shapes = shapes[:2]
    crops = [noise(*shape, seed=at) for at, shape in enumerate(shapes)]
    together = engine.read(crops)
    alone = [engine.read([crop])[0] for crop in crops]
    assert [one.text for one in together] == [one.text for one in alone]
    for one, other in zip(together, alone, strict=True):
        assert one.characters == pytest.approx(other.characters, abs=1e-4)
    assert engine.read(crops) == together
