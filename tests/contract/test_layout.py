"""Pieces of bytes: taken in their order, never beyond what is there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.canonical import Malformed
from contract.layout import Layout, measured


@given(st.binary(max_size=50), st.integers(0, 2**32 - 1), st.binary(max_size=50))
def test_pieces_come_back_in_their_order(one: bytes, number: int, last: bytes) -> None:
    read = Layout(b"LKX1" + measured(one) + number.to_bytes(4, "big") + last)
    read.mark(b"LKX1")
    assert read.measured("a piece", bytes_max=50) == one
    assert read.number(4) == number
    assert read.rest() == last
    read.end()


def test_a_claimed_length_is_compared_before_anything_is_taken() -> None:
    with pytest.raises(Malformed, match="a part has more than 3 bytes"):
        Layout(measured(b"1234")).measured("a part", bytes_max=3)
    with pytest.raises(Malformed, match="cut"):
        Layout(b"\xff\xff\xff\xff").measured("a part", bytes_max=2**32)


def test_another_mark_and_bytes_after_the_end_are_refused() -> None:
    with pytest.raises(Malformed, match="does not begin with LKX1"):
        Layout(b"LKX2").mark(b"LKX1")
    read = Layout(b"12")
    read.take(1)
    with pytest.raises(Malformed, match="after its end"):
        read.end()
