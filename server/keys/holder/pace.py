"""How fast a session may look: a page of people reads slower than a program that copies all."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from server.keys.holder.refusals import TooFast

PARTS_A_MINUTE = 3_000


class Pace:
    """A bucket of parts a session, filled as time goes by."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._left: dict[bytes, tuple[float, float]] = {}
        self._lock = Lock()

    def take(self, session: bytes, parts: int) -> None:
        """Count parts that are about to be opened; TooFast where there are too many."""
        with self._lock:
            now = self._monotonic()
            left, at = self._left.get(session, (float(PARTS_A_MINUTE), now))
            left = min(PARTS_A_MINUTE, left + (now - at) * PARTS_A_MINUTE / 60)
            if parts > left:
                self._left[session] = (left, now)
                raise TooFast(
                    f"more than {PARTS_A_MINUTE} parts a minute were asked for",
                    then="wait a little, or make an export",
                )
            self._left[session] = (left - parts, now)
