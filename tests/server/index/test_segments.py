"""A segment opens as what it was sealed as, or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lot.errors import Damaged
from server.index.segments import Place, SealedSegment, coverage, opened, sealed

KEY = bytes(range(32))
PLACE = Place(b"l" * 16, 20_000, 3)


@given(st.binary(max_size=2000))
def test_a_segment_opens_as_it_was_sealed(plain: bytes) -> None:
    assert opened(sealed(plain, KEY, PLACE), KEY, PLACE) == plain


def test_every_byte_altered_cut_or_added_is_refused() -> None:
    whole = sealed(b"rows of a day", KEY, PLACE)
    for at in range(len(whole.segment)):
        flipped = whole.segment[:at] + bytes([whole.segment[at] ^ 1]) + whole.segment[at + 1 :]
        for torn in (flipped, whole.segment[:at], whole.segment + whole.segment[: at + 1]):
            with pytest.raises(Damaged):
                opened(SealedSegment(whole.key, torn), KEY, PLACE)
    for at in range(len(whole.key)):
        flipped = whole.key[:at] + bytes([whole.key[at] ^ 1]) + whole.key[at + 1 :]
        for torn in (flipped, whole.key[:at]):
            with pytest.raises(Damaged):
                opened(SealedSegment(torn, whole.segment), KEY, PLACE)


@pytest.mark.parametrize(
    "other", [replace(PLACE, lot=b"m" * 16), replace(PLACE, day=1), replace(PLACE, generation=2)]
)
def test_no_segment_is_taken_for_that_of_another_lot_day_or_generation(other: Place) -> None:
    with pytest.raises(Damaged):
        opened(sealed(b"rows", KEY, PLACE), KEY, other)


@given(st.dictionaries(st.binary(min_size=16, max_size=16), st.integers(1, 10)))
def test_coverage_ignores_order_and_notices_each_change(records: dict[bytes, int]) -> None:
    whole = coverage(records.items())
    assert coverage(reversed(list(records.items()))) == whole
    for one in records:
        assert coverage((r, n + (r == one)) for r, n in records.items()) != whole
