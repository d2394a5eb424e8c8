"""The daemon's one loop: a turn at every camera, a step of the gate, what is kept goes to disk.

The gate, its state and what is kept belong to this thread alone, so they need no lock. The turns
at several cameras run side by side while it waits for them (`turns`); cameras and delivery have
threads of their own and are only asked. The watchdog is fed by a turn in which every camera either
gave a picture or is known to be blind.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contract.event import Event
from contract.wire import Ack, Started
from edge.daemon.clock import SteadyClock
from edge.daemon.gatehouse import Gatehouse
from edge.daemon.lookout import Lookout, News, busy
from edge.daemon.notify import Notify
from edge.daemon.state_file import Heartbeat, Kept, StateFile
from edge.daemon.turns import Turns
from lot.errors import Damaged

_log = logging.getLogger("lotkeeper.gate")
_ASKED_EVERY_S = 1.0  # an event may have become final while nothing is new
_STATE_EVERY_S = 1.0
_BEAT_EVERY_S = 5.0
_NOTHING_NEW_S = 0.02


@dataclass(slots=True)
class Heard:
    """What delivery's thread hears from the server, for the loop to take up."""

    started: queue.SimpleQueue[Started] = field(default_factory=queue.SimpleQueue)
    acks: queue.SimpleQueue[Ack] = field(default_factory=queue.SimpleQueue)


@dataclass(frozen=True, slots=True)
class Disk:
    """What lies on the edge's disk for the next start."""

    state: StateFile
    heartbeat: Heartbeat
    edge: bytes


class Seen:
    """Told of each turn and event: metrics and windows hang here. By itself it does nothing."""

    def turn(self, lookouts: Sequence[Lookout], news: Sequence[News]) -> None:
        """Be told of one turn."""

    def events(self, events: Sequence[Event]) -> None:
        """Be told of what was kept."""


class Several(Seen):
    """Tells several one after another."""

    def __init__(self, every: Sequence[Seen]) -> None:
        self._every = tuple(every)

    def turn(self, lookouts: Sequence[Lookout], news: Sequence[News]) -> None:
        for one in self._every:
            one.turn(lookouts, news)

    def events(self, events: Sequence[Event]) -> None:
        for one in self._every:
            one.events(events)


class Loop:
    """Runs until it is told to stop, or until every source has ended."""

    def __init__(
        self,
        turns: Turns,
        gatehouse: Gatehouse,
        clock: SteadyClock,
        disk: Disk | None,
        heard: Heard,
        notify: Notify,
        stop: threading.Event,
        seen: Seen,
    ) -> None:
        self._turns = turns
        self._lookouts = turns.lookouts
        self._gatehouse = gatehouse
        self._clock = clock
        self._disk = disk
        self._heard = heard
        self._notify = notify
        self._stop = stop
        self._seen = seen
        self._key: bytes | None = None
        self._asked_s = self._kept_s = self._beat_s = 0.0
        self._beaten: set[str] = set()

    def run(self) -> None:
        while not self._stop.is_set():
            news = self._turns.take()
            self._seen.turn(self._lookouts, news)
            steady = time.monotonic()
            self._hear(steady)
            self._step(news, steady)
            self._keep(steady)
            self._clock.follow(steady, in_view=self._in_view())
            self._notify.ready()
            self._notify.working()
            if all(one.over for one in self._lookouts):
                self._end()
                return
            if not any(one.frame for one in news):
                self._stop.wait(_NOTHING_NEW_S)
        self._close()

    def _in_view(self) -> bool:
        return busy(self._lookouts) or self._gatehouse.open_since is not None

    def _now(self, steady: float) -> datetime:
        """Return how far the gate may believe that it was told everything."""
        seeing = [one.last for one in self._lookouts if one.last is not None and not one.blind]
        return min(seeing, default=self._clock.at(steady))

    def _step(self, news: Sequence[News], steady: float) -> None:
        if filmed := self._gatehouse.filmed():
            self._seen.events(filmed)
        passages = [passage for one in news for passage in one.passages]
        began = [one.began for one in news if one.began is not None]
        ended = [one.ended for one in news if one.ended is not None]
        settled = self._settled()
        due = steady - self._asked_s >= _ASKED_EVERY_S
        if not (passages or began or ended or settled or due):
            return
        self._asked_s = steady
        for one in began:
            _log.warning("camera=%s blind=%s", one.interval.camera, one.reason)
        for one in ended:
            _log.warning("camera=%s sees_again=1 was=%s", one.interval.camera, one.reason)
        events = self._gatehouse.step(
            self._now(steady), passages, began=began, ended=ended, settled=settled
        )
        self._seen.events(events)

    def _settled(self) -> list[tuple[str, str]]:
        if self._gatehouse.is_sealed:
            return []  # what was told before the restart is not known yet; acks come again
        found: list[tuple[str, str]] = []
        while not self._heard.acks.empty():
            found = list(self._heard.acks.get().settled)
        return found

    def _hear(self, steady: float) -> None:
        while not self._heard.started.empty():
            started = self._heard.started.get()
            self._key = started.state_key
            if self._gatehouse.is_sealed:
                self._gatehouse.unseal(self._now(steady), self._read(started.state_key))
                _log.info("state=open")

    def _read(self, key: bytes) -> Kept:
        assert self._disk is not None, "only an enrolled edge hears from a server"
        try:
            return self._disk.state.read(key, self._disk.edge)
        except Damaged as error:
            aside = self._disk.state.put_aside()
            _log.error("state=unsound said=%r aside=%s", str(error), aside)
            return Kept()

    def _keep(self, steady: float) -> None:
        if self._disk is None:
            return
        if self._key is not None and steady - self._kept_s >= _STATE_EVERY_S:
            self._kept_s = steady
            self._write_state()
        seeing = {one.name for one in self._lookouts if one.last is not None}
        # At a camera's first picture too: a crash soon after would else be no blind time at all.
        if steady - self._beat_s >= _BEAT_EVERY_S or not seeing <= self._beaten:
            self._beat_s = steady
            self._beaten |= seeing
            self._beat()

    def _write_state(self) -> None:
        assert self._disk is not None
        assert self._key is not None
        kept = self._gatehouse.state()
        if kept is not None:
            self._disk.state.write(kept, self._key, self._disk.edge)

    def _beat(self) -> None:
        assert self._disk is not None
        self._disk.heartbeat.beat(
            {one.name: one.last for one in self._lookouts if one.last is not None}
        )

    def _end(self) -> None:
        """Every source was a file, and all are played."""
        steady = time.monotonic()
        passages = [passage for one in self._lookouts for passage in one.finish()]
        self._seen.events(self._gatehouse.step(self._clock.at(steady), passages))
        self._seen.events(self._gatehouse.end())
        self._close()

    def _close(self) -> None:
        self._notify.stopping()
        self._seen.events(self._gatehouse.finish())
        if self._disk is not None:
            if self._key is not None:
                self._write_state()
            self._beat()
