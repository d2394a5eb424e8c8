"""What waits for the share keeper's answer: how to go on, for a minute, once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from threading import Lock

from lot.errors import Refused

LASTS_S = 60.0
WAITING_MAX = 16  # each holds what somebody typed

GoingOn = Callable[[bytes], object]


class Tickets:
    """Of too many the oldest goes: an answer that is lost comes never."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._waiting: dict[bytes, tuple[float, GoingOn]] = {}
        self._lock = Lock()

    def issue(self, going_on: GoingOn) -> bytes:
        """Return the ticket under which `going_on` waits for an answer."""
        ticket, ends_s = os.urandom(16), self._monotonic() + LASTS_S
        with self._lock:
            while len(self._waiting) >= WAITING_MAX:
                del self._waiting[next(iter(self._waiting))]
            self._waiting[ticket] = (ends_s, going_on)
        return ticket

    def taken(self, ticket: bytes) -> GoingOn:
        """Return what waits under a ticket, which is good once."""
        with self._lock:
            ends_s, going_on = self._waiting.pop(ticket, (0.0, None))
        if going_on is None or self._monotonic() >= ends_s:
            raise Refused("nothing waits for this answer", then="begin again with a new code")
        return going_on
