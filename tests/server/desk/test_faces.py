"""A ticket's link opens its own face, and nothing else does."""

from __future__ import annotations

import os

import pytest

from lot.errors import Damaged
from server.desk import faces
from server.desk.faces import Face
from tests.server.desk.cars import NOON

LOT = b"l" * 16
FACE = Face("7", NOON, None, None, "123")
TOKEN = faces.token(b"o" * 16)


def test_a_face_comes_back_by_its_token_alone() -> None:
    id_ = faces.id_of(TOKEN)
    box = faces.sealed(FACE, faces.key_of(TOKEN), LOT, id_)
    assert faces.opened(box, faces.key_of(TOKEN), LOT, id_) == FACE
    other = faces.token(b"p" * 16)
    for key, lot, row in (
        (faces.key_of(other), LOT, id_),
        (faces.key_of(TOKEN), b"m" * 16, id_),
        (faces.key_of(TOKEN), LOT, faces.id_of(other)),
    ):
        with pytest.raises(Damaged):
            faces.opened(box, key, lot, row)


def test_what_was_altered_is_refused() -> None:
    id_, key = faces.id_of(TOKEN), faces.key_of(TOKEN)
    box = faces.sealed(FACE, key, LOT, id_)
    for at in range(len(box)):
        for torn in (box[:at], box[:at] + bytes([box[at] ^ 0xFF]) + box[at + 1 :]):
            with pytest.raises(Damaged):
                faces.opened(torn, key, LOT, id_)


def test_one_form_makes_one_token_of_128_bits() -> None:
    assert len(TOKEN) == faces.TOKEN_CHARACTERS
    assert faces.token(b"o" * 16) == TOKEN
    assert len({faces.token(os.urandom(16)) for _ in range(100)}) == 100


def test_a_link_is_over_a_day_after_the_car_left() -> None:
    handed = Face("7", NOON, None, NOON, "123")
    assert not FACE.is_over(NOON + 10 * faces.LASTS_US)
    assert not handed.is_over(NOON + faces.LASTS_US - 1)
    assert handed.is_over(NOON + faces.LASTS_US)


def test_a_face_shows_the_end_of_a_plate_and_no_more() -> None:
    assert faces.tail("8ABC123") == "123"
    assert faces.tail(None) is None
