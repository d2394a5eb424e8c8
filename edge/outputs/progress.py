"""How far a replay is, on standard error: one line rewritten on a terminal, else now and then.

Where the length is unknown, only what was done is told. `tick` is called for every frame, so
it looks at the clock and no more until something is to be told.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

_WIDTH = 79  # one less than a terminal has: in the last column some begin a new line
_REWRITTEN_EVERY = 0.2  # s; faster cannot be read
_TOLD_EVERY = 30.0  # s; into a log, a few lines for an hour's footage
_RECENT = 10.0  # s over which the rate is taken: a busy stretch is slower than an idle one


@dataclass(frozen=True, slots=True)
class Task:
    """What is being done, and how much there is of it, where that is known."""

    name: str  # as "north.mp4" or "drawing north.mp4"
    frames: int | None = None
    rate: float | None = None  # as recorded, to tell how many times as fast it goes


class Progress:
    """Tells of one task at a time."""

    def __init__(
        self, out: TextIO, *, quiet: bool = False, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._out = out
        self._quiet = quiet
        self._now = now
        self._rewrites = not quiet and out.isatty()
        self._shown = 0  # characters of the line that stands on the terminal

    @contextmanager
    def of(self, task: Task) -> Iterator[Callable[[int], None]]:
        """Give a `tick` to call with how many frames are done; at the end a line remains."""
        begun = told = self._now()
        done = 0
        every = _REWRITTEN_EVERY if self._rewrites else _TOLD_EVERY
        recent = deque([(begun, 0)])

        def tick(frames: int) -> None:
            nonlocal done, told
            done = frames
            now = self._now()
            if now - told < every or self._quiet:
                return
            told = now
            recent.append((now, done))
            while len(recent) > 2 and now - recent[0][0] > _RECENT:
                recent.popleft()
            self._tell(_under_way(task, done, recent))

        try:
            yield tick
        finally:
            self._tell(_finished(task, done, self._now() - begun), last=True)

    def clear(self) -> None:
        """Take the line away, for who is about to print another one."""
        if self._shown:
            self._out.write("\r" + " " * self._shown + "\r")
            self._out.flush()
            self._shown = 0

    def _tell(self, line: str, *, last: bool = False) -> None:
        if self._quiet:
            return
        line = line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
        if self._rewrites:
            self._out.write("\r" + line.ljust(self._shown))
        else:
            self._out.write(line)
        if last or not self._rewrites:
            self._out.write("\n")
        self._shown = 0 if last or not self._rewrites else len(line)
        self._out.flush()


def _under_way(task: Task, done: int, recent: deque[tuple[float, int]]) -> str:
    (since, before), (now, _) = recent[0], recent[-1]
    rate = (done - before) / (now - since) if now > since else 0.0
    parts = [f"{task.name}:"]
    if task.frames:
        parts.append(f"{min(100, 100 * done // task.frames)} %,")
    parts.append(f"{done:,} frames, {_speed(task, rate)}")
    if task.frames and rate > 0:
        parts.append(f"{_duration(max(0, task.frames - done) / rate)} left")
    return " ".join(parts)


def _finished(task: Task, done: int, seconds: float) -> str:
    rate = done / seconds if seconds > 0 else 0.0
    return f"{task.name}: {done:,} frames in {_duration(seconds)}, {_speed(task, rate)}"


def _speed(task: Task, rate: float) -> str:
    times = f" ({rate / task.rate:.1f}x)" if task.rate else ""
    return f"{rate:.0f}/s{times}"


def _duration(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
