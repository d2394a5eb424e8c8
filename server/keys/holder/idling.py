"""When the vault locks itself: so long after a person last did something, and not after a page did.

A page that was left open asks for news by itself; if that counted, it would keep the vault open
for as long as it stands there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

DESK_S = 10 * 3600  # a working day with its breaks, where an owner approved the browser as a desk


class Idling:
    """Keeps until when the vault stays open; the clock is one that nobody can set."""

    def __init__(self, idle_s: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.idle_s = idle_s
        self._monotonic = monotonic
        self._until_s = monotonic() + idle_s
        self._desks: dict[bytes, float] = {}  # by session
        self._lock = Lock()

    def acted(self, desk_session: bytes | None = None) -> None:
        """Note that a person did something, at a desk where its session is named."""
        now_s = self._monotonic()
        with self._lock:
            self._until_s = now_s + self.idle_s
            if desk_session is not None:
                self._desks[desk_session] = now_s + DESK_S

    def left(self, session: bytes) -> None:
        """Note that somebody signed out: their desk keeps nothing open any more."""
        with self._lock:
            self._desks.pop(session, None)

    def left_s(self) -> float:
        """Return in how many seconds the vault locks itself."""
        with self._lock:
            return max(self._until_s, *self._desks.values(), 0.0) - self._monotonic()
