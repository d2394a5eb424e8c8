"""JSON with one spelling: what goes in comes out, and no other bytes are read."""

import contextlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.canonical import (
    INTEGER_MAX,
    Fields,
    Malformed,
    at_most,
    decoded,
    encoded,
    matching,
    reading,
    sized,
    within,
)
from lot.errors import Damaged

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=4)
PLENTY = 1 << 20


@given(OBJECTS)
def test_what_was_encoded_is_decoded_and_encoded_the_same(value: dict[str, object]) -> None:
    data = encoded(value)
    assert decoded(data, bytes_max=PLENTY) == value
    assert encoded(decoded(data, bytes_max=PLENTY)) == data


@given(OBJECTS)
def test_the_order_of_fields_does_not_matter_to_the_bytes(value: dict[str, object]) -> None:
    assert encoded(dict(reversed(value.items()))) == encoded(value)


@given(OBJECTS, st.sampled_from([{"indent": 1}, {"separators": (", ", ":")}]))
def test_another_spelling_is_refused(value: dict[str, object], style: dict[str, Any]) -> None:
    other = json.dumps(value, sort_keys=True, ensure_ascii=False, **style).encode()
    if other != encoded(value):
        with pytest.raises(Malformed):
            decoded(other, bytes_max=PLENTY)


@given(st.binary(max_size=80) | st.text(alphabet='{}[]",:0123456789-.eutrfalsn \\', max_size=60))
def test_whatever_comes_in_only_our_error_comes_out(data: bytes | str) -> None:
    with contextlib.suppress(Malformed):
        decoded(data.encode() if isinstance(data, str) else data, bytes_max=PLENTY)


def test_a_number_has_no_more_than_53_bits_either_way() -> None:
    for edge in (INTEGER_MAX, -INTEGER_MAX):
        assert decoded(encoded({"n": edge}), bytes_max=99) == {"n": edge}
    for beyond in (INTEGER_MAX + 1, -INTEGER_MAX - 1):
        with pytest.raises(Malformed):
            encoded({"n": beyond})
        with pytest.raises(Malformed):
            decoded(b'{"n":%d}' % beyond, bytes_max=99)


@pytest.mark.parametrize("wrong", [1.0, float("nan"), object(), "half \ud83d", {1: 2}, {"a": 0.5}])
def test_what_such_json_cannot_hold_is_not_encoded(wrong: object) -> None:
    with pytest.raises(Malformed):
        encoded({"n": wrong})


def test_bytes_stand_in_lower_hex() -> None:
    data = encoded({"hash": b"\x00\xff"})
    assert data == b'{"hash":"00ff"}'
    read = Fields(decoded(data, bytes_max=99), ("hash",))
    assert read.octets("hash") == b"\x00\xff"


@pytest.mark.parametrize("wrong", ["0", "0G", "FF", "00 ff", "0x", "ff\n", 0, None, ["ff"]])
def test_other_spellings_of_bytes_are_refused(wrong: object) -> None:
    with pytest.raises(Malformed):
        Fields({"hash": wrong}, ("hash",)).octets("hash")


def test_what_breaks_the_contract_is_told_as_damage_with_its_name() -> None:
    with pytest.raises(Damaged, match="not an ack: v is unknown"), reading("an ack"):
        Fields({"v": 2}, ("v",)).version()
    with pytest.raises(Damaged, match="v is no whole number"), reading("an ack"):
        Fields({"v": True}, ("v",)).version()


def test_a_value_out_of_bounds_is_refused_and_null_has_none() -> None:
    matching("t", "ab", re.compile("[ab]+"))
    within("n", 3, 1, 3)
    sized("b", b"12", 2)
    at_most("l", [1, 2], 2)
    matching("t", None, re.compile("a"))
    within("n", None, 1)
    sized("b", None, 2)
    refused: list[Callable[[], object]] = [
        lambda: matching("t", "ab\n", re.compile("[ab]+")),
        lambda: within("n", 4, 1, 3),
        lambda: within("n", True, 1, 3),
        lambda: sized("b", b"123", 2),
        lambda: at_most("l", [1, 2, 3], 2),
    ]
    for wrong in refused:
        with pytest.raises(Malformed):
            wrong()


def test_the_limit_is_looked_at_before_a_byte_is_parsed() -> None:
    data = encoded({"a": "b"})
    assert decoded(data, bytes_max=len(data)) == {"a": "b"}
    with pytest.raises(Malformed, match="more than"):
        decoded(data, bytes_max=len(data) - 1)


def test_a_field_is_asked_for_with_what_it_must_be() -> None:
    read = Fields({"n": 1, "t": "x", "w": "in", "f": True, "l": [1], "o": {"a": "b"}}, "ntwflo")
    assert read.whole("n") == 1
    assert read.text("t") == "x"
    assert read.word("w", ("in", "out")) == "in"
    assert read.truth("f") is True
    assert read.entries("l", lambda value, path: (value, path)) == ((1, "l[0]"),)
    assert read.texts("o") == {"a": "b"}
    assert read.either("n", read.whole) == 1
    assert read.inside("o", ("a",)).text("a") == "b"
    for wrong in (
        lambda: read.whole("f"),  # true is no 1
        lambda: read.truth("n"),
        lambda: read.text("n"),
        lambda: read.word("t", ("in", "out")),
        lambda: read.texts("l"),
        lambda: read.entries("o", lambda value, _: value),
        lambda: read.inside("l", ()),
        lambda: read.inside("o", ("b",)),
        lambda: read.inside("o", ()),
    ):
        with pytest.raises(Malformed):
            wrong()


def test_a_fault_names_the_field_and_not_what_it_holds() -> None:
    read = Fields({"a": {"plate": "BKX1234"}}, ("a",)).inside("a", ("plate",))
    with pytest.raises(Malformed) as caught:
        read.whole("plate")
    assert str(caught.value) == "a.plate is no whole number"
