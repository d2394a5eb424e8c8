"""Rows under the people key: read in their own place and version alone."""

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.canonical import Malformed
from lot.errors import Damaged, LotError
from server.keys.rows import CONTENT_BYTES_MAX, Place, opened, sealed
from tests.contract import golden
from tests.contract.flips import damaged

VECTOR = golden.named("row")
PEOPLE = golden.key("people")
PLACE = Place(
    VECTOR.context["table"], bytes.fromhex(VECTOR.context["row"]), VECTOR.context["version"]
)


def test_the_golden_row_is_opened() -> None:
    assert opened(VECTOR.data, PEOPLE, PLACE) == VECTOR.means


def test_what_was_sealed_is_opened_and_never_sealed_twice_alike() -> None:
    content: dict[str, object] = {"v": 1, "name": "Zoë", "bays": [1, 2]}
    data = sealed(content, PEOPLE, PLACE)
    assert opened(data, PEOPLE, PLACE) == content
    assert data != sealed(content, PEOPLE, PLACE)


def test_a_row_that_was_moved_put_back_or_altered_is_refused() -> None:
    for place in (
        replace(PLACE, table="customers"),
        replace(PLACE, row=bytes(16)),
        replace(PLACE, version=PLACE.version - 1),
    ):
        with pytest.raises(Damaged):
            opened(VECTOR.data, PEOPLE, place)
    with pytest.raises(Damaged):
        opened(VECTOR.data, bytes(32), PLACE)
    for wrong in damaged(VECTOR.data):
        with pytest.raises(Damaged):
            opened(wrong, PEOPLE, PLACE)


def test_a_table_whose_name_runs_into_the_row_id_is_another_place() -> None:
    assert Place("a" * 255, bytes(16), 0).table
    for table in ("", "a" * 256):
        with pytest.raises(Malformed):
            Place(table, bytes(16), 0)


def test_a_row_without_end_is_not_sealed() -> None:
    with pytest.raises(Malformed, match="more than"):
        sealed({"note": "x" * CONTENT_BYTES_MAX}, PEOPLE, PLACE)


@given(st.binary(max_size=100))
@settings(max_examples=60)
def test_whatever_comes_in_only_our_error_comes_out(data: bytes) -> None:
    with contextlib.suppress(LotError):
        opened(data, PEOPLE, PLACE)
