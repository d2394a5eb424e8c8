"""The keyholder's index is fed: from its segments after opening, then with what came in.

The index lives in the keyholder's memory and ends with it. What it knew lies sealed on the disk, a
segment a day, so an opening reads only what came in while the vault was locked. Then each day is
compared with its rows, the newest first, since whoever unlocks at night looks for this evening's
cars; one that lacks, is torn or old is read from the records again.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from contract import record
from lot.errors import Damaged, LotError
from lot.times import zone
from server.index.segments import Coverage
from server.indexing import days as index_days
from server.indexing.days import TYPES
from server.indexing.on_disk import IndexOnDisk
from server.indexing.segment_files import SegmentFiles
from server.keys.holder import calls
from server.keys.holder.client import Keyholder
from server.records.sealed import Kept, Lying, Shelf, only
from server.store import lots, writers
from server.store.database import Database
from server.store.tables import SERVER, records

_log = logging.getLogger("lotkeeper.indexing")

DAY_US = 86_400_000_000
_LOOKS_S = 2.0  # how long what another process stored waits; our own ingest wakes us
_HOUR_US = 3_600_000_000
_AT_ONCE_US = 120_000_000  # a batch is stored under the time it came at, and committed later
_WRITES_S = 300.0  # what an idle lock may cost of reading again, against a card written without end
_LOCKS_SOON_S = 60
_COMPARES_S = 3600.0  # newest days; all of them after opening, and once a day
_NEWEST_DAYS = 3
_DAY_S = 86_400.0
_PAGE = 200
_DAYS_PAGE = 30
_LACKING_MAX = 10_000

Source = tuple[bytes, bytes]  # lot and writer


Work = Callable[[], None]


def _nobody(_unlocked_at: int | None, _told: int) -> None:
    """Tell nobody that the index was fed."""


def _beside(work: Work) -> None:
    threading.Thread(target=work, name="learning", daemon=True).start()


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
    since: int = 0  # what came before it is in the segments
    new: int = 0  # so many records of it were told that nobody heard of yet


@dataclass(slots=True)
class _Turns:
    """When what is done now and then was last done, by the monotonic clock."""

    due_since_s: float | None = None  # something is not on the disk since
    compared_s: float | None = None
    compared_all_s: float | None = None


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where records lie, and where the index does."""

    database: Database
    pictures: Kept
    wraps: Kept
    segments: SegmentFiles


class Indexing:
    """Feeds one keyholder; one a web process."""

    def __init__(
        self,
        shelves: Shelves,
        keyholder: Keyholder,
        now: Callable[[], int],
        fed: Callable[[int | None, int], None] = _nobody,
        beside: Callable[[Work], None] = _beside,
    ) -> None:
        """`now` is the wall's time, µs UTC; `fed` is told that the index has all there is.

        It is told when the vault was opened that it lies in, and how many records were new to it.
        `beside` does what takes a Pi a minute, while the index is fed on.
        """
        self._told_fed = fed
        self._beside = beside
        self._shelves = shelves
        self._database = shelves.database
        self._files = shelves.segments
        self._disk = IndexOnDisk(keyholder, shelves.segments)
        self._keyholder = keyholder
        self._now = now
        self._wake = threading.Event()
        self._begun: tuple[object, ...] | None = None
        self._lots: dict[bytes, str] = {}  # with their zones
        self._fed: dict[Source, _Fed] = defaultdict(_Fed)
        self._turns = _Turns()
        self._erased: int | None = None
        self._learned: dict[bytes, int] = {}  # when, of each lot
        self._learning: set[bytes] = set()  # the lots whose lessons are being learned
        self._hopeless: dict[tuple[bytes, int], Coverage] = {}  # damaged rows, told once

    def start(self) -> None:
        """Feed in a thread of this process until it ends."""
        threading.Thread(target=self._run, name="indexing", daemon=True).start()

    def wake(self) -> None:
        """Say that records came, or that the vault was opened."""
        self._wake.set()

    def feed(self) -> int:
        """Tell the index what it does not know; return how many records that were.

        Locked or KeyholderAway where the vault is shut meanwhile: it begins with the segments then.
        """
        condition = self._keyholder.status()
        if condition.state != "unlocked":
            self._begun = None
            return 0
        self._begin(condition)
        with self._database.read() as read:
            sources = list(sources_in(read))
        try:
            for one in sources:
                self._source(*one)
        finally:  # what was told before a failure lies in the index all the same
            told = sum(one.new for one in self._fed.values())
            if told and self._turns.due_since_s is None:
                self._turns.due_since_s = monotonic()
        self._told_fed(condition.unlocked_at, told)
        for fed in self._fed.values():
            fed.new = 0
        return told

    def round(self) -> None:
        """Feed; and where it is time for it compare, learn, and write what is due."""
        self.feed()
        if self._begun is None:
            return
        self._compare_in_turn()
        for lot in self._lots:
            self._learn_in_turn(lot)
        since_s, left_s = self._turns.due_since_s, self._keyholder.status().locks_in_s
        if since_s is not None and (
            monotonic() - since_s >= _WRITES_S or (left_s is not None and left_s < _LOCKS_SOON_S)
        ):
            self.write()

    def write(self) -> int:
        """Write the segments that are due; return how many. What they hold is not read again."""
        written = 0
        for lot in self._lots:
            fed = {writer: one.received for (of, writer), one in self._fed.items() if of == lot}
            written += self._disk.write(lot, fed)
        self._turns.due_since_s = None
        return written

    def compare(self, newest: int | None = None) -> int:
        """Compare days with their rows and mend those that differ; return how many did."""
        return sum(self._compared(lot, newest) for lot in self._lots)

    def learn(self, lot: bytes) -> None:
        """Learn a lot's lessons from its cars, and keep them."""
        self._learned[lot] = self._disk.learn(lot)
        self._turns.due_since_s = self._turns.due_since_s or monotonic()

    def _run(self) -> None:
        trouble = ""
        while True:
            self._wake.clear()
            try:
                self.round()
                trouble = ""
            except LotError as error:
                if error.what != trouble:
                    _log.warning("indexing=waits why=%r", error.what)
                trouble = error.what
            self._wake.wait(_LOOKS_S)

    def _begin(self, condition: calls.Condition) -> None:
        """Begin with the segments where the vault was opened anew, or a lot added."""
        with self._database.read() as read:
            self._lots = {one.lot: one.timezone for one in lots.every(read)}
        stands = (condition.unlocked_at, *sorted(self._lots.items()))
        if stands == self._begun:
            return
        self._keyholder.index_begin(self._lots)
        for known in (self._fed, self._hopeless, self._learned):
            known.clear()
        # What this reads anew is written soon after; a day too much is no harm.
        self._turns = _Turns(due_since_s=monotonic() - _WRITES_S)
        for lot in self._lots:
            if (learned := self._disk.read_in(lot)) is not None:
                self._learned[lot] = learned
            for writer, received in self._files.caught_up(lot).items():
                self._fed[lot, writer] = _Fed(received=received, since=received - _AT_ONCE_US)
        self._begun = stands

    def _compare_in_turn(self) -> None:
        turns, now_s = self._turns, monotonic()
        with self._database.read() as read:
            erased = _erasures(read, self._lots)
        everything = erased != self._erased or _is_over(turns.compared_all_s, _DAY_S, now_s)
        if not everything and not _is_over(turns.compared_s, _COMPARES_S, now_s):
            return
        mended = self.compare(None if everything else _NEWEST_DAYS)
        if mended or erased != self._erased:  # single records leave their days to be written anew
            turns.due_since_s = turns.due_since_s or now_s
        turns.compared_s, self._erased = now_s, erased
        if everything:
            turns.compared_all_s = now_s

    def _compared(self, lot: bytes, newest: int | None) -> int:
        with self._database.read() as read:
            there = set(index_days.days_with_rows(read, lot, zone(self._lots[lot])))
        kept = self._files.days(lot).keys()
        for day in kept - there:
            self._files.destroy(lot, day)
        days, mended = sorted(there | kept, reverse=True)[:newest], 0
        for at in range(0, len(days), _DAYS_PAGE):
            chunk = tuple(days[at : at + _DAYS_PAGE])
            known = {one.day: one for one in self._keyholder.index_state(lot, chunk)}
            mended += sum(self._mended(lot, day, known[day]) for day in chunk)
            self.feed()  # a year takes a Pi minutes, and what comes in shall be found meanwhile
        return mended

    def _mended(self, lot: bytes, day: int, known: calls.Segment) -> bool:
        """Read a day again where the index has it otherwise than the rows; say whether it did."""
        wanted = self._wanted(lot, day)
        if _is_as(known, wanted) or self._hopeless.get((lot, day)) == wanted:
            return False
        self.feed()  # something came meanwhile
        if not self._differs(lot, day):
            return True
        self._day(lot, day)
        if self._differs(lot, day):  # something in it should not be there
            self._keyholder.day_dropped(lot, day)
            self._files.destroy(lot, day)
            self._day(lot, day)
        if self._differs(lot, day):
            self._hopeless[lot, day] = self._wanted(lot, day)
            _log.warning("indexing=differs lot=%s day=%d then=%r", lot.hex()[:8], day, "verify")
        return True

    def _differs(self, lot: bytes, day: int) -> bool:
        (known,) = self._keyholder.index_state(lot, (day,))
        return not _is_as(known, self._wanted(lot, day))

    def _wanted(self, lot: bytes, day: int) -> Coverage:
        with self._database.read() as read:
            return index_days.covered(
                index_days.newest_of_day(read, lot, day, zone(self._lots[lot]))
            )

    def _day(self, lot: bytes, day: int) -> None:
        """Tell the index all records of a day."""
        with self._database.read() as read:
            rows = index_days.newest_of_day(read, lot, day, zone(self._lots[lot]))
        by_writer: dict[bytes, list[int]] = defaultdict(list)
        for row in rows:
            by_writer[row.writer].append(row.sequence)
        for writer, sequences in by_writer.items():
            self._sequences(lot, writer, sequences)

    def _learn_in_turn(self, lot: bytes) -> None:
        learned = self._learned.get(lot)
        is_due = learned is None or abs(self._now() - learned) >= DAY_US
        if not is_due or lot in self._learning:
            return
        self._learning.add(lot)

        def work() -> None:
            try:
                self.learn(lot)
            except LotError as error:
                _log.warning("indexing=unlearned lot=%s why=%r", lot.hex()[:8], error.what)
                self._learned[lot] = self._now() - DAY_US + _HOUR_US  # not at every look again
            finally:
                self._learning.discard(lot)

        self._beside(work)

    def _source(self, lot: bytes, writer: bytes, stamp: bytes | None) -> None:
        """Feed what is new of one writer in one lot."""
        fed = self._fed[lot, writer]
        with self._database.read() as read:
            stands = (stamp, *read.execute(_newest(lot, writer)).one())
        if stands == fed.seen:
            return
        if fed.lacking:
            self._sequences(lot, writer, sorted(fed.lacking))
        since = max(fed.since, fed.received - _HOUR_US)
        for rows in self._pages(lot, writer, since, fed):
            self._tell(lot, rows, fed)
        fed.seen, fed.received = stands, max(fed.received, stands[2] or 0)

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

    def _sequences(self, lot: bytes, writer: bytes, these: Sequence[int]) -> None:
        """Tell the index these records of a writer."""
        fed = self._fed[lot, writer]
        for at in range(0, len(these), _PAGE):
            some = records.c.sequence.in_(these[at : at + _PAGE])
            with self._database.read() as read:
                rows = read.execute(_rows(lot, writer).where(some)).all()
            self._tell(lot, rows, fed)

    def _tell(self, lot: bytes, rows: Sequence[Row[Any]], fed: _Fed) -> None:
        with self._database.read() as read:
            shelf = Shelf(read, self._shelves.pictures, self._shelves.wraps)
            for batch in shelf.batches(_sound(rows), only()):
                whole = [one for one in batch if one.sealed.parts]
                _note_lacking(batch, fed)
                if not whole:
                    continue
                sealed = tuple(one.sealed for one in whole)
                for _, fault in self._keyholder.index_add(calls.IndexAdd(lot, sealed)):
                    _log.warning("indexing=unopened lot=%s why=%r", lot.hex()[:8], fault)
                for one in whole:
                    fed.numbers.add(one.sequence)
                fed.new += len(whole)


def _is_over(since_s: float | None, wait_s: float, now_s: float) -> bool:
    return since_s is None or now_s - since_s >= wait_s


def _is_as(known: calls.Segment, wanted: Coverage) -> bool:
    return (known.count, known.digest) == (wanted.count, wanted.digest)


def _sound(rows: Sequence[Row[Any]]) -> Iterator[Row[Any]]:
    """Yield rows whose envelope can be read: one that is damaged keeps none of the others out."""
    for row in rows:
        try:
            record.decoded(row.envelope)
        except Damaged as fault:
            _log.warning("indexing=unread sequence=%d why=%r", row.sequence, fault.what)
            continue
        yield row


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


def _erasures(read: Connection, of: Collection[bytes]) -> int:
    """Return how many erasures there are: the server's own writers sign them, and write little."""
    own = [row.writer for row in writers.every(read) if row.lot == SERVER]
    c = records.c
    mine = (c.lot.in_([SERVER, *of]), c.writer.in_(own), c.type == "erased")
    return read.scalar(select(func.count()).select_from(records).where(*mine)) or 0


def _newest(lot: bytes, writer: bytes) -> Select[Any]:
    mine = (records.c.lot == lot, records.c.writer == writer)
    return select(func.max(records.c.sequence), func.max(records.c.received)).where(*mine)


def _rows(lot: bytes, writer: bytes) -> Select[Any]:
    c = records.c
    wanted = select(c.lot, c.writer, c.sequence, c.envelope, c.signature)
    mine = (c.lot == lot, c.writer == writer, c.type.in_(TYPES))
    return wanted.where(*mine).order_by(c.sequence.desc())
