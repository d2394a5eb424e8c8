"""What the desk has open before it: rows and cars inside, so that typing asks for little anew.

A session opens so many parts a minute and no more. A desk that showed 200 tickets with every key
pressed would have used that up with the fifteenth; so what was opened is kept for its session until
it changes, and let go when the vault is locked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

from sqlalchemy import Connection, func, select

from contract import canonical
from contract.digest import H
from lot.errors import LotError
from server.index.asked import FoundVisit, Query
from server.indexing.feeding import sources_in
from server.keys.holder import bodies, calls
from server.keys.holder.client import Keyholder
from server.keys.holder.refusals import Locked, TooFast
from server.keys.rows import CONTENT_BYTES_MAX
from server.private.rows import Kept
from server.store import private_rows
from server.store.database import Database
from server.store.private_rows import PrivateRow
from server.store.tables import records
from server.visits.values import Side

ROWS_MAX = 5000  # of a kind; a desk with more has not forgotten for years
_AT_ONCE = 500
_CARS_AT_ONCE = 50  # what a page may hold is what it costs, so a small lot asks for little
_CARS_MAX: Mapping[Side, int] = {"in": 1000, "out": 300}
_GONE_S = 20.0
_SETTLES_S = 2.0  # the index has what came within a second
_UNREACHED_S = 15.0  # a car may have come in whose plate is on a list
_LASTS_S = 600.0
_SESSIONS_MAX = 64
_LOOKS_S = 1.0


@dataclass(slots=True)
class _Row:
    """A row that was opened; without content it is damaged, or out of this session's reach."""

    digest: bytes
    content: Mapping[str, object] | None = field(repr=False)
    until: float


@dataclass(slots=True)
class _Cars:
    """Cars as a session saw them: those inside, or those gone that came since `first`."""

    stands: tuple[object, ...]  # how index and records stood
    since: float  # from when on they stood so
    at: float
    first: int
    rows: tuple[FoundVisit, ...] = field(repr=False)


@dataclass(slots=True)
class _Opened:
    """What one session has open."""

    rows: dict[tuple[bytes, str, bytes], _Row] = field(default_factory=dict)
    cars: dict[tuple[bytes, Side], _Cars] = field(default_factory=dict)
    used: float = 0.0


class Shelf:
    """Keeps what sessions opened; safe to share between threads."""

    def __init__(
        self,
        database: Database,
        keyholder: Keyholder,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._keyholder = keyholder
        self._monotonic = monotonic
        self._lock = Lock()
        self._unlocked_at: int | None = None
        self._learned = 0  # by the index, in all
        self._sessions: dict[bytes, _Opened] = {}

    def fed(self, told: int) -> None:
        """Ask anew for cars where the index learned something: before, it lacked what had come."""
        self._learned += told

    def rows(self, by: calls.Caller, lot: bytes, kind: str) -> list[Kept]:
        """Return the rows of a kind that can be read and are within the caller's reach."""
        mine = self._mine(by)
        with self._database.read() as read:
            found = private_rows.page(read, lot, kind, most=ROWS_MAX)
        self._forget(mine, lot, kind, found)
        missing = [one for one in found if not self._is_open(mine, one)]
        for at in range(0, len(missing), _AT_ONCE):
            try:
                self._open(mine, by, lot, missing[at : at + _AT_ONCE])
            except TooFast:
                break  # the rest comes with the next look
        return [
            Kept(one.id, one.version, row.content)
            for one in found
            if (row := mine.rows.get((lot, kind, one.id))) is not None and row.content is not None
        ]

    def inside(self, by: calls.Caller, lot: bytes) -> tuple[FoundVisit, ...]:
        """Return the cars that are inside now, the newest first."""
        return self._cars(by, lot, "in", 0, 0.0)

    def gone(self, by: calls.Caller, lot: bytes, first: int) -> tuple[FoundVisit, ...]:
        """Return cars that came since `first` and left: who left a moment ago may be missing."""
        return self._cars(by, lot, "out", first, _GONE_S)

    def _cars(
        self, by: calls.Caller, lot: bytes, side: Side, first: int, stale_s: float
    ) -> tuple[FoundVisit, ...]:
        mine, now = self._mine(by), self._monotonic()
        with self._database.read() as read:
            stands = (self._learned, *_stands(read))
        known, since = mine.cars.get((lot, side)), now
        if known is not None and known.first <= first:
            if known.stands == stands:
                since = known.since
                settled = known.at - known.since >= _SETTLES_S
                stale_s = max(stale_s, _LASTS_S if settled else 1.0)
            if now - known.at < stale_s:
                return known.rows
        rows = tuple(self._searched(by, lot, side, first))
        mine.cars[lot, side] = _Cars(stands, since, now, first, rows)
        return rows

    def start(self) -> None:
        """Let go of what is open as soon as the vault is locked, in a thread of this process."""
        threading.Thread(target=self._run, name="shelf", daemon=True).start()

    def forget_if_locked(self) -> None:
        """Let go of everything once the vault is locked."""
        if self._sessions and self._keyholder.status().state != "unlocked":
            with self._lock:
                self._sessions.clear()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            try:
                self.forget_if_locked()
            except LotError:  # it is away, so what it opened is no longer vouched for
                with self._lock:
                    self._sessions.clear()
            pause.wait(_LOOKS_S)

    def _mine(self, by: calls.Caller) -> _Opened:
        condition = self._keyholder.status()
        with self._lock:
            if condition.state != "unlocked" or condition.unlocked_at != self._unlocked_at:
                self._sessions.clear()
                self._unlocked_at = condition.unlocked_at
            if condition.state != "unlocked":
                raise Locked("the vault is locked", then="an owner unlocks it")
            session = bodies.session(by.session.body).id
            while session not in self._sessions and len(self._sessions) >= _SESSIONS_MAX:
                del self._sessions[min(self._sessions, key=lambda one: self._sessions[one].used)]
            mine = self._sessions.setdefault(session, _Opened())
            mine.used = self._monotonic()
            return mine

    def _is_open(self, mine: _Opened, row: PrivateRow) -> bool:
        known = mine.rows.get((row.lot, row.kind, row.id))
        here = known is not None and known.digest == H(row.box)
        return here and known is not None and self._monotonic() < known.until

    def _open(
        self, mine: _Opened, by: calls.Caller, lot: bytes, rows: Sequence[PrivateRow]
    ) -> None:
        sealed = tuple(calls.SealedRow(one.kind, one.id, one.version, one.box) for one in rows)
        now = self._monotonic()
        opened = self._keyholder.rows_open(calls.RowsOpen(by, lot, sealed))
        for row, plain in zip(rows, opened, strict=True):
            content = _content(plain) if isinstance(plain, calls.PlainRow) else None
            until = now + (_UNREACHED_S if isinstance(plain, calls.BeyondReach) else _LASTS_S)
            mine.rows[lot, row.kind, row.id] = _Row(H(row.box), content, until)

    @staticmethod
    def _forget(mine: _Opened, lot: bytes, kind: str, rows: Iterable[PrivateRow]) -> None:
        there = {(lot, kind, one.id) for one in rows}
        for gone in [one for one in mine.rows if one[:2] == (lot, kind) and one not in there]:
            mine.rows.pop(gone, None)

    def _searched(
        self, by: calls.Caller, lot: bytes, side: Side, first: int
    ) -> Iterator[FoundVisit]:
        most = _CARS_MAX[side]
        query = Query(lots=frozenset([lot]), side=side, first=first or None, limit=_CARS_AT_ONCE)
        for _ in range(0, most, _CARS_AT_ONCE):
            page = self._keyholder.search_visits(calls.SearchVisits(by, query))
            yield from page.rows
            if page.cursor is None:
                return
            query = replace(query, cursor=page.cursor)


def _stands(read: Connection) -> tuple[object, ...]:
    """Return what changes whenever a record comes, or a part of one that came before."""
    newest = select(func.max(records.c.sequence), func.max(records.c.received))
    found: list[object] = []
    for lot, writer, stamp in sources_in(read):
        mine = (records.c.lot == lot, records.c.writer == writer)
        found.append((lot, writer, stamp, *read.execute(newest.where(*mine)).one()))
    return tuple(found)


def _content(plain: calls.PlainRow) -> Mapping[str, object]:
    found = canonical.decoded(plain.content, bytes_max=CONTENT_BYTES_MAX)
    return {name: value for name, value in found.items() if name != "v"}
