"""What systemd is told: that the gate is up, and that it works. Without systemd nothing is said."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping


class Notify:
    """READY once, WATCHDOG at half the time that the unit gives."""

    def __init__(
        self,
        environment: Mapping[str, str] = os.environ,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._where = environment.get("NOTIFY_SOCKET", "")
        watchdog_us = environment.get("WATCHDOG_USEC", "")
        self._every = int(watchdog_us) / 2_000_000 if watchdog_us.isdecimal() else None
        self._steady = steady
        self._fed = -1e9
        self._ready = False

    def ready(self) -> None:
        if not self._ready:
            self._ready = True
            self._say("READY=1")

    def working(self) -> None:
        """Call after real work alone: a loop that hangs must not be kept alive by a timer."""
        now = self._steady()
        if self._every is not None and now - self._fed >= self._every:
            self._fed = now
            self._say("WATCHDOG=1")

    def stopping(self) -> None:
        self._say("STOPPING=1")

    def _say(self, words: str) -> None:
        if not self._where:
            return
        # A leading @ is how systemd writes a socket without a file.
        where = "\0" + self._where[1:] if self._where.startswith("@") else self._where
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as says:
            says.connect(where)
            says.sendall(words.encode())
