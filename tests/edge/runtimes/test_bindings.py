import pytest

from edge.runtimes import Port
from edge.runtimes.bindings import Binding, Shape, Unfit, bound

ANSWER = Binding("output0", is_input=False, number="FLOAT", shape=(-1, 9, 5040))


def images(
    shape: Shape, profile: tuple[Shape, Shape, Shape] | None = None, number: str = "FLOAT"
) -> Binding:
    return Binding("images", is_input=True, number=number, shape=shape, profile=profile)


def of_pictures(least: int, best: int, most: int) -> tuple[Shape, Shape, Shape]:
    return (least, 3, 384, 640), (best, 3, 384, 640), (most, 3, 384, 640)


def test_a_fixed_engine_takes_its_one_batch() -> None:
    engine = bound([images((2, 3, 384, 640)), ANSWER])
    assert engine.entry == Port("images", (2, 3, 384, 640))
    assert engine.batch_max == 2


def test_a_free_batch_is_free_up_to_the_most_it_was_built_for() -> None:
    engine = bound([images((-1, 3, 384, 640), of_pictures(1, 1, 4)), ANSWER])
    assert engine.entry == Port("images", (None, 3, 384, 640))
    assert engine.batch_max == 4
    assert engine.exits == (Port("output0", (None, 9, 5040)),)


def test_free_sizes_are_run_at_what_the_engine_was_built_best_for() -> None:
    profile = (1, 3, 32, 32), (1, 3, 384, 640), (1, 3, 1280, 1280)
    engine = bound([images((-1, 3, -1, -1), profile), ANSWER])
    assert engine.entry == Port("images", (1, 3, 384, 640))
    assert engine.batch_max == 1


def test_half_numbers_are_fed_too() -> None:
    assert bound([images((1, 3, 64, 64), number="HALF"), ANSWER]).batch_max == 1


@pytest.mark.parametrize("number", ["INT8", "INT32", "BOOL", "BF16"])
def test_numbers_that_cannot_be_fed_are_named(number: str) -> None:
    with pytest.raises(Unfit, match=f"images is of {number}"):
        bound([images((1, 3, 64, 64), number=number), ANSWER])


def test_an_engine_with_two_inputs_or_none_is_refused() -> None:
    with pytest.raises(Unfit, match="has 2 inputs"):
        bound([images((1, 3, 64, 64)), images((1, 3, 64, 64)), ANSWER])
    with pytest.raises(Unfit, match="has 0 inputs"):
        bound([ANSWER])


def test_a_free_input_without_a_profile_is_refused() -> None:
    with pytest.raises(Unfit, match="no profile"):
        bound([images((-1, 3, 64, 64)), ANSWER])
