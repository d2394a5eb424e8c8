"""Keys are found by what they are, however they came: one by one, in rows, in order or not."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.index import keys as keys_module
from server.index.keys import MISSING, Keys, joined

# Few first halves, so that many keys share theirs.
KEY = st.tuples(st.integers(0, 5), st.integers(0, 40))
ROWS = st.lists(KEY, max_size=60)


def halves_of(rows: Iterable[tuple[int, int]]) -> tuple[keys_module.Words, keys_module.Words]:
    columns = np.array(list(rows), np.uint64).reshape(-1, 2)
    return columns[:, 0], columns[:, 1]


@pytest.mark.parametrize("few", [1, 32, 10_000])
@given(told=st.lists(st.tuples(st.sampled_from(["one", "many", "rising"]), ROWS), max_size=6))
def test_a_key_has_the_number_it_was_first_given(
    few: int, told: list[tuple[str, list[tuple[int, int]]]]
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(keys_module, "_FEW", few)
        keys, known = Keys(), dict[tuple[int, int], int]()
        for how, rows in told:
            came = sorted(set(rows)) if how == "rising" else rows
            for row in came:
                known.setdefault(row, len(known))
            if how == "one":
                assert [keys.add(joined(*row)) for row in came] == [known[row] for row in came]
            else:
                assert list(keys.numbers(*halves_of(came))) == [known[row] for row in came]
        assert len(keys) == len(known)
        assert [keys.find(joined(*row)) for row in known] == list(known.values())
        keys.sort()
        every = [(high, low) for high in range(7) for low in range(41)]
        wanted = [known.get(row, MISSING) for row in every]
        assert list(keys.found(*halves_of(every))) == wanted


@given(ROWS, st.data())
def test_those_that_are_kept_are_numbered_anew_in_their_order(
    rows: list[tuple[int, int]], data: st.DataObject
) -> None:
    keys = Keys()
    keys.numbers(*halves_of(rows))
    distinct = list(dict.fromkeys(rows))
    mask = data.draw(st.lists(st.booleans(), min_size=len(distinct), max_size=len(distinct)))
    kept = keys.kept(np.array(mask, np.bool_))
    left = [row for row, stays in zip(distinct, mask, strict=True) if stays]
    assert [kept.key(number) for number in range(len(kept))] == [joined(*row) for row in left]
    assert list(kept.found(*halves_of(left))) == list(range(len(left)))
