"""A turn at every camera: those with eyes of their own side by side, those that share one by one.

Each camera's road is its own; what they share, the gallery, has a lock. What came is told in the
cameras' order, so that the gate hears the same whoever was first.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from edge.daemon.lookout import Lookout, News


class Turns:
    """Takes turns at an edge's cameras; camera n looks with eyes n modulo how many there are."""

    def __init__(self, lookouts: Sequence[Lookout], *, eyes: int) -> None:
        self.lookouts = tuple(lookouts)
        self._shares = [self.lookouts[at::eyes] for at in range(eyes)]
        self._workers = ThreadPoolExecutor(eyes, "eyes") if eyes > 1 else None

    def take(self) -> list[News]:
        """Return each camera's news. What one camera's turn raises, this raises."""
        if self._workers is None:
            return _taken(self.lookouts)
        found = list(self._workers.map(_taken, self._shares))
        eyes = len(self._shares)
        return [found[at % eyes][at // eyes] for at in range(len(self.lookouts))]

    def close(self) -> None:
        """End the threads. A turn that still lasts is waited for."""
        if self._workers is not None:
            self._workers.shutdown()


def _taken(lookouts: Sequence[Lookout]) -> list[News]:
    return [one.turn() for one in lookouts]
