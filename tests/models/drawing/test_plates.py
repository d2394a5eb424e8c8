"""Drawn plates: repeatable, legible in every character, and true to each region's formats."""

import string

import numpy as np
import pytest

from models.drawing.design import LETTERS, PlateDesign, fitting, serial_of
from models.drawing.designs import designs, designs_of, random_serial
from models.drawing.faces import FACES, face
from models.drawing.lettering import Room, write
from models.drawing.plates import drawn_plate

EVERY = string.ascii_uppercase + string.digits


def test_the_same_seed_draws_the_same_plate() -> None:
    design = designs()["us-tx-classic"]
    one, other = (drawn_plate("BCD1234", design, 64, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(one, other)


def test_another_seed_draws_the_same_text_otherwise() -> None:
    design = designs()["us-ca"]
    one, other = (
        drawn_plate("7ABC123", design, 64, np.random.default_rng(seed)) for seed in (1, 2)
    )
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("design", designs().values(), ids=designs())
def test_a_plate_has_the_height_asked_for_and_the_aspect_of_its_design(
    design: PlateDesign,
) -> None:
    rng = np.random.default_rng(0)
    image = drawn_plate(serial_of(design, rng), design, 40, rng)
    assert image.dtype == np.uint8
    assert image.shape == (40, round(40 * design.aspect), 3)


@pytest.mark.parametrize("design", designs().values(), ids=designs())
def test_a_serial_stands_out_from_its_ground(design: PlateDesign) -> None:
    rng = np.random.default_rng(0)
    image = drawn_plate(serial_of(design, rng), design, 80, rng)
    serial = image[28:60, image.shape[1] // 3 : -image.shape[1] // 6].mean(axis=2)
    assert np.percentile(serial, 95) - np.percentile(serial, 5) > 60


@pytest.mark.parametrize("name", FACES)
def test_every_alphabet_draws_every_character_otherwise_but_for_o_and_zero(name: str) -> None:
    drawn = set()
    apart = EVERY.replace("O", "")  # real plates, too, often make both alike
    for character in apart:
        mask = np.zeros((64, 96), np.uint8)
        write(mask, character, Room(4, 4, 88, 56), face(name))
        assert mask.any(), f"{name} draws nothing for {character}"
        drawn.add(mask.tobytes())
    assert len(drawn) == len(apart)


@pytest.mark.parametrize("design", designs().values(), ids=designs())
def test_a_made_up_serial_fits_its_design(design: PlateDesign) -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        assert fitting(serial_of(design, rng), design) is not None


@pytest.mark.parametrize("region", ["us-tx", "us-ny", "us", "eu", "gb", "br", "ar", "in"])
def test_a_regions_serial_fits_one_of_its_designs(region: str) -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        text = random_serial(region, rng)
        assert set(text) <= set(EVERY)
        assert any(fitting(text, design) for design in designs_of(region))


def test_texas_serials_hold_no_vowel_and_no_q() -> None:
    rng = np.random.default_rng(0)
    letters = {c for _ in range(300) for c in random_serial("us-tx", rng) if c.isalpha()}
    assert letters == set(LETTERS["us-tx"])


def test_texas_plates_of_today_are_three_letters_and_four_digits() -> None:
    assert fitting("BCD1234", designs()["us-tx-classic"]) == "aaa-0000"
    assert fitting("BCD123", designs()["us-tx-classic"]) is None


def test_a_region_that_nobody_draws_is_refused() -> None:
    with pytest.raises(ValueError, match="no plate is drawn for the region 'xx'"):
        designs_of("xx")


def test_a_personal_text_is_drawn_though_it_fits_no_format() -> None:
    design = designs()["eu-square-d"]
    image = drawn_plate("LOT", design, 60, np.random.default_rng(0))
    blank = drawn_plate("", design, 60, np.random.default_rng(0))
    assert not np.array_equal(image, blank)
