"""What happens, as it happens: who watches is told that something came, and asks for the rest.

One thread looks at the rows while anybody watches, so what another process stored is seen too.
Only what stands in clear is told, so it goes on while the vault is locked. While it is open who is
told asks the index, which knows an event a moment after it was stored: the index wakes the thread,
and where an event had been told before, a change is told once more.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from lot.errors import LotError
from server.indexing.feeding import Source, sources_in
from server.refusals import TooMany
from server.store import alarms, lots
from server.store.database import Database
from server.store.tables import counts, private_rows, records

_log = logging.getLogger("lotkeeper.live")

WATCHERS_MAX = 8  # each holds one of the threads that serve
OF_A_SESSION_MAX = 2  # who went away is missed at the next beat only, and may come back before
_LOOKS_S = 0.5  # how long a change waits that our own index does not wake us for
_WAITING_MAX = 200  # a watcher that does not read is told once that it missed some
_PAGE = 100
_CROSSINGS = ("entry", "exit")


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that came: `what` is entry, exit, alarm, change, or vault."""

    what: str
    lot: bytes | None
    id: str | None = None
    camera: str | None = None
    at: int | None = None
    said: str | None = None  # an alarm's kind, or how the vault stands


class Watching:
    """What one watcher has not been told yet."""

    def __init__(self, session: bytes, sees: Callable[[bytes], bool]) -> None:
        self.session = session
        self.is_over = False  # the same session began others
        self._sees = sees
        self._waiting: queue.Queue[Happened | None] = queue.Queue(_WAITING_MAX)

    def told(self, one: Happened) -> None:
        """Put it beside what waits, if it is theirs to know."""
        if one.lot is not None and not self._sees(one.lot):
            return
        try:
            self._waiting.put_nowait(one)
        except queue.Full:
            return  # whoever reads again asks for everything anyway

    def end(self) -> None:
        """Let it end now, and not when its next beat would tell that nobody reads."""
        self.is_over = True
        with suppress(queue.Full):
            self._waiting.put_nowait(None)  # wakes who waits

    def next(self, seconds: float) -> Happened | None:
        """Return what came, None where nothing did for so long, or it is over."""
        try:
            return self._waiting.get(timeout=seconds)
        except queue.Empty:
            return None


class Live:
    """Looks while somebody watches; safe to share between threads."""

    def __init__(self, database: Database, is_locked: Callable[[], bool]) -> None:
        self._database = database
        self._is_locked = is_locked
        self._lock = threading.Lock()
        self._watchers: list[Watching] = []
        self._looking = False
        self._turn = threading.Lock()
        self._sight: _Sight | None = None
        self._wake = threading.Event()
        self._learned = 0  # by the index, in all
        self._told = 0  # of that

    def watch(self, session: bytes, sees: Callable[[bytes], bool]) -> Watching:
        """Join, instead of the oldest where a session has two; TooMany where eight watch."""
        with self._lock:
            own = [one for one in self._watchers if one.session == session]
            for oldest in own[: len(own) + 1 - OF_A_SESSION_MAX]:
                oldest.end()
                self._watchers.remove(oldest)
            if len(self._watchers) >= WATCHERS_MAX:
                raise TooMany("eight watch already", then="ask every ten seconds instead")
            made = Watching(session, sees)
            self._watchers.append(made)
            begin, self._looking = not self._looking, True
        if begin:
            self._begin(made)
        return made

    def leave(self, watching: Watching) -> None:
        """End a watch."""
        with self._lock:
            if watching in self._watchers:
                self._watchers.remove(watching)

    def fed(self, told: int) -> None:
        """Look at once where the index learned something."""
        if told:
            self._learned += told
            self._wake.set()

    def look(self) -> None:
        """Tell all watchers what came since the last look; the first only learns how it stands."""
        with self._turn:
            self._look()

    def _look(self) -> None:
        learned = self._learned  # before the rows: what is indexed later is told by the next look
        with self._database.read() as read:
            before, sight = self._sight, _seen(read, is_locked=self._is_locked())
            found = [] if before is None else list(_happened(read, before, sight))
        if learned != self._told and not found and before is not None:
            found = [Happened("change", None)]
        self._sight, self._told = sight, learned
        with self._lock:
            watchers = list(self._watchers)
        for one in found:
            for watching in watchers:
                watching.told(one)

    def _begin(self, first: Watching) -> None:
        """Know how it stands before the first one waits, so that nothing comes between."""
        try:
            with self._turn:
                self._sight = None
                self._look()
        except LotError:
            with self._lock:
                self._watchers.remove(first)
                self._looking = False
            raise
        threading.Thread(target=self._run, name="live", daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._watchers:
                    self._looking = False
                    return
            self._wake.clear()
            try:
                self.look()
            except LotError as error:  # the next look tells what this one could not see
                _log.warning("live=waits why=%r", error.what)
            self._wake.wait(_LOOKS_S)


@dataclass(frozen=True, slots=True)
class _Sight:
    """How the rows stand."""

    sources: Mapping[Source, tuple[bytes | None, int, int]]  # stamp, sequences, received
    alarms: Mapping[bytes, Mapping[bytes, str]]  # those that stand, by lot
    others: Mapping[bytes, tuple[object, ...]]  # that they changed is all one learns
    locked: bool


def _seen(read: Connection, *, is_locked: bool) -> _Sight:
    every = [one.lot for one in lots.every(read)]
    sources = {}
    for lot, writer, stamp in sources_in(read):
        newest = select(func.max(records.c.sequence), func.max(records.c.received))
        mine = (records.c.lot == lot, records.c.writer == writer)
        sequence, received = read.execute(newest.where(*mine)).one()
        sources[lot, writer] = (stamp, sequence or 0, received or 0)
    return _Sight(
        sources,
        {lot: {one.id: one.kind for one in alarms.standing(read, lot)} for lot in every},
        {lot: _others(read, lot) for lot in every},
        is_locked,
    )


def _others(read: Connection, lot: bytes) -> tuple[object, ...]:
    counted = read.scalar(select(func.count()).select_from(counts).where(counts.c.lot == lot))
    rows = select(func.count(), func.sum(private_rows.c.version))
    return (counted, *read.execute(rows.where(private_rows.c.lot == lot)).one())


def _happened(read: Connection, before: _Sight, now: _Sight) -> Iterator[Happened]:
    for source, stands in now.sources.items():
        old = before.sources.get(source)
        if stands != old:
            yield from _came(read, source, 0 if old is None else old[2])
    for lot, standing in now.alarms.items():
        known = before.alarms.get(lot, {})
        for id_, kind in standing.items():
            if id_ not in known:
                yield Happened("alarm", lot, id_.hex(), said=kind)
        if known.keys() - standing.keys() or before.others.get(lot) != now.others[lot]:
            yield Happened("change", lot)
    if before.locked != now.locked:
        yield Happened("vault", None, said="locked" if now.locked else "unlocked")


def _came(read: Connection, source: Source, since: int) -> Iterator[Happened]:
    lot, writer = source
    c = records.c
    wanted = select(c.id, c.kind, c.camera, c.at).where(c.lot == lot, c.writer == writer)
    rows = read.execute(wanted.where(c.received > since).order_by(c.received.desc()).limit(_PAGE))
    told = False
    for row in rows:
        told = True
        what = row.kind if row.kind in _CROSSINGS else "change"
        yield Happened(what, lot, row.id, row.camera, row.at)
    if not told:  # parts came, or the clock was put back
        yield Happened("change", lot)
