"""Which edges were heard from, and which of their cameras see nothing, as alarms that come and go.

An edge says something at least once a minute, if only that it has nothing to say. Silence is
reckoned from the start of this process on, by a clock that nobody sets.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import monotonic

from sqlalchemy import Connection

from contract.head import ID_BYTES
from server.notifying.deciding import BLIND, SILENT
from server.store import alarms, tokens, writers
from server.store.alarms import Alarm
from server.store.database import Database
from server.store.writers import WriterRow

SILENT_S = 300.0  # an idle edge calls every minute, and after a failure waits half of one at most


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong at a gate: a camera of an edge, or the edge itself."""

    kind: str
    lot: bytes
    writer: bytes
    camera: str | None
    says: str


class Presence:
    """Knows who was heard from; safe to share between threads."""

    def __init__(self, steady: Callable[[], float] = monotonic) -> None:
        self._steady = steady
        self._lock = threading.Lock()
        self._since_s = steady()
        self._heard_s: dict[bytes, float] = {}
        self._blind: dict[bytes, tuple[str, ...]] = {}
        self._known: set[tuple[str, bytes, str | None]] = set()

    def heard(self, edge: bytes, blind: Sequence[str] | None) -> None:
        """Note that an edge called, and which cameras it says are blind; None: it says nothing."""
        with self._lock:
            self._heard_s[edge] = self._steady()
            if blind is not None:
                self._blind[edge] = tuple(blind)

    def look(self, database: Database, now: int) -> None:
        """Begin alarms for what is wrong now, and end those whose cause is over.

        An alarm that somebody ended by hand does not come again while its cause goes on.
        """
        with database.read() as read:
            edges = [one for one in writers.every(read) if one.role == "edge" and not one.closed]
            edges = [one for one in edges if tokens.has_any(read, one.lot, one.writer)]
            standing = [
                one
                for lot in {one.lot for one in edges}
                for one in alarms.standing(read, lot)
                if one.kind in (BLIND, SILENT) and one.writer is not None
            ]
        troubles = {(one.kind, one.writer, one.camera): one for one in self._troubles(edges)}
        here = {one.writer for one in edges}
        over = [one for one in standing if (one.kind, one.writer, one.camera) not in troubles]
        new = [one for key, one in troubles.items() if key not in self._known]
        gone = [one for one in over if self._is_over(one, here)]
        if new or gone:
            database.write(lambda write: _kept(write, new, gone, now))
        self._known = set(troubles)

    def _troubles(self, edges: Iterable[WriterRow]) -> list[Trouble]:
        now_s, found = self._steady(), list[Trouble]()
        with self._lock:
            heard_s, blind = dict(self._heard_s), dict(self._blind)
        for edge in edges:
            if now_s - heard_s.get(edge.writer, self._since_s) >= SILENT_S:
                says = f"{edge.name} has not been heard from for five minutes"
                found.append(Trouble(SILENT, edge.lot, edge.writer, None, says))
                continue  # what its cameras see nobody knows
            for camera in blind.get(edge.writer, ()):
                says = f"the camera {camera} sees nothing"
                found.append(Trouble(BLIND, edge.lot, edge.writer, camera, says))
        return found

    def _is_over(self, alarm: Alarm, here: set[bytes]) -> bool:
        """Say whether it is known that an alarm's cause is over: after a restart it is not yet."""
        with self._lock:
            heard_s = self._heard_s.get(alarm.writer or b"")
            if alarm.writer not in here:
                return True
            if heard_s is None or self._steady() - heard_s >= SILENT_S:
                return False
            return alarm.kind == SILENT or alarm.writer in self._blind


def _kept(write: Connection, new: Iterable[Trouble], gone: Iterable[Alarm], now: int) -> None:
    for one in new:
        id_ = secrets.token_bytes(ID_BYTES)
        alarms.add(write, Alarm(one.lot, id_, one.kind, one.writer, one.camera, one.says, now))
    for alarm in gone:
        alarms.end(write, alarm.lot, alarm.id, now)
