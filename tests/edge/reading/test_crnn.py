from pathlib import Path

import numpy as np
import pytest

from edge.reading.choice import reader
from edge.reading.crnn import Entrance
from edge.values import Image
from lot.errors import LotError, WrongUsage
from tests.edge.networks import SLOTS, write_reader

SHADES = {"-": 0, "A": 128, "B": 255}


def crop(slots: str, height: int = 16, width: int = 64) -> Image:
    """Draw a crop that the tiny reader reads as `slots`, runs of one letter being one."""
    shades = np.array([SHADES[slot] for slot in slots], np.uint8)
    row = np.repeat(shades, width // SLOTS)
    return np.repeat(np.tile(row, (height, 1))[:, :, None], 3, axis=2)


def refusal(path: Path) -> str:
    with pytest.raises(LotError) as refused:
        reader("crnn", path, threads=1)
    message = str(refused.value)
    assert "\n" not in message
    assert path.name in message
    return message


@pytest.mark.parametrize("size", [(16, 64), (32, 128), (8, 16), (100, 640)])
def test_a_crop_of_any_size_is_read_from_left_to_right(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    (read,) = reader("crnn", write_reader(tmp_path / "r.onnx"), threads=1).read(
        [crop("-AA-B-AB", *size)]
    )
    assert read.text == "ABAB"
    assert read.engine == "crnn"
    assert all(p > 0.9 for p in read.characters)


def test_a_reader_of_colour_is_given_blue_first(tmp_path: Path) -> None:
    path = write_reader(tmp_path / "r.onnx", channels=3)
    blue = crop("-AA-B-AB")
    blue[:, :, 1:] = 0  # the tiny network looks at its first plane only
    assert reader("crnn", path, threads=1).read([blue])[0].text == "ABAB"


def test_the_temperature_of_the_weights_makes_it_less_sure(tmp_path: Path) -> None:
    texts = []
    for temperature in ("1", "3"):
        path = write_reader(tmp_path / f"{temperature}.onnx", metadata={"temperature": temperature})
        texts.append(reader("crnn", path, threads=1).read([crop("--A-----")])[0])
    sure, doubting = texts
    assert sure.text == doubting.text == "A"
    assert sure.characters[0] > doubting.characters[0]
    assert doubting.runners[0][0][0] == "B"


def test_a_region_is_read_where_the_network_has_one(tmp_path: Path) -> None:
    engine = reader("crnn", write_reader(tmp_path / "r.onnx", regions=True), threads=1)
    bright, nothing = engine.read([crop("--BBBBBB"), crop("--------")])
    assert bright.region == "br"
    assert bright.region_confidence == pytest.approx(np.exp(4) / (1 + np.exp(4)), abs=1e-3)
    assert (nothing.text, nothing.region) == ("", None)


def test_a_reader_says_how_much_around_the_plate_it_wants(tmp_path: Path) -> None:
    path = write_reader(tmp_path / "r.onnx", metadata={"margin": "0.25"})
    assert reader("crnn", path, threads=1).margin == 0.25


@pytest.mark.parametrize(
    "name", ["alphabet", "channels", "height", "width", "mean", "scale", "fit", "temperature"]
)
def test_a_network_that_is_silent_about_its_input_is_refused(tmp_path: Path, name: str) -> None:
    path = write_reader(tmp_path / "r.onnx", without=[name])
    assert f"does not say its {name}" in refusal(path)


@pytest.mark.parametrize(
    ("metadata", "complaint"),
    [
        ({"channels": "2"}, "1 or 3 channels"),
        ({"channels": "3"}, "takes one input"),
        ({"width": "72"}, "takes one input"),
        ({"fit": "crop"}, "stretch or pad"),
        ({"alphabet": "ABC"}, "a reader of 3 characters"),
        ({"alphabet": "AA"}, "names a character twice"),
        ({"temperature": "0"}, "its temperature is '0'"),
        ({"mean": "nan"}, "its mean is 'nan'"),
        ({"margin": "5"}, "its margin is '5'"),
    ],
)
def test_a_network_that_says_the_wrong_thing_is_refused(
    tmp_path: Path, metadata: dict[str, str], complaint: str
) -> None:
    assert complaint in refusal(write_reader(tmp_path / "r.onnx", metadata=metadata))


def test_regions_that_do_not_match_the_output_are_refused(tmp_path: Path) -> None:
    path = write_reader(tmp_path / "r.onnx", regions=True, metadata={"regions": "us"})
    assert "names 1 regions" in refusal(path)


def test_an_unknown_name_lists_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match=r"no reader 'tess'; choose .*crnn"):
        reader("tess", write_reader(tmp_path / "r.onnx"))


def test_a_padded_crop_keeps_its_aspect_and_lies_in_the_middle() -> None:
    entrance = Entrance(16, 64, 1, mean=0.0, scale=1.0, fit="pad")
    (plane,) = entrance.prepared(np.full((32, 64, 3), 200, np.uint8))
    assert plane.shape == (16, 64)
    assert (plane[:, 16:48] == 200).all()
    assert not plane[:, :16].any()
    assert not plane[:, 48:].any()


def test_shades_are_shifted_and_scaled_as_in_training() -> None:
    entrance = Entrance(8, 8, 3, mean=127.5, scale=1 / 127.5, fit="stretch")
    prepared = entrance.prepared(np.full((8, 8, 3), 255, np.uint8))
    assert prepared.dtype == np.float32
    assert prepared == pytest.approx(1.0)
