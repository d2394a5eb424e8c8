"""The cameras' time: steady, whatever somebody does to the wall clock.

Frames are stamped from the monotonic clock plus an offset. The offset follows the wall clock
while nothing is in view, and by one part in a hundred at most while something is; it never
makes time run backwards, so the order of events is the order in which they happened.
"""

from __future__ import annotations

from datetime import datetime

from contract.event import Clock
from lot.clock import JUMP_US, WallClock
from lot.times import microseconds, moment

_SLEW = 0.01


class SteadyClock:
    """Gives the monotonic clock's seconds a time of day."""

    def __init__(self, wall: WallClock, steady_s: float, newest: datetime | None = None) -> None:
        """`newest` is the latest time that was stamped before a restart: ours begins after it."""
        self._wall = wall
        self._adjusted_s = steady_s
        now_us = wall.now_us()
        if newest is not None:
            now_us = max(now_us, microseconds(newest))
        self._newest_us = now_us
        self._offset_us = now_us - round(steady_s * 1_000_000)
        self._wall_offset_us = wall.now_us() - round(steady_s * 1_000_000)
        self._jumped = False

    def at(self, steady_s: float) -> datetime:
        """Return when a moment of the monotonic clock was."""
        return moment(self._offset_us + round(steady_s * 1_000_000))

    def follow(self, steady_s: float, *, in_view: bool) -> None:
        """Draw nearer to the wall clock."""
        wanted = self._wall.now_us() - round(steady_s * 1_000_000)
        apart = wanted - self._offset_us
        if abs(wanted - self._wall_offset_us) > JUMP_US:
            self._jumped = True
        self._wall_offset_us = wanted
        elapsed_us = max(0.0, steady_s - self._adjusted_s) * 1_000_000
        self._adjusted_s = steady_s
        most = round(elapsed_us * _SLEW)
        # Backwards it only ever dawdles: one part in a hundred slower is still forwards.
        ahead = apart if apart > 0 and not in_view else min(apart, most)
        self._offset_us += max(ahead, -most)
        self._newest_us = max(self._newest_us, self._offset_us + round(steady_s * 1_000_000))

    def bears(self) -> Clock:
        """Return what an event says of the clock it was stamped by."""
        return Clock(self._wall.state(self._newest_us), None)

    def jumped_since(self) -> bool:
        """Say whether somebody set the wall clock since this was last asked."""
        jumped, self._jumped = self._jumped, False
        return jumped
