"""One Argon2 derivation at a time and three waiting: a Pi has memory for no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

from server.keys.holder.refusals import Busy

WAITING_MAX = 3


class Derivations:
    """The queue before the dear step."""

    def __init__(self) -> None:
        self._room = BoundedSemaphore(1 + WAITING_MAX)
        self._turn = Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn; Busy where as many wait as may."""
        if not self._room.acquire(blocking=False):
            raise Busy("too many are signing in at this moment", then="try again in a few seconds")
        try:
            with self._turn:
                yield
        finally:
            self._room.release()
