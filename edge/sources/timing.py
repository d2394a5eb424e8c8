"""A file's timestamps made fit for use: every frame has one, and they never run backwards.

Recorders write doubled stamps, none at all, single ones out of order, and begin again at
nought where two recordings were joined. A gap that moves forward is believed: motion
recorders leave hours out. Times are whole microseconds from the start of the file.
"""

# More than this back, or a little back so often, is a new beginning; less is a stamp astray.
# No coder lets a picture wait for more than sixteen others.
_NEW_BEGINNING = -10_000_000
_ASTRAY_MAX = 16
# A single file never spans this long; a stamp that says so is broken (33 bits that wrapped).
_BEYOND_BELIEF = 48 * 3600 * 1_000_000


class SteadyTime:
    """Mends stamps one by one."""

    def __init__(self, step: int) -> None:
        """Take the usual distance of two frames, in microseconds."""
        self._step = max(1, step)
        self._shift = 0
        self._last: int | None = None
        self._stamp: int | None = None
        self._astray = 0  # stamps in a row

    def at(self, stamp: int | None) -> int:
        """Return the time of the next frame, later than the frame before."""
        if self._last is None:
            time = 0 if stamp is None else max(0, stamp)
        else:
            time = self._after(self._last, stamp)
        self._last = time
        self._stamp = stamp
        return time

    def _after(self, last: int, stamp: int | None) -> int:
        if stamp is None or stamp == self._stamp:
            return last + self._step
        moved = stamp + self._shift - last
        if moved < _NEW_BEGINNING or moved > _BEYOND_BELIEF or self._astray == _ASTRAY_MAX:
            self._shift = last + self._step - stamp
            self._astray = 0
            return last + self._step
        if moved <= 0:
            self._astray += 1
            # Half a step, so that the right stamps behind one astray are soon believed again.
            return last + max(1, self._step // 2)
        self._astray = 0
        return last + moved
