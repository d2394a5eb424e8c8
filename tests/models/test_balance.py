"""Balance: the rare is drawn oftener, within bounds, and nothing is dropped."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.balance import OFTENER_MOST, balanced

ITEMS = st.lists(st.sets(st.sampled_from("abcdef")), min_size=1, max_size=40)


def test_a_rare_class_is_drawn_oftener_and_its_rise_is_told() -> None:
    found = balanced([{"car"}] * 98 + [{"motorcycle", "car"}] * 2, 0.5)
    assert found.plain["motorcycle"] == 0.02
    assert 0.06 < found.drawn["motorcycle"] < 0.12
    assert "balance 0.5; rarest: motorcycle 2.00 % -> " in found.line()
    assert found.facts()["strength"] == 0.5


def test_off_draws_all_alike_and_says_so() -> None:
    found = balanced([{"car"}] * 9 + [{"bus"}], 0.0)
    assert found.weights == pytest.approx(np.full(10, 0.1))
    assert found.drawn == pytest.approx(found.plain)
    assert found.line().startswith("balance off; rarest: bus 10.00 % -> 10.00 %")


@given(ITEMS, st.floats(0, 1))
def test_no_item_is_dropped_and_none_shown_more_than_the_bound(
    items: list[set[str]], strength: float
) -> None:
    weights = balanced(items, strength).weights
    assert weights.sum() == pytest.approx(1)
    assert weights.min() > 0
    assert weights.max() <= OFTENER_MOST * weights.min() * (1 + 1e-9)


@given(ITEMS, st.floats(0, 1))
def test_balance_never_takes_from_the_rarest_class(items: list[set[str]], strength: float) -> None:
    found = balanced(items, strength)
    if found.plain:
        rarest = min(found.plain, key=lambda name: (found.plain[name], name))
        assert found.drawn[rarest] >= found.plain[rarest] - 1e-9


def test_other_weights_are_kept_beside_it() -> None:
    found = balanced([{"a"}, {"a"}], 0.0, np.array([1.0, 3.0]))
    assert found.weights == pytest.approx([0.25, 0.75])


def test_of_nothing_nothing_is_drawn() -> None:
    assert "nothing is taught" in balanced([], 0.5).line()
