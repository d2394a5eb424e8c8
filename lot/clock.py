"""How far the wall clock may be believed. A box without a clock battery wakes up in the past."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["ntp", "rtc", "hand", "behind"]

# A clock that is disciplined moves by less; who sets it moves it by more.
JUMP_US = 2_000_000

_TIME_ERROR = 5  # adjtimex: nothing disciplines this clock
_STA_UNSYNC = 0x0040


@dataclass(frozen=True, slots=True)
class Discipline:
    """What the kernel says of its clock: whether NTP holds it, and how far it may be off."""

    is_synchronised: bool
    error_us: int


class _Timex(ctypes.Structure):
    """The beginning of the kernel's struct timex; the rest of it is room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


def discipline() -> Discipline:
    """Ask the kernel; where it does not say, nothing holds the clock."""
    asked = _Timex()
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(asked))
    except (AttributeError, OSError):
        return Discipline(is_synchronised=False, error_us=0)
    is_held = state not in (-1, _TIME_ERROR) and not asked.status & _STA_UNSYNC
    return Discipline(is_held, int(asked.maxerror))


def now_us() -> int:
    """Return the time by the wall clock, µs UTC; how far it is to be believed, `WallClock` says."""
    return time.time_ns() // 1000


class WallClock:
    """The wall clock of one process, and what its times stand on."""

    def __init__(
        self,
        wall: Callable[[], int] = time.time_ns,
        steady: Callable[[], int] = time.monotonic_ns,
        held: Callable[[], Discipline] = discipline,
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._held = held
        self._offset_us = self._offset()

    def now_us(self) -> int:
        """Return microseconds since 1970, UTC, as the clock shows them."""
        return self._wall() // 1000

    def state(self, newest_us: int) -> State:
        """Say what the clock stands on; `newest_us` is the latest time that is known to be over."""
        if self._held().is_synchronised:
            return "ntp"
        if abs(self._offset() - self._offset_us) > JUMP_US:
            return "hand"
        return "rtc" if self.now_us() >= newest_us else "behind"

    def _offset(self) -> int:
        return (self._wall() - self._steady()) // 1000
