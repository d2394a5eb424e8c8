"""Tokens: drawn at random, known by their hash, never shown by accident."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.tokens import drawn, token
from lot.errors import Damaged, LotError

EDGE = bytes(range(16))


def test_a_token_says_whose_it_is_and_is_known_by_its_hash() -> None:
    one, other = drawn(EDGE), drawn(EDGE)
    assert one != other
    assert token(one.text) == one
    assert one.edge == EDGE
    assert one.has(one.hash)
    assert not one.has(other.hash)


def test_a_token_is_not_shown_where_it_is_printed() -> None:
    one = drawn(EDGE)
    assert one.text not in repr(one)


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "A", str.upper, lambda t: t + "\n"]
)
def test_what_has_not_the_form_of_one_is_refused(
    change: Callable[[str], str],
) -> None:
    with pytest.raises(Damaged):
        token(change(drawn(EDGE).text))


@given(st.text(max_size=100))
def test_whatever_comes_in_only_our_error_comes_out(text: str) -> None:
    with contextlib.suppress(LotError):
        token(text)
