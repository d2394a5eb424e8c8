"""What the web process does by itself, once an hour or a day, whether the vault is open or not.

When a thing was last done lies in a file, and who does it holds the file's lock: of several
processes one does it, and a restart neither skips nor repeats it. Nothing is done on a clock that
is behind, since each of these erases, or says when something was.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from lot.errors import LotError
from server.audit.lines import Clock
from server.backup.house import KEYS_PART
from server.ingest.taking import Ingest
from server.keys.holder.client import Keyholder
from server.records.writing import Writing
from server.retention.leave import Moment
from server.retention.retaining import RETENTION, Retaining
from server.running import settling
from server.running.turns import last_in, turn, write_last
from server.settings import Places
from server.store import attempts, audit_lines, device_requests, vouched
from server.store.database import Database
from server.store.files import HashedFiles

_log = logging.getLogger("lotkeeper.chores")

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US

_LOOKS_S = 60.0
_STRAY_S = 3600.0  # a file so old without a row belongs to no transaction that still runs


@dataclass(frozen=True, slots=True)
class Ground:
    """What the chores work on; what needs a server that is set up is made when first used."""

    places: Places
    database: Database
    keyholder: Keyholder
    wraps: HashedFiles
    pictures: HashedFiles
    clock: Clock
    ingest: Callable[[], Ingest]
    writing: Callable[[], Writing]


@dataclass(frozen=True, slots=True)
class Chore:
    """One thing that is done now and then."""

    name: str
    every_us: int
    work: Callable[[Moment], None]


class Rota:
    """Does what is due, one process at a time."""

    def __init__(self, folder: Path, moment: Callable[[], Moment], chores: Sequence[Chore]) -> None:
        """`moment` is now, by this process's clock."""
        self._folder = folder
        self._moment = moment
        self._chores = chores
        self._failed: dict[str, tuple[int, str]] = {}

    def round(self) -> list[str]:
        """Do what is due and nobody else does now; return what was done."""
        at = self._moment()
        if at.clock == "behind":
            return []
        return [one.name for one in self._chores if self._done(one, at)]

    def _done(self, one: Chore, at: Moment) -> bool:
        failed = self._failed.get(one.name)
        if failed is not None and abs(at.now - failed[0]) < min(one.every_us, HOUR_US):
            return False
        with turn(self._folder / one.name) as file:
            if file is None:
                return False
            last = last_in(file)
            if last is not None and abs(at.now - last) < one.every_us:
                return False
            try:
                one.work(Moment(at.now, at.clock, last))
            except LotError as error:
                self._note(one, at, error)
                return False
            write_last(file, at.now)
        self._failed.pop(one.name, None)
        return True

    def _note(self, one: Chore, at: Moment, error: LotError) -> None:
        before = self._failed.get(one.name)
        if before is None or before[1] != error.what:
            _log.warning("chore=%s waits=yes why=%r", one.name, str(error))
        self._failed[one.name] = (at.now, error.what)


def rota(of: Ground) -> Rota:
    """Return the chores of a web process."""
    return Rota(
        of.places.chores,
        lambda: _now(of),
        (
            Chore("lows", HOUR_US, lambda _: _lows(of)),
            Chore("settle", HOUR_US, lambda _: _settle(of)),
            Chore("sweep", HOUR_US, lambda _: _sweep(of)),
            Chore("trim", HOUR_US, lambda at: of.database.write(lambda write: _trim(write, at))),
            Chore(RETENTION, DAY_US, retaining(of).by_itself),
            Chore(KEYS_PART, DAY_US, retaining(of).keys_part),
        ),
    )


def start(of: Ground) -> None:
    """Look for what is due in a thread of this process, until it ends."""
    threading.Thread(target=_run, args=(of,), name="chores", daemon=True).start()


def retaining(of: Ground) -> Retaining:
    """Return what runs retention."""
    return Retaining(
        of.places, of.database, of.keyholder, of.wraps, of.pictures, of.clock, of.writing
    )


def _run(of: Ground) -> None:
    pause, work = threading.Event(), rota(of)
    _finish(of)
    _settle_at_start(of)
    while True:
        try:
            work.round()
        except LotError as error:
            _log.warning("chores=wait why=%r", str(error))
        pause.wait(_LOOKS_S)


def _finish(of: Ground) -> None:
    try:
        retaining(of).finish()
    except LotError as error:
        _log.warning("chore=retention broken_off=yes why=%r", str(error))


def _settle_at_start(of: Ground) -> None:
    """Settle what the process before this one left, whatever the clock says."""
    try:
        _settle(of)
    except LotError as error:
        _log.warning("chore=settle waits=yes why=%r", str(error))


def _settle(of: Ground) -> None:
    if count := settling.settled(of.database, of.keyholder):
        _log.info("chore=settle versions=%d", count)


def _now(of: Ground) -> Moment:
    with of.database.read() as read:
        newest = audit_lines.newest_time(read)
    return Moment(of.clock.now_us(), of.clock.state(newest), None)


def _lows(of: Ground) -> None:
    of.ingest().lows()
    of.writing().low()


def _sweep(of: Ground) -> None:
    if swept := of.ingest().sweep(time.time() - _STRAY_S):
        _log.info("chore=sweep files=%d", swept)


def _trim(write: Connection, at: Moment) -> None:
    attempts.trim(write, at.now - DAY_US)  # no door looks back further
    vouched.drop_ended(write, at.now)
    device_requests.drop_old(write, at.now)
