"""No cell of a table is a formula, and none loses what it said."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lot.cells import harmless, plain, thousandths, write_rows


@pytest.mark.parametrize("text", ["=1+1", "+49", "-2", "@SUM(A1)", "\tx", "\rx", "'=1+1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    assert harmless(text) == "'" + text
    assert plain(harmless(text)) == text


@given(st.text())
def test_what_was_made_harmless_can_be_read_back(text: str) -> None:
    assert plain(harmless(text)) == text
    assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize(
    ("value", "written"), [(0, "0.000"), (7, "0.007"), (987, "0.987"), (1000, "1.000")]
)
def test_a_probability_has_three_decimals(value: int, written: str) -> None:
    assert thousandths(value) == written


def test_rows_end_with_a_line_feed() -> None:
    text = io.StringIO()
    write_rows(text, [("a", 'b,"c"')])
    assert text.getvalue() == 'a,"b,""c"""\n'
