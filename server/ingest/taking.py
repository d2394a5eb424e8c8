"""A batch from its bytes to its acknowledgement, and an edge's start.

Looked at in one snapshot, written to files, then committed: the writer's stamp, compared and
changed in the commit, says that nothing of it changed since it was looked at. So fsyncs happen
outside of any transaction, and what is acknowledged is durable, row and file.
"""

from __future__ import annotations

import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic

from sqlalchemy import Connection

from contract import trust, wire
from contract.audit import AuditHead, Low
from contract.head import Tombstone
from contract.record import Record
from contract.trust import Certificate
from contract.wire import RANGES_MAX, SETTLED_MAX, Ack, Batch, Side, Started
from lot.errors import Damaged
from server.audit.lines import Audit, Clock
from server.ingest import checks, progress
from server.ingest.checks import New
from server.ingest.progress import Change, Progress
from server.ingest.quota import Quota
from server.ingest.refusals import Busy, Equivocation, Revoked, Unreadable
from server.ingest.witnesses import Doubt, Witnesses
from server.store import (
    alarms,
    audit_lines,
    lots,
    pictures,
    records,
    settled,
    texts,
    wraps,
    writers,
)
from server.store.alarms import Alarm
from server.store.database import Database
from server.store.files import HashedFiles
from server.store.pictures import Pictures
from server.store.tables import SERVER
from server.store.writers import WriterRow
from server.trust_file import TrustFile

_WEEK_US = 7 * 86_400_000_000
_LOOKS_MAX = 20  # so often another process may come between before we say that we are busy
_LATELY_S = 1.0  # what a person settled travels with the acks of the next second
_STAMP_BYTES = 16


@dataclass(frozen=True, slots=True)
class House:
    """What ingest stands on."""

    database: Database
    wraps: HashedFiles
    pictures: Pictures
    trust: TrustFile
    audit: Audit
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Lately:
    """What acks tell that changes seldom."""

    read_at_s: float
    settled: tuple[tuple[str, Side], ...]
    newest_line: int  # when it was written


@dataclass(frozen=True, slots=True)
class _Looked:
    """A batch that may be stored, and what it was looked at beside."""

    row: WriterRow
    rights: Certificate
    progress: Progress
    found: Sequence[Record]
    new: New
    doubts: Sequence[Doubt]
    audit: AuditHead
    lately: _Lately


class Ingest:
    """Takes what edges send; safe to share between threads."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._quota = Quota()
        self._witnesses = Witnesses()
        self._progress: dict[bytes, Progress] = {}
        self._turns: dict[bytes, threading.Lock] = defaultdict(threading.Lock)
        self._rights: dict[bytes, Certificate] = {}
        self._latelies: dict[bytes, _Lately] = {}

    def batch(self, writer: bytes, data: bytes) -> bytes:
        """Return the acknowledgement of a batch, after all of it is durable; else NotTaken.

        NoSpace where the disk is full, Unreachable where the database is away: nothing of the
        batch is stored then, and the same comes again.
        """
        batch = checks.decoded(data)
        with self._turns[writer]:
            for _ in range(_LOOKS_MAX):
                looked = self._looked(writer, batch)
                if (looked.new.is_nothing and not looked.doubts) or self._stored(looked):
                    return wire.ack_encoded(self._ack(looked))
        raise Busy("another process stores records of this edge", then="send it again")

    def start(self, writer: bytes, data: bytes) -> bytes:
        """Return the key of an edge's state, to the edge alone that signs for it."""
        with self._turns[writer], self._house.database.read() as read:
            row, rights = self._writer(read, writer)
        try:
            wire.start_opened(data, rights.public)
        except Damaged as fault:
            raise Unreadable(fault.what, then="look at the edge's version and clock") from None
        if row.closed or rights.until is not None or row.state_key is None:
            raise Revoked("this edge is not let in any more", then="enrol it anew")
        with self._house.database.read() as read:
            lot = lots.found(read, row.lot)
        days = wire.KEEP_DAYS_MAX
        if lot is not None:
            days = min(days, lot.text_days, lot.picture_days)
        with self._turns[writer]:
            ack = self._ack(self._looked(writer, Batch()))
        return wire.started_encoded(Started(wire.asked(data), row.state_key, days, ack))

    def lows(self) -> None:
        """Write how far each writer's records are whole into the audit: once an hour."""
        with self._house.database.read() as read:
            rows = [one for one in writers.every(read) if one.role == "edge"]
        for row in rows:
            with self._turns[row.writer]:
                low = self._low(row.writer)
            self._house.database.write(partial(self._low_line, low, row.lot))

    def sweep(self, older_than: float) -> int:
        """Remove files that no row names: what a crash left between file and commit."""
        swept = self._house.wraps.sweep(partial(self._has_row, wraps.there), older_than)
        if isinstance(self._house.pictures, HashedFiles):
            swept += self._house.pictures.sweep(partial(self._has_row, pictures.there), older_than)
        return swept

    def _has_row(
        self,
        there: Callable[[Connection, bytes, Collection[bytes]], set[bytes]],
        lot: bytes,
        name: bytes,
    ) -> bool:
        # Read anew for each: a row that was committed since the walk began counts.
        with self._house.database.read() as read:
            return bool(there(read, lot, [name]))

    def _looked(self, writer: bytes, batch: Batch) -> _Looked:
        pack = self._house.trust.pack()
        with self._house.database.read() as read:
            row, rights = self._writer(read, writer)
            if row.closed:
                raise _closed()
            found = checks.opened(batch, rights)
            known = self._known(read, row)
            stored = checks.beside(read, row, found)
            wrong = checks.contradictions(read, row, found, known, stored)
            if not wrong:
                rsa_ids = {key.id for key in pack.statement.rsa}
                new = checks.new(read, row, batch, found, known, rsa_ids, stored)
                self._quota.check(read, row, sum(map(records.size, new.records)), self._now())
                doubts = self._witnesses.doubts(read, found)
                audit, lately = self._house.audit.head(read), self._lately(read, row.lot)
                return _Looked(row, rights, known, found, new, doubts, audit, lately)
        self._close(row, wrong)
        raise _closed()

    def _stored(self, looked: _Looked) -> bool:
        """Store all of it, files before rows; False where another process came between."""
        row, new = looked.row, looked.new
        stamp, now = secrets.token_bytes(_STAMP_BYTES), self._now()
        with self._house.wraps.keeping(), self._house.pictures.keeping():
            self._house.wraps.put_all(row.lot, wraps.files_of(new.wraps))
            self._house.pictures.put_all(row.lot, new.pictures)
            change = self._house.database.write(
                lambda write: self._committed(write, looked, stamp, now)
            )
        if change is None:
            return False
        progress.follow(looked.progress, change)
        self._quota.used(row.writer, sum(map(records.size, new.records)))
        return True

    def _committed(
        self, write: Connection, looked: _Looked, stamp: bytes, now: int
    ) -> Change | None:
        row, new = looked.row, looked.new
        if not writers.restamp(write, row, stamp):
            there = writers.found(write, row.writer)
            # Our own stamp is there when a commit's answer was lost and all is done again.
            if there is None or there.stamp != stamp:
                return None
        else:
            wraps.add(write, row.lot, new.wraps, now)
            texts.add(write, row.lot, new.texts)
            pictures.add(write, row.lot, new.pictures, now)
            records.add(write, new.records, now)
            for doubt in looked.doubts:
                self._alarmed(write, row, doubt.alarm(row, now))
        return Change(
            stamp,
            new.records,
            (*new.texts, *new.pictures),
            self._revised(write, looked),
        )

    def _revised(self, write: Connection, looked: _Looked) -> dict[int, frozenset[bytes]]:
        row, ids = looked.row, looked.new.revised
        if not ids:
            return {}
        tombs = [one.head.gone for one in looked.new.records]
        gone = {part for one in tombs if isinstance(one, Tombstone) for part in one.parts or ()}
        return progress.lacking(write, row, looked.progress, ids, gone)

    def _close(self, row: WriterRow, wrong: Sequence[Record]) -> None:
        """Keep what contradicts, close the chain, and say so: all in one transaction."""
        now, alarm_id = self._now(), secrets.token_bytes(16)
        stamp = secrets.token_bytes(_STAMP_BYTES)
        says = "two records of one number: a copied or restored edge; its chain is closed"

        def work(write: Connection) -> None:
            records.add_conflicts(write, wrong, now)
            writers.close(write, row.lot, row.writer, stamp)
            alarm = Alarm(row.lot, alarm_id, "equivocation", row.writer, None, says, now)
            self._alarmed(write, row, alarm)

        self._house.database.write(work)

    def _alarmed(self, write: Connection, row: WriterRow, alarm: Alarm) -> None:
        if alarms.add(write, alarm):
            detail = {"writer": row.writer, "kind": alarm.kind}
            self._house.audit.line(write, "alarm", detail, lot=row.lot)

    def _ack(self, looked: _Looked) -> Ack:
        """Return the acknowledgement of what is stored by now; nothing is read for it twice."""
        have = looked.progress.have(RANGES_MAX)
        low = wire.low_of(have)
        return Ack(
            edge=looked.row.writer,
            have=have,
            low=low,
            low_hash=self._c_of(looked, low),
            audit=looked.audit,
            settled=looked.lately.settled,
            statement=self._house.trust.pack().statement.n,
            time=self._now(),
            clock=self._house.clock.state(looked.lately.newest_line),
        )

    def _c_of(self, looked: _Looked, low: int) -> bytes:
        for one in looked.found:  # but for a backlog with a hole in it, low is the batch's last
            if one.head.sequence == low:
                return one.c
        with self._house.database.read() as read:
            return progress.c_of(read, looked.row, looked.progress, looked.rights.public, low)

    def _low(self, writer: bytes) -> Low:
        with self._house.database.read() as read:
            row, rights = self._writer(read, writer)
            known = self._known(read, row)
            low = wire.low_of(known.have(1))
            return Low(writer, low, progress.c_of(read, row, known, rights.public, low))

    def _low_line(self, low: Low, lot: bytes, write: Connection) -> None:
        self._house.audit.line(write, "low", low, lot=lot)

    def _known(self, read: Connection, row: WriterRow) -> Progress:
        """Return a writer's progress; read anew only where another process changed something."""
        known = self._progress.get(row.writer)
        if known is None or known.stamp != row.stamp:
            known = self._progress[row.writer] = progress.read_anew(read, row)
        return known

    def _writer(self, read: Connection, writer: bytes) -> tuple[WriterRow, Certificate]:
        row = writers.found(read, writer)
        if row is None or row.lot == SERVER:
            raise Revoked("no such edge is enrolled here", then="enrol it")
        rights = self._rights.get(row.certificate)
        if rights is None:
            pack = self._house.trust.pack()
            try:
                rights = trust.certificate_decoded(
                    row.certificate, vault_sign=pack.vault_sign, server=pack.server
                )
            except Damaged as fault:
                raise Revoked(fault.what, then="run verify, then enrol the edge anew") from None
            self._rights[row.certificate] = rights
        if rights.writer != writer or rights.lot != row.lot:
            raise Revoked("its certificate is another edge's", then="run verify")
        return row, rights

    def _lately(self, read: Connection, lot: bytes) -> _Lately:
        kept = self._latelies.get(lot)
        if kept is None or monotonic() - kept.read_at_s > _LATELY_S:
            found = tuple(settled.newest(read, lot, self._now() - _WEEK_US, SETTLED_MAX))
            kept = _Lately(monotonic(), found, audit_lines.newest_time(read))
            self._latelies[lot] = kept
        return kept

    def _now(self) -> int:
        return self._house.clock.now_us()


def _closed() -> Equivocation:
    return Equivocation(
        "two records of this edge bear one number: its chain is closed",
        then="enrol it anew, after the owner knows why",
    )
