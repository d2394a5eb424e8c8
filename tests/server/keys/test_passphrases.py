"""Passphrases: the same bytes from every keyboard, six words offered, common ones refused."""

import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lot.errors import WrongUsage
from server.keys.passphrases import (
    CHARACTERS_MAX,
    WORDS_OFFERED,
    _lines,
    check_own,
    offered,
    passphrase_bytes,
)

PHRASES = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def test_white_space_of_any_kind_is_one_space_or_none() -> None:
    typed = "  correct horse \tbattery\u3000staple\u00a0\n"
    assert passphrase_bytes(typed) == b"correct horse battery staple"


@given(PHRASES)
def test_bytes_do_not_depend_on_how_a_system_composes(text: str) -> None:
    once = passphrase_bytes(text)
    for form in ("NFC", "NFD"):
        assert passphrase_bytes(unicodedata.normalize(form, text)) == once
    assert passphrase_bytes(f" \t{text}\u3000") == once
    assert passphrase_bytes(once.decode()) == once


def test_what_cannot_be_typed_again_is_refused() -> None:
    for wrong in ("half \ud83d", "x" * (CHARACTERS_MAX + 1)):
        with pytest.raises(WrongUsage):
            passphrase_bytes(wrong)


def test_six_words_of_2048_are_66_bit_and_good_enough_for_us() -> None:
    words = _lines("offered.txt")
    assert math.log2(len(set(words))) * WORDS_OFFERED == 66
    assert len({word[:4] for word in words}) == len(words)  # told apart by four letters
    drawn = {offered() for _ in range(20)}
    assert len(drawn) == 20
    for phrase in drawn:
        assert len(phrase.split(" ")) == WORDS_OFFERED
        assert set(phrase.split(" ")) <= set(words)
        check_own(phrase)


@pytest.mark.parametrize(
    "common",
    [
        "short",
        "thirteen char",
        "correct horse battery staple",
        "Correct  Horse Battery Staple",
        "password123456",
        "PASSWORD 12345678",
        "qwertyuiop1234567890",
        "iloveyou iloveyou",
        "1234567890123456789",
        "aaaaaaaaaaaaaaaaaaaa",
        "121212121212121212",
        "x                    y",
        "１２３４５６７８９０123456789",
    ],
)
def test_a_short_or_common_passphrase_is_refused(common: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        check_own(common)
    assert common not in str(caught.value)


@pytest.mark.parametrize(
    "own", ["the blue gate squeaks at dawn", "mañana 7 perros azules", "x8!kQz27-vLm#4"]
)
def test_an_own_passphrase_is_taken(own: str) -> None:
    check_own(own)
