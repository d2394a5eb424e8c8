"""PaddleOCR's recogniser out of RapidOCR's wheel."""

import sys
from pathlib import Path

import numpy as np
import pytest

from edge.reading.choice import reader
from edge.reading.rapidocr import NETWORK, PACKAGE, RapidOcrReader
from edge.runtimes import Array, Port
from edge.weights import Network, Weights
from lot.errors import LotError, WrongUsage
from tests.edge.networks import write_reader
from tests.edge.reading.installed import drawn

SIGNS = "京\na\nB\n-\n8"


class Spells:
    """A network that answers the same moments whatever it sees, and remembers what it saw."""

    inputs = (Port("x", (None, 3, 48, None)),)
    says = {"character": SIGNS}  # noqa: RUF012 - a Session's own shape
    batch_max = None

    def __init__(self, moments: list[list[float]], signs: int = 7) -> None:
        self.outputs = (Port("softmax", (None, None, signs)),)
        self.given: Array = np.zeros(0, np.float32)
        self._moments = np.array([moments], np.float32)

    def run(self, given: Array, _: object) -> list[Array]:
        self.given = given
        return [self._moments]


def spelling(session: Spells) -> RapidOcrReader:
    return RapidOcrReader(Network(Weights(Path("n.onnx"), b"", "", {}), session))


# blank, 京, a, B, -, 8, space
MOMENTS = [
    [0.9, 0, 0, 0.1, 0, 0, 0],
    [0.1, 0, 0.9, 0, 0, 0, 0],
    [0.2, 0.8, 0, 0, 0, 0, 0],
    [0, 0, 0, 0.6, 0, 0.4, 0],
    [0.1, 0, 0, 0, 0.9, 0, 0],
    [0, 0, 0, 0.7, 0, 0.2, 0.1],
]


def test_small_letters_are_capitals_and_other_signs_part_what_they_stand_between() -> None:
    (read,) = spelling(Spells(MOMENTS)).read([np.zeros((20, 60, 3), np.uint8)])
    assert (read.text, read.engine) == ("ABB", "rapidocr")
    assert read.characters == pytest.approx((0.9, 0.6, 0.7), abs=1e-3)
    assert read.runners[1][0][0] == "8"


@pytest.mark.parametrize(
    ("size", "width"), [((24, 60), 320), ((48, 400), 400), ((10, 3000), 640), ((500, 2), 320)]
)
def test_a_crop_is_a_line_of_48_pixels_with_the_rest_left_empty(
    size: tuple[int, int], width: int
) -> None:
    session = Spells(MOMENTS)
    spelling(session).read([np.full((*size, 3), 255, np.uint8)])
    assert session.given.shape == (1, 3, 48, width)
    assert session.given.max() == 1
    filled = min(640, -(-48 * size[1] // size[0]))
    assert not session.given[..., filled:].any()


def test_a_network_of_other_signs_is_refused() -> None:
    with pytest.raises(WrongUsage, match="a recogniser of 7 signs has another output"):
        spelling(Spells(MOMENTS, signs=9))


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, PACKAGE, raising=False)
    with pytest.raises(WrongUsage, match="not installed; pip install --no-deps rapidocr"):
        reader("rapidocr", Path())


def test_another_network_under_its_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / PACKAGE
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(WrongUsage, match="cannot read the weights"):
        reader("rapidocr", Path(), threads=1)
    write_reader(package / "models" / NETWORK)
    with pytest.raises(WrongUsage, match="does not say its character"):
        reader("rapidocr", Path(), threads=1)


def test_the_real_network_reads_plain_print() -> None:
    try:
        engine = reader("rapidocr", Path(), threads=1)
    except LotError as error:
        pytest.skip(str(error))
    (read,) = engine.read([drawn("HK 427")])
    assert read.text == "HK427"
    assert all(chance > 0.5 for chance in read.characters)
