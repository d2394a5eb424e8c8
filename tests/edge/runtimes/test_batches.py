import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.runtimes import Array
from edge.runtimes.batches import in_batches


class Counting:
    """A network that answers each picture's sum and its double, and notes what it was given."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def run(self, given: Array) -> list[Array]:
        self.sizes.append(len(given))
        total = given.sum(axis=1)
        return [total, 2 * total[:, None]]


SIZES = st.integers(1, 5) | st.none()


@given(st.integers(1, 12), SIZES, SIZES)
def test_any_number_is_answered_in_order_whatever_batch_the_network_takes(
    count: int, fixed: int | None, most: int | None
) -> None:
    network = Counting()
    given = np.arange(3 * count, dtype=np.float32).reshape(count, 3)
    total, double = in_batches(network.run, given, fixed, most)
    assert (total == given.sum(axis=1)).all()
    assert (double == 2 * total[:, None]).all()
    if fixed:
        assert set(network.sizes) == {fixed}
    elif most:
        assert max(network.sizes) <= most
    else:
        assert network.sizes == [count]
