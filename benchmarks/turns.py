"""Small works done in turns, many rounds, so that a neighbour's load meets all of them alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median

from benchmarks.race import Spent, Watch

ROUNDS = 40  # the median of so many moves by 1 to 2 % from run to run beside a busy neighbour


def in_turns(works: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, Spent]:
    """Return what each work takes at the median, after a round that warms all up."""
    spent: dict[str, list[Spent]] = {name: [] for name in works}
    for _ in range(rounds + 1):
        for name, work in works.items():
            watch = Watch()
            work()
            spent[name].append(watch.spent())
    return {
        name: Spent(
            median(one.seconds for one in taken[1:]), median(one.processor for one in taken[1:])
        )
        for name, taken in spent.items()
    }
