import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from edge.reading.ctc import RUNNER_MIN, RUNNERS_MAX, decoded, probabilities

ALPHABET = "ABCDEFGH"
LOGITS = arrays(
    np.float32, st.tuples(st.integers(1, 12), st.just(9)), elements=st.floats(-60, 60, width=32)
)


def moments(*rows: tuple[float, ...]) -> NDArray[np.float64]:
    return np.array(rows, np.float64)


def test_a_character_seen_for_several_moments_is_one_and_its_best_moment_counts() -> None:
    read = decoded(moments((0.1, 0.7, 0.2), (0.04, 0.95, 0.01), (0.3, 0.6, 0.1)), "AB")
    assert (read.text, read.characters) == ("A", (0.95,))


def test_a_blank_between_makes_two_of_one_character() -> None:
    read = decoded(moments((0.1, 0.8, 0.1), (0.9, 0.05, 0.05), (0.1, 0.7, 0.2)), "AB")
    assert (read.text, read.characters) == ("AA", (0.8, 0.7))


def test_characters_need_no_blank_between_them() -> None:
    read = decoded(moments((0.1, 0.8, 0.1), (0.1, 0.1, 0.8)), "AB")
    assert read.text == "AB"


def test_a_runner_up_is_weighed_among_characters_without_the_blank() -> None:
    read = decoded(moments((0.2, 0.6, 0.2)), "AB")
    assert read.characters == (0.6,)
    ((runner,),) = read.runners
    assert runner[0] == "B"
    assert runner[1] == pytest.approx(0.25)


def test_nothing_but_blanks_is_an_empty_text() -> None:
    read = decoded(moments((0.9, 0.05, 0.05), (0.8, 0.1, 0.1)), "AB")
    assert (read.text, read.characters, read.runners) == ("", (), ())


def test_a_higher_temperature_makes_it_less_sure_and_changes_no_text() -> None:
    logits = np.array([[0, 4, 1], [3, 0, 0], [0, 1, 5]], np.float32)
    cold, warm = (decoded(probabilities(logits, t), "AB") for t in (1.0, 2.0))
    assert cold.text == warm.text == "AB"
    assert all(w < c for c, w in zip(cold.characters, warm.characters, strict=True))


@given(LOGITS)
def test_whatever_a_network_answers_is_a_text_with_true_probabilities(
    logits: NDArray[np.float32],
) -> None:
    read = decoded(probabilities(logits, 1.0), ALPHABET)
    assert len(read.text) == len(read.characters) == len(read.runners) <= len(logits)
    for character, sure, runners in zip(read.text, read.characters, read.runners, strict=True):
        assert 1 / 9 - 1e-9 <= sure <= 1.0
        assert len(runners) <= RUNNERS_MAX
        assert [p for _, p in runners] == sorted((p for _, p in runners), reverse=True)
        assert all(RUNNER_MIN <= p <= 1.0 for _, p in runners)
        assert character not in {other for other, _ in runners}
        assert sure + sum(p for _, p in runners) <= 1.0 + 1e-6
