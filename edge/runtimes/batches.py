"""A network built for one size of batch takes any number: cut in parts, the last filled up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edge.runtimes import Array


def in_batches(
    run: Callable[[Array], list[Array]], given: Array, fixed: int | None, most: int | None
) -> list[Array]:
    """Return what `run` answers to all of `given`, though it takes `fixed`, or `most` at once.

    What fills up a fixed batch is nothing (zeros), and its answers are dropped.
    """
    size = fixed or most
    if size is None or len(given) == size or (fixed is None and len(given) <= size):
        return run(given)
    parts: list[list[Array]] = []
    for start in range(0, len(given), size):
        part = given[start : start + size]
        missing = size - len(part) if fixed else 0
        filled = np.concatenate([part, np.zeros((missing, *part.shape[1:]), part.dtype)])
        parts.append([answer[: len(part)] for answer in run(filled)])
    return [np.concatenate(answers) for answers in zip(*parts, strict=True)]
