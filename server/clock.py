"""The time, as every command and request of the server takes it, and how far it is believed."""

from __future__ import annotations

from time import time_ns

from lot.clock import State, WallClock


def now_us() -> int:
    """Return the time by the wall clock, µs UTC."""
    return time_ns() // 1000


def clock_state(newest_us: int) -> State:
    """Return what this process's clock stands on; `newest_us` is the newest time that was kept."""
    return WallClock().state(newest_us)
