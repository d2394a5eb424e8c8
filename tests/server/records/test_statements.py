"""What people say: its bytes, and nothing but a statement in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import canonical
from contract.canonical import INTEGER_MAX, Malformed
from contract.ids import uuid7
from lot.errors import Damaged
from server.records import statements
from server.records.statements import (
    CheckedOut,
    Joined,
    KindCorrected,
    Noted,
    PlateCorrected,
    Saying,
    Settled,
    Split,
    Statement,
    Voided,
    Withdrawn,
    decoded,
    encoded,
)

ONE, OTHER, THIRD = (uuid7(1_800_000_000_000_000, n) for n in (1, 2, 3))
EVENTS = st.sampled_from([ONE, OTHER])
WORDS = st.text("ABCäЖ9 \n🚗", min_size=1, max_size=50)
SAYINGS: st.SearchStrategy[Saying] = st.one_of(
    st.builds(PlateCorrected, EVENTS, st.sampled_from(["ABC123", "Ж1"]), st.just("us-tx")),
    st.builds(PlateCorrected, EVENTS, st.none(), st.none()),
    st.builds(KindCorrected, EVENTS, st.sampled_from(["entry", "exit", "seen"])),
    st.builds(Voided, EVENTS),
    st.builds(Joined, st.just(ONE), st.just(OTHER)),
    st.builds(Split, st.just(OTHER), st.just(ONE)),
    st.builds(Settled, EVENTS, st.sampled_from(["in", "out"])),
    st.builds(CheckedOut, EVENTS, st.integers(0, INTEGER_MAX)),
    st.builds(Noted, EVENTS, WORDS),
    st.builds(Withdrawn, EVENTS),
)
STATEMENTS = st.builds(
    Statement,
    id=st.just(THIRD),
    at=st.integers(0, INTEGER_MAX),
    by=st.binary(min_size=16, max_size=16),
    reason=st.none() | st.just("the driver said so"),
    says=SAYINGS,
)
PLATE = Statement(THIRD, 7, bytes(16), None, PlateCorrected(ONE, "ABC123"))


@given(STATEMENTS)
def test_a_statement_comes_back_from_its_bytes(statement: Statement) -> None:
    assert decoded(encoded(statement)) == statement


@given(st.binary(max_size=200))
def test_whatever_comes_in_only_our_error_comes_out(data: bytes) -> None:
    with pytest.raises(Damaged):
        decoded(data)


@settings(max_examples=60)
@given(STATEMENTS, st.data())
def test_a_field_missing_or_too_many_is_refused(statement: Statement, data: st.DataObject) -> None:
    value: dict[str, Any] = json.loads(encoded(statement))
    where = data.draw(st.sampled_from([value, value["says"]]))
    if data.draw(st.booleans()):
        del where[data.draw(st.sampled_from(sorted(where)))]
    else:
        where["more"] = 1
    with pytest.raises(Damaged):
        decoded(canonical.encoded(value))


@pytest.mark.parametrize(
    "change",
    [
        {"what": "nothing"},
        {"what": None},
        {"what": "kind"},
        {"plate": ""},
        {"plate": "ABC 123"},
        {"plate": "A" * 17},
        {"plate": None, "region": "us"},
        {"region": "US"},
        {"event": "7"},
    ],
    ids=str,
)
def test_a_saying_that_says_nothing_known_is_refused(change: dict[str, object]) -> None:
    value: dict[str, Any] = json.loads(encoded(PLATE))
    value["says"] |= change
    with pytest.raises(Damaged):
        decoded(canonical.encoded(value))


@pytest.mark.parametrize(
    "change",
    [{"v": 2}, {"by": "00"}, {"at": -1}, {"at": True}, {"reason": "a\nb"}, {"says": []}],
    ids=str,
)
def test_a_statement_of_another_form_is_refused(change: dict[str, object]) -> None:
    value: dict[str, Any] = json.loads(encoded(PLATE))
    with pytest.raises(Damaged):
        decoded(canonical.encoded(value | change))


def test_what_contradicts_itself_cannot_be_made() -> None:
    with pytest.raises(Malformed):
        Joined(ONE, ONE)
    with pytest.raises(Malformed):
        Statement(THIRD, 7, bytes(16), None, Withdrawn(THIRD))


def test_no_name_of_a_statement_contradicts_its_record_s_head() -> None:
    """What is inside must agree with the head in every field of one name: these three do."""
    value: dict[str, Any] = json.loads(encoded(PLATE))
    head = {"type", "revision", "lot", "edge", "camera", "lane", "sequence", "kind", "final"}
    assert not head & set(value)


def test_the_longest_statement_fits() -> None:
    longest = Statement(THIRD, INTEGER_MAX, bytes(16), "🚗" * 200, Noted(ONE, "🚗" * 2000))
    assert len(encoded(longest)) < statements.BYTES_MAX
