"""Retention as the whole server runs it: by itself where little is due, else when an owner says so.

Whoever confirms has seen a plan, and confirms that plan alone: what became due meanwhile is
another one.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection

from contract import canonical
from contract.digest import H
from contract.head import ID_BYTES
from lot.errors import LotError, Refused
from server.access.ledger import Ledger
from server.api.parts import Parts
from server.audit.lines import Clock
from server.backup import house
from server.backup.house import KEYS_PART
from server.indexing.segment_files import SegmentFiles, segment_files
from server.keys.holder.client import Keyholder
from server.keys.holder.refusals import KeyholderAway
from server.records.writing import Writing
from server.refusals import Changed, TooMany
from server.retention.leave import Moment, check_leave
from server.retention.plan import Plan, due
from server.retention.running import Forgetting, Gone
from server.running.turns import last_at, turn, write_last
from server.settings import Places
from server.store import alarms, audit_lines, lots, writers
from server.store.alarms import Alarm
from server.store.database import Database
from server.store.files import HashedFiles
from server.store.tables import SERVER

_log = logging.getLogger("lotkeeper.retention")
_IDS_AT_ONCE = 500

RETENTION = "retention"  # the chore, and the alarm that it leaves


@dataclass(frozen=True, slots=True)
class Due:
    """What is due, and why it does not go by itself; None where it does."""

    plan: Plan
    waits: str | None
    names: dict[bytes, str]  # of lots and writers

    @property
    def mark(self) -> bytes:
        """Return what a person confirms: this plan and no other."""
        return H(canonical.encoded({"plan": asdict(self.plan)}))


@dataclass(frozen=True, slots=True)
class Retaining:
    """Runs retention."""

    places: Places
    database: Database
    keyholder: Keyholder
    wraps: HashedFiles
    pictures: HashedFiles
    clock: Clock
    writing: Callable[[], Writing]

    def due(self) -> Due:
        """Return what is due now; nothing is changed."""
        at = self._moment()
        with self.database.read() as read:
            plan = due(read, at.now)
            names = {one.lot: one.name for one in lots.every(read)}
            names |= {one.writer: one.name for one in writers.every(read)}
        waits = None
        if plan.going:
            try:
                check_leave(plan, at, confirmed=False)
            except Refused as error:
                waits = str(error)
        return Due(plan, waits, {**names, SERVER: "all lots"})

    def by_itself(self, at: Moment) -> None:
        """Forget what is due, in the turn of the chore; Refused where a person must say so."""
        try:
            self.forgetting().run(at, confirmed=False)
        except Refused as error:
            _alarm(self.database, RETENTION, f"retention waits: {error}", at.now)
            raise
        _end_alarms(self.database, RETENTION, at.now)

    def confirmed(self, mark: bytes, ledger: Ledger, actor: bytes) -> Plan:
        """Forget what somebody saw to be due; Changed where that is another plan by now."""
        with turn(self.places.chores / RETENTION) as file:
            if file is None:
                raise busy()
            self.forgetting().finish()
            found, at = self.due(), self._moment()
            if found.mark != mark:
                raise Changed("what is due is not what was shown", then="look at it again")
            check_leave(found.plan, at, confirmed=True)
            detail = {"days": found.plan.days(), "waited": found.waits}
            self.database.write(
                lambda write: ledger.line(write, "retention_confirmed", detail, actor=actor)
            )
            self.forgetting().forget(found.plan, at, confirmed=True)
            write_last(file, at.now)
        _end_alarms(self.database, RETENTION, at.now)
        self.keys_part_if_it_can(at.now)
        return found.plan

    def erased(self, going: Callable[[], Sequence[Gone]]) -> None:
        """Forget single records, whether they are due or not.

        `going` says which, when nobody can hold one of them any more.
        """
        with turn(self.places.chores / RETENTION) as file:
            if file is None:
                raise busy()
            self.forgetting().finish()
            self.forgetting().erase(going())
        self.keys_part_if_it_can(self.clock.now_us())

    def finish(self) -> None:
        """End what a power cut broke off: it was signed as gone, whatever the clock says now."""
        with turn(self.places.chores / RETENTION) as file:
            if file is not None and self.places.erasing.exists():
                self.forgetting().finish()

    def keys_part(self, at: Moment) -> None:
        """Write the keys part of the backup anew, where there is one: two are kept there.

        So what was erased is unreadable in every copy as soon as the older ones are gone.
        """
        try:
            house.keys_anew(self.places, self.database, at.now)
        except LotError as error:
            if house.is_fresh(self.places, self.clock.now_us()):
                return  # where only root may read all of it, the next nightly one writes it anew
            _alarm(self.database, KEYS_PART, f"the backup's keys part is old: {error}", at.now)
            raise
        _end_alarms(self.database, KEYS_PART, at.now)

    def keys_part_if_it_can(self, now: int) -> None:
        """Write the keys part; where that fails an alarm stands, and the chore tries again."""
        try:
            self.keys_part(Moment(now, "hand", None))
        except LotError as error:
            _log.warning("keys_part=old why=%r", str(error))

    def forgetting(self) -> Forgetting:
        """Return what a run works on."""
        return Forgetting(
            self.database,
            self.wraps,
            self.pictures,
            _Index(self.keyholder, segment_files(self.places)),
            self.writing(),
            self.places.erasing,
        )

    def _moment(self) -> Moment:
        with self.database.read() as read:
            newest = audit_lines.newest_time(read)
        last = last_at(self.places.chores / RETENTION)
        return Moment(self.clock.now_us(), self.clock.state(newest), last)


def retaining(of: Parts) -> Retaining:
    """Return what runs retention in this process."""
    return Retaining(
        of.settings.places,
        of.database,
        of.keyholder,
        of.wraps,
        of.pictures,
        of.wall,
        lambda: of.writing,
    )


@dataclass(frozen=True, slots=True)
class _Index:
    """The index as retention sees it: on the disk, and in a keyholder that is open."""

    keyholder: Keyholder
    files: SegmentFiles

    def forget(self, lot: bytes, day: int) -> None:
        self.files.destroy(lot, day)
        # One that is shut, or was not begun, holds nothing.
        with contextlib.suppress(Refused, KeyholderAway):
            self.keyholder.day_dropped(lot, day)

    def forget_records(self, lot: bytes, days: Iterable[int], ids: Sequence[str]) -> None:
        changed = set(days)
        for at in range(0, len(ids), _IDS_AT_ONCE):
            with contextlib.suppress(Refused, KeyholderAway):
                some = tuple(ids[at : at + _IDS_AT_ONCE])
                changed.update(self.keyholder.records_dropped(lot, some))
        for day in changed:  # after the memory: what was written meanwhile goes too
            self.files.destroy(lot, day)


def _alarm(database: Database, kind: str, why: str, now: int) -> None:
    ids: dict[bytes, bytes] = {}

    def work(write: Connection) -> None:
        for lot in lots.every(write):
            id_ = ids.setdefault(lot.lot, secrets.token_bytes(ID_BYTES))
            alarms.add(write, Alarm(lot.lot, id_, kind, None, None, why, now))

    database.write(work)


def _end_alarms(database: Database, kind: str, now: int) -> None:
    database.write(lambda write: alarms.end_all(write, kind, now))


def busy() -> TooMany:
    """Return what is said to whoever must wait until something is forgotten."""
    return TooMany("something is being forgotten now", then="try again when it is done")
