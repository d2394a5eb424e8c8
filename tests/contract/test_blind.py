"""Blind time: its bytes, and nothing but blind time in them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import canonical
from contract.blind import Blind, decoded, encoded
from contract.canonical import INTEGER_MAX, Malformed
from lot.errors import Damaged

TIMES = st.integers(0, INTEGER_MAX)


@settings(max_examples=40)
@given(TIMES, TIMES, st.from_regex(r"[a-z_]{1,24}", fullmatch=True))
def test_blind_time_comes_back_from_its_bytes(one: int, other: int, reason: str) -> None:
    blind = Blind("gate", min(one, other), max(one, other), reason)
    assert decoded(encoded(blind)) == blind


@given(st.binary(max_size=100))
def test_whatever_comes_in_only_our_error_comes_out(data: bytes) -> None:
    with pytest.raises(Damaged):
        decoded(data)


@pytest.mark.parametrize(
    "change",
    [
        {"camera": ""},
        {"first": 6},
        {"first": -1},
        {"last": True},
        {"reason": "No frames"},
        {"reason": None},
        {"v": 2},
        {"more": 1},
    ],
    ids=str,
)
def test_what_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    fine = {"v": 1, "camera": "gate", "first": 3, "last": 5, "reason": "black"}
    assert decoded(canonical.encoded(fine)).reason == "black"
    with pytest.raises(Damaged):
        decoded(canonical.encoded(fine | change))


def test_it_cannot_be_made_either() -> None:
    with pytest.raises(Malformed):
        Blind("gate", 5, 3, "black")
