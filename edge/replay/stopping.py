"""Ctrl-C, once and twice: the first ends the reading, the second ends everything at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """Whether somebody wants the reading to end."""

    def __init__(self) -> None:
        self.asked = False

    def ask(self) -> None:
        """End the reading after this frame; what was read is decided, told and drawn."""
        self.asked = True


@contextmanager
def stopped_by_hand(stop: Stop) -> Iterator[None]:
    """Let the first Ctrl-C ask for the end; from the second on it is a KeyboardInterrupt."""

    def first_time(signum: int, where: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop.ask()

    before = signal.signal(signal.SIGINT, first_time)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
