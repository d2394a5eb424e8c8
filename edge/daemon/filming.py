"""Clips are coded beside the gate's loop, one at a time in a thread of its own.

A clip takes longer than a camera's next picture. A few may wait; one for which there is no room,
or no time, is left out and counted: its event is told without it.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from contract.event import Event
from edge.daemon.clips import Kept, clip_of

WAITING_MAX = 4  # at a gate where cars end seconds apart
PATIENCE_S = 10.0  # an event's last word waits no longer, nor does the gate's state on the disk

Named = tuple[str, int]  # an event's id and revision
Made = dict[Named, bytes | None]
_log = logging.getLogger("lotkeeper.gate")


class Shown(Protocol):
    """What knows the pictures of an event's clip."""

    def of(self, camera: str, event: Event) -> Sequence[Kept]: ...


class Filming:
    """Codes what the loop asks for; all of it but the thread's work is the loop's to call."""

    def __init__(
        self,
        shown: Shown,
        film: Callable[[Sequence[Kept]], bytes | None] = clip_of,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.left_out = 0
        self._shown = shown
        self._film = film
        self._patience_s = patience_s
        self._begun: dict[Named, float] = {}
        self._asked: queue.Queue[tuple[Named, Sequence[Kept]] | None] = queue.Queue(WAITING_MAX)
        self._made: queue.SimpleQueue[tuple[Named, bytes | None]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="clips", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Begin no further clip; the one that is being coded ends with the process."""
        while True:
            try:
                self._asked.get_nowait()
            except queue.Empty:
                break
        self._asked.put(None)

    def begin(self, camera: str, event: Event) -> bool:
        """Say whether the event will have a clip, or may: `made` tells."""
        kept = self._shown.of(camera, event)
        if not kept:
            return False
        named = (event.id, event.revision)
        try:
            self._asked.put_nowait((named, kept))
        except queue.Full:
            self.left_out += 1
            return False
        self._begun[named] = time.monotonic()
        return True

    def made(self) -> Made:
        """Return what has been coded since; None for what is waited for no longer."""
        found: Made = {}
        while not self._made.empty():
            self._take(self._made.get(), found)
        late = time.monotonic() - self._patience_s
        for named in [one for one, begun in self._begun.items() if begun <= late]:
            self._take((named, None), found)
        return found

    def rest(self) -> Made:
        """Wait for all that was begun, as far as that is waited for."""
        found: Made = {}
        while self._begun:
            over_s = min(self._begun.values()) + self._patience_s - time.monotonic()
            try:
                self._take(self._made.get(timeout=max(0.0, over_s)), found)
            except queue.Empty:
                found |= self.made()
        return found

    def _take(self, one: tuple[Named, bytes | None], found: Made) -> None:
        named, clip = one
        if self._begun.pop(named, None) is None:
            return  # its event was told without it
        if clip is None:
            self.left_out += 1
        found[named] = clip

    def _run(self) -> None:
        while (asked := self._asked.get()) is not None:
            named, kept = asked
            try:
                clip = self._film(kept)
            except Exception:  # of this clip; the next one's event must not wait in vain
                _log.exception("clip=0 event=%s", named[0])
                clip = None
            self._made.put((named, clip))
