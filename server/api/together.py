"""Alike work that many ask for at once is done once for those who wait.

Whoever asks while it is being done for others waits for the next time, so no answer is older than
its question; and nothing is kept once the last who waited has their answer.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Generic, TypeVar

from lot.errors import LotError

K = TypeVar("K", bound=Hashable)
A = TypeVar("A")
R = TypeVar("R")


class Together(Generic[K, A, R]):
    """Does `work` for all who ask by one key; it returns an answer for each, in their order."""

    def __init__(self, work: Callable[[K, Sequence[A]], Sequence[R]]) -> None:
        self._work = work
        self._lock = Lock()
        self._lines: dict[K, _Line[A, R]] = {}

    def answer(self, key: K, asker: A) -> R:
        """Return this one's answer; what the work refuses is refused to each of them."""
        with self._lock:
            line = self._lines.setdefault(key, _Line())
            line.people += 1
            leads = line.waiting is None
            mine = line.waiting = line.waiting or _Round()
            place = len(mine.askers)
            mine.askers.append(asker)
        try:
            if leads:
                self._lead(key, line, mine)
            mine.done.wait()
        finally:
            with self._lock:
                line.people -= 1
                if not line.people:
                    del self._lines[key]
        if mine.error is not None:
            raise mine.error
        if not mine.answers:  # who led met a bug, and took its traceback along
            return self._work(key, [asker])[0]
        return mine.answers[place]

    def _lead(self, key: K, line: _Line[A, R], mine: _Round[A, R]) -> None:
        with line.turn:
            with self._lock:
                line.waiting = None  # who asks from here on waits for the next time
            try:
                mine.answers = self._work(key, mine.askers)
            except LotError as error:
                mine.error = error
            finally:
                mine.done.set()


@dataclass(slots=True)
class _Round(Generic[A, R]):
    """Those who get their answers from one doing of the work."""

    askers: list[A] = field(default_factory=list)
    answers: Sequence[R] = ()
    error: LotError | None = None
    done: Event = field(default_factory=Event)


@dataclass(slots=True)
class _Line(Generic[A, R]):
    """All who ask by one key: those of this time, and those who wait for the next."""

    turn: Lock = field(default_factory=Lock)
    waiting: _Round[A, R] | None = None
    people: int = 0
