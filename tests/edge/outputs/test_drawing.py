"""What is laid over a picture can be read, and is the same on a screen and in a film."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.outputs.canvas import Patch, Picture, Planar
from edge.outputs.drawing import Notice, Overlay, Shown, draw, line_height, strip_height
from edge.outputs.lettering import lettered, width_of
from edge.outputs.parts import OF_EVENT, SURE, Spelled, banner, plaque, spelled
from edge.values import Box, Image
from tests.edge.outputs.events import ENTRY, event

SIDES = st.floats(-0.5, 1.5)


def grey(width: int, height: int) -> Image:
    return np.full((height, width, 3), 128, np.uint8)


def film(width: int, height: int) -> Planar:
    half = (height // 2, width // 2)
    return Planar(
        np.full((height, width), 126, np.uint8),
        np.full(half, 128, np.uint8),
        np.full(half, 128, np.uint8),
        width,
        height,
    )


def as_bgr(planes: Planar) -> Image:
    flat = np.concatenate([planes.y.ravel(), planes.u.ravel(), planes.v.ravel()])
    return np.asarray(
        cv2.cvtColor(flat.reshape(-1, planes.width), cv2.COLOR_YUV2BGR_I420), dtype=np.uint8
    )


def lay(sheet: Picture | Planar, overlay: Overlay, height: int) -> None:
    """Draw on a sheet of which so many lines are picture."""
    draw(sheet.rows(0, height), sheet.rows(height, sheet.height), overlay)


def screen(width: int, height: int) -> Picture:
    return Picture(grey(width, height + strip_height(width, height)))


def words_in(strip: Image) -> Image:
    """Return where letters and plaques stand on the strip's dark ground, by columns."""
    return np.asarray(strip.max(axis=2).max(axis=0) > 150, dtype=np.uint8)


FULL = Overlay(
    shown=(
        Shown(Box(0.3, 0.3, 0.8, 0.8), "car", 0.87, 12),
        Shown(Box(0.4, 0.6, 0.6, 0.7), "plate", 0.9, 13, spelled(ENTRY)),
        Shown(Box(-0.2, 0.0, 0.1, 0.2), "truck", 0.5),
    ),
    notices=(
        Notice(ENTRY, "13:45:00"),
        Notice(event(kind="exit", flags=("after_blind", "near_match")), "13:45:02"),
        Notice(event(plate=None, kind="seen"), "13:45:03"),
        Notice(event(kind="exit"), "13:45:04"),
    ),
    clock="2024-05-01 13:45:07.3",
)


@pytest.mark.parametrize("size", [(352, 640), (640, 480), (1920, 1080)])
def test_a_film_and_a_screen_show_the_same(size: tuple[int, int]) -> None:
    width, height = size
    shown = screen(width, height)
    planes = film(width, shown.height)
    lay(shown, FULL, height)
    lay(planes, FULL, height)
    apart = np.abs(shown.image.astype(int) - as_bgr(planes).astype(int)).max(axis=2)
    # Colour has half the resolution in a film: edges of letters and boxes differ, and no more.
    assert np.mean(apart > 60) < 0.01
    assert np.mean(shown.image != 128) > 0.05


@given(st.tuples(SIDES, SIDES, SIDES, SIDES), st.sampled_from([(16, 16), (64, 48), (352, 640)]))
def test_a_box_anywhere_is_drawn_as_far_as_it_is_in_view(
    sides: tuple[float, float, float, float], size: tuple[int, int]
) -> None:
    overlay = Overlay((Shown(Box(*sides), "plate", 0.5, 1, spelled(ENTRY)),), FULL.notices, "x y")
    shown = screen(*size)
    lay(shown, overlay, size[1])
    lay(film(size[0], shown.height), overlay, size[1])


@pytest.mark.parametrize("size", [(352, 640), (640, 360), (1920, 1080), (3840, 2160)])
def test_events_and_the_clock_cover_nothing_of_the_picture(size: tuple[int, int]) -> None:
    """The camera's own clock stands in a corner, and nobody can say in which."""
    shown = screen(*size)
    lay(shown, Overlay(notices=FULL.notices, clock=FULL.clock), size[1])
    assert (shown.image[: size[1]] == 128).all()
    assert words_in(shown.image[size[1] :]).any()


@pytest.mark.parametrize(
    ("size", "level"), [((1920, 1080), 8704), ((1080, 1920), 8704), ((1280, 720), 5120)]
)
def test_the_strip_leaves_a_film_playable(size: tuple[int, int], level: int) -> None:
    """Blocks of 16 pixels that H.264's levels 4.2 and 3.2 allow, which phones play."""
    width, height = size
    strip = strip_height(width, height)
    assert strip % 2 == 0
    assert -(-width // 16) * -(-(height + strip) // 16) <= level


def test_the_latest_event_stands_first_and_the_clock_last() -> None:
    shown, without = screen(640, 360), screen(640, 360)
    lay(shown, Overlay(notices=FULL.notices, clock=FULL.clock), 360)
    lay(without, Overlay(notices=FULL.notices[1:], clock=FULL.clock), 360)
    strips = shown.image[360:], without.image[360:]
    assert (strips[0][10, :5] == OF_EVENT["entry"]).all()
    assert (strips[1][10, :5] == OF_EVENT["exit"]).all()
    assert (strips[0][:, -80:] == strips[1][:, -80:]).all()
    assert words_in(strips[0][:, -80:]).any()


@given(st.integers(1, 40), st.integers(1, 40), st.integers(-50, 70), st.integers(-50, 70))
def test_a_patch_covers_what_lies_within_and_nothing_else(
    width: int, height: int, left: int, top: int
) -> None:
    patch = Patch(np.full((height, width, 3), 255, np.uint8))
    assert patch.width % 2 == patch.height % 2 == 0
    picture = Picture(np.zeros((48, 64, 3), np.uint8))
    picture.paste(patch, left, top)
    wanted = np.zeros((48, 64), bool)
    wanted[max(0, top) : max(0, top + patch.height), max(0, left) : max(0, left + patch.width)] = (
        True
    )
    assert ((picture.image[..., 0] == 255) == wanted).all()


def test_an_empty_overlay_leaves_the_picture_alone() -> None:
    shown = screen(64, 48)
    lay(shown, Overlay(), 48)
    assert (shown.image[:48] == 128).all()


def test_lines_are_legible_on_a_phones_film_and_small_in_hd() -> None:
    assert line_height(352, 640) == 16
    assert line_height(1920, 1080) == 33


def test_the_most_doubted_letters_look_apart_from_the_sure_ones() -> None:
    sure = plaque(Spelled("888", (0.99, SURE, 0.99), 0.9), 24).image
    weak = plaque(Spelled("888", (0.99, 0.5, 0.99), 0.9), 24).image
    cell = width_of("8", 24)
    margin = (sure.shape[1] - 3 * cell) // 2
    differs = [
        bool((sure[:, at : at + cell] != weak[:, at : at + cell]).any())
        for at in range(margin, margin + 3 * cell, cell)
    ]
    assert differs == [False, True, False]


def test_a_banner_fits_into_a_narrow_picture_and_the_clock_gives_way() -> None:
    shown = screen(352, 640)
    long = event(flags=("after_blind", "near_match"), kind_by="crossing")
    lay(shown, Overlay(notices=(Notice(long, "13:45:00"),), clock="2024-05-01 13:45:07.3"), 640)
    assert not words_in(shown.image[640:, -4:]).any()
    alone = screen(352, 640)
    lay(alone, Overlay(notices=(Notice(long, "13:45:00"),)), 640)
    assert (alone.image == shown.image).all()


def test_a_banner_of_an_unread_vehicle_says_why() -> None:
    read, unread = banner(ENTRY, "13:45:00", 16), banner(event(plate=None), "13:45:00", 16)
    assert read.image.shape != unread.image.shape


@pytest.mark.parametrize("pair", ["0O", "1I", "8B", "5S", "2Z", "0Q", "UV"])
def test_letters_that_are_easily_confused_stand_apart(pair: str) -> None:
    one, other = (lettered(letter, 16).astype(int) for letter in pair)
    assert np.abs(one - other).mean() > 12


def test_every_character_is_equally_wide_and_a_strange_one_is_a_question_mark() -> None:
    assert lettered("iW.", 20).shape == (20, width_of("iW.", 20))
    assert (lettered("é", 20) == lettered("?", 20)).all()
    assert lettered("", 20).shape == (20, 0)
    assert not lettered(" ", 20).any()
