"""What was drawn for one who looks is shown to all who look meanwhile and were answered the same.

The server says what each may see, and whoever it answered with other bytes is drawn another page:
so nobody is shown what they were not told themselves. It is kept while anybody looks and no longer,
so that a lock leaves nothing of it behind.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")

KEPT = 4  # as many languages and roles as look at one moment; where more do, some draw again


class Alike(Generic[T]):
    """Keeps what is drawn while anybody looks; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._looking = 0
        self._drawn: dict[Hashable, T] = {}

    @contextmanager
    def look(self) -> Iterator[None]:
        """Look while the block lasts; the last to leave takes along what was drawn."""
        with self._lock:
            self._looking += 1
        try:
            yield
        finally:
            with self._lock:
                self._looking -= 1
                if not self._looking:
                    self._drawn.clear()

    def drawn(self, answer: Hashable, draw: Callable[[], T]) -> T:
        """Return what `draw` makes of an answer, or made of the same one a moment ago."""
        with self._lock:
            found = self._drawn.get(answer)
        if found is not None:
            return found
        made = draw()  # without the lock: another answer's does not wait for it
        with self._lock:
            while len(self._drawn) >= KEPT:
                del self._drawn[next(iter(self._drawn))]
            if self._looking:
                self._drawn[answer] = made
        return made
