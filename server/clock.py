"""The server's clock: the time, and how far it can be believed.

A Pi 3 has no clock battery: after a power cut without internet its clock is behind, and nothing
may then be erased or expire on it.
"""

from __future__ import annotations

from pathlib import Path
from time import time_ns

from contract.audit import ServerClock

_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")  # systemd makes it at the first answer
_HARDWARE_CLOCK = Path("/dev/rtc0")


def now_us() -> int:
    """Return the time, µs UTC."""
    return time_ns() // 1000


def clock_state(
    newest_us: int,
    synchronised: Path = _SYNCHRONISED,
    hardware: Path = _HARDWARE_CLOCK,
) -> ServerClock:
    """Return how far the clock can be believed; `newest_us` is the newest time that was kept."""
    if synchronised.exists():
        return "ntp"
    if hardware.exists() and now_us() >= newest_us:
        return "rtc"
    return "behind"
