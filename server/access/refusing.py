"""Refusals are written down, and nobody fills the disk with them, however often they try.

The first of its kind is an audit line at once. What is alike within the hour is counted, and
becomes one more line when the hour is over; so do all kinds beyond a few, of one person or of all
strangers together. A server that is killed loses what it had counted in that hour, never a first.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from contract.audit import Act
from lot.errors import LotError
from server.access.ledger import Ledger
from server.store.database import Database

WINDOW_S = 3600.0
KINDS_MAX = 8  # a person at work meets two or three ways to be refused in an hour
WAITING_MAX = 256  # lines that a database which is away did not take

_LOOKS_S = 60.0
_ANYTHING = "several"
_log = logging.getLogger("lotkeeper.refusals")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was refused to whom: an account or an edge, or None where nobody knows."""

    act: Act
    what: str  # the operation
    code: str
    address: str
    actor: bytes | None
    lot: bytes | None


@dataclass(frozen=True, slots=True)
class Counted:
    """So many refusals of a kind, as one line tells them."""

    refusal: Refusal
    count: int


@dataclass(slots=True)
class _Hour:
    ends_s: float
    more: dict[Refusal, int] = field(default_factory=dict)  # beside the first, which is written


class Tally:
    """Says which refusals are to be written down now; for one thread at a time."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._hours: dict[bytes | None, _Hour] = {}

    def met(self, one: Refusal) -> Iterator[Counted]:
        """Count a refusal, and yield what is due: itself, where it is the first of its kind."""
        yield from self.due()
        hour = self._hours.setdefault(one.actor, _Hour(self._monotonic() + WINDOW_S))
        if one in hour.more:
            hour.more[one] += 1
        elif len(hour.more) < KINDS_MAX:
            hour.more[one] = 0
            yield Counted(one, 1)
        else:
            others = replace(one, what=_ANYTHING, code=_ANYTHING, address=_ANYTHING, lot=None)
            hour.more[others] = hour.more.get(others, 0) + 1

    def due(self) -> Iterator[Counted]:
        """Yield what was counted in the hours that are over."""
        now_s = self._monotonic()
        for actor in [who for who, hour in self._hours.items() if hour.ends_s <= now_s]:
            hour = self._hours.pop(actor)
            yield from (Counted(one, count) for one, count in hour.more.items() if count)


class Refusals:
    """Writes refusals into the audit; a database that is away is tried again, and stops nobody."""

    def __init__(self, database: Database, ledger: Ledger, tally: Tally | None = None) -> None:
        self._database = database
        self._ledger = ledger
        self._tally = tally or Tally()
        self._waiting: list[Counted] = []
        self._lock = threading.Lock()

    def note(self, one: Refusal) -> None:
        """Write a refusal down, or count it."""
        with self._lock:
            self._write([*self._tally.met(one)])

    def write_due(self) -> None:
        """Write what was counted in the hours that are over."""
        with self._lock:
            self._write([*self._tally.due()])

    def start(self) -> None:
        """Write what is due in a thread of this process, until it ends."""
        threading.Thread(target=self._run, name="refusals", daemon=True).start()

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(_LOOKS_S):
            self.write_due()

    def _write(self, new: list[Counted]) -> None:
        self._waiting += new
        if not self._waiting:
            return
        lines = tuple(self._waiting)
        try:
            self._database.write(lambda write: self._lines(write, lines))
        except LotError as error:
            _log.warning("refusals=%d written=no why=%r", len(lines), str(error))
            del self._waiting[WAITING_MAX:]
            return
        self._waiting.clear()

    def _lines(self, write: Connection, lines: tuple[Counted, ...]) -> None:
        for line in lines:
            one = line.refusal
            detail = {"what": one.what, "code": one.code, "address": one.address}
            self._ledger.line(
                write, one.act, {**detail, "count": line.count}, lot=one.lot, actor=one.actor
            )
