"""The keyholder's index is fed from the rows: all of it after unlocking, then what comes in.

The index lives in the keyholder's memory and ends with it, so what was fed is forgotten whenever
the vault is found to have been opened anew. The newest goes first: whoever unlocks at night
looks for this evening's cars.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from lot.errors import LotError
from server.keys.holder import calls
from server.keys.holder.client import Keyholder
from server.sealed import Kept, Lying, Shelf, only
from server.store import lots, writers
from server.store.database import Database
from server.store.tables import SERVER, records

_log = logging.getLogger("lotkeeper.indexing")

_LOOKS_S = 2.0  # how long what another process stored waits; our own ingest wakes us
_HOUR_US = 3_600_000_000
_WHOLE_AFTER = 1800  # looks: once an hour all rows are compared, as a clock may have been put back
_PAGE = 200
_LACKING_MAX = 10_000
_TYPES = ("event", "blind", "note")

Source = tuple[bytes, bytes]  # lot and writer


class Numbers:
    """Sequences of one writer, a bit each: a million records must not cost a Pi its memory."""

    _BITS = 1 << 16

    def __init__(self) -> None:
        self._blocks: dict[int, bytearray] = {}

    def add(self, sequence: int) -> None:
        block, bit = divmod(sequence, self._BITS)
        bits = self._blocks.setdefault(block, bytearray(self._BITS // 8))
        bits[bit >> 3] |= 1 << (bit & 7)

    def __contains__(self, sequence: int) -> bool:
        block, bit = divmod(sequence, self._BITS)
        bits = self._blocks.get(block)
        return bits is not None and bool(bits[bit >> 3] >> (bit & 7) & 1)


@dataclass(slots=True)
class _Fed:
    """What of one source the index was told."""

    numbers: Numbers = field(default_factory=Numbers)
    lacking: set[int] = field(default_factory=set)  # their text has not come yet
    seen: tuple[object, ...] | None = None  # how the source's rows stood
    received: int = 0  # the newest
    looks: int = 0


class Indexing:
    """Feeds one keyholder; one a web process."""

    def __init__(
        self, database: Database, keyholder: Keyholder, pictures: Kept, wraps: Kept
    ) -> None:
        self._database = database
        self._keyholder = keyholder
        self._pictures = pictures
        self._wraps = wraps
        self._wake = threading.Event()
        self._begun: tuple[object, ...] | None = None
        self._fed: dict[Source, _Fed] = defaultdict(_Fed)

    def start(self) -> None:
        """Feed in a thread of this process until it ends."""
        threading.Thread(target=self._run, name="indexing", daemon=True).start()

    def wake(self) -> None:
        """Say that records came, or that the vault was opened."""
        self._wake.set()

    def feed(self) -> int:
        """Tell the index what it does not know; return how many records that were.

        Locked or KeyholderAway where the vault is shut meanwhile: all is fed again then.
        """
        condition = self._keyholder.status()
        if condition.state != "unlocked":
            self._begun = None
            return 0
        self._begin(condition)
        with self._database.read() as read:
            sources = list(sources_in(read))
        return sum(self._source(*one) for one in sources)

    def _run(self) -> None:
        trouble = ""
        while True:
            self._wake.clear()
            try:
                self.feed()
                trouble = ""
            except LotError as error:
                if error.what != trouble:
                    _log.warning("indexing=waits why=%r", error.what)
                trouble = error.what
            self._wake.wait(_LOOKS_S)

    def _begin(self, condition: calls.Condition) -> None:
        """Begin an empty index where the vault was opened anew, a lot added or records erased."""
        with self._database.read() as read:
            zones = {one.lot: one.timezone for one in lots.every(read)}
            erased = read.scalar(
                select(func.count()).select_from(records).where(records.c.type == "erased")
            )
        stands = (condition.unlocked_at, erased, *sorted(zones.items()))
        if stands != self._begun:
            self._keyholder.index_begin(zones)
            self._fed.clear()
            self._begun = stands

    def _source(self, lot: bytes, writer: bytes, stamp: bytes | None) -> int:
        """Feed what is new of one writer in one lot."""
        fed = self._fed[lot, writer]
        fed.looks += 1
        with self._database.read() as read:
            stands = (stamp, *read.execute(_newest(lot, writer)).one())
        if stands == fed.seen and fed.looks % _WHOLE_AFTER:
            return 0
        since = 0 if fed.looks % _WHOLE_AFTER <= 1 else fed.received - _HOUR_US
        told = self._again(lot, writer, fed) if fed.lacking else 0
        told += sum(self._told(lot, rows, fed) for rows in self._pages(lot, writer, since, fed))
        fed.seen, fed.received = stands, stands[2] or 0
        return told

    def _pages(
        self, lot: bytes, writer: bytes, since: int, fed: _Fed
    ) -> Iterator[Sequence[Row[Any]]]:
        """Yield rows that the index was not told of, the newest first."""
        below: int | None = None
        while True:
            wanted = _rows(lot, writer).where(records.c.received >= since)
            if below is not None:
                wanted = wanted.where(records.c.sequence < below)
            with self._database.read() as read:
                page = read.execute(wanted.limit(_PAGE)).all()
            if not page:
                return
            below = page[-1].sequence
            yield [
                row
                for row in page
                if row.sequence not in fed.numbers and row.sequence not in fed.lacking
            ]

    def _again(self, lot: bytes, writer: bytes, fed: _Fed) -> int:
        """Try those once more whose text was missing."""
        told = 0
        waiting = sorted(fed.lacking)
        for at in range(0, len(waiting), _PAGE):
            some = records.c.sequence.in_(waiting[at : at + _PAGE])
            with self._database.read() as read:
                rows = read.execute(_rows(lot, writer).where(some)).all()
            told += self._told(lot, rows, fed)
        return told

    def _told(self, lot: bytes, rows: Sequence[Row[Any]], fed: _Fed) -> int:
        told = 0
        with self._database.read() as read:
            shelf = Shelf(read, self._pictures, self._wraps)
            for batch in shelf.batches(rows, only()):
                whole = [one for one in batch if one.sealed.parts]
                _note_lacking(batch, fed)
                if not whole:
                    continue
                sealed = tuple(one.sealed for one in whole)
                for _, fault in self._keyholder.index_add(calls.IndexAdd(lot, sealed)):
                    _log.warning("indexing=unopened lot=%s why=%r", lot.hex()[:8], fault)
                for one in whole:
                    fed.numbers.add(one.sequence)
                told += len(whole)
        return told


def _note_lacking(batch: Collection[Lying], fed: _Fed) -> None:
    for one in batch:
        if one.sealed.parts:
            fed.lacking.discard(one.sequence)
        elif len(fed.lacking) < _LACKING_MAX:
            fed.lacking.add(one.sequence)


def sources_in(read: Connection) -> Iterator[tuple[bytes, bytes, bytes | None]]:
    """Yield every writer with each lot it writes in; the server's own writes in all."""
    every = [one.lot for one in lots.every(read)]
    for row in writers.every(read):
        for lot in every if row.lot == SERVER else (row.lot,):
            yield lot, row.writer, row.stamp


def _newest(lot: bytes, writer: bytes) -> Select[Any]:
    mine = (records.c.lot == lot, records.c.writer == writer)
    return select(func.max(records.c.sequence), func.max(records.c.received)).where(*mine)


def _rows(lot: bytes, writer: bytes) -> Select[Any]:
    c = records.c
    wanted = select(c.lot, c.writer, c.sequence, c.envelope, c.signature)
    mine = (c.lot == lot, c.writer == writer, c.type.in_(_TYPES))
    return wanted.where(*mine).order_by(c.sequence.desc())
