"""What the web process does by itself, once an hour or a day, whether the vault is open or not.

When a thing was last done lies in a file, and who does it holds the file's lock: of several
processes one does it, and a restart neither skips nor repeats it. Nothing is done on a clock that
is behind, since each of these erases, or says when something was.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from contract.head import ID_BYTES
from lot.errors import LotError, Refused, Unwritable
from server.audit import Clock
from server.ingest.taking import Ingest
from server.keys.holder.client import Keyholder
from server.keys.holder.refusals import KeyholderAway, Locked
from server.retention.leave import Moment
from server.retention.running import Forgetting
from server.settings import Places
from server.store import alarms, attempts, audit_lines, device_requests, lots, vouched
from server.store.alarms import Alarm
from server.store.database import Database
from server.store.files import HashedFiles
from server.writing import Writing

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
            last = _last_in(file)
            if last is not None and abs(at.now - last) < one.every_us:
                return False
            try:
                one.work(Moment(at.now, at.clock, last))
            except LotError as error:
                self._note(one, at, error)
                return False
            _write_last(file, at.now)
        self._failed.pop(one.name, None)
        return True

    def _note(self, one: Chore, at: Moment, error: LotError) -> None:
        before = self._failed.get(one.name)
        if before is None or before[1] != error.what:
            _log.warning("chore=%s waits=yes why=%r", one.name, str(error))
        self._failed[one.name] = (at.now, error.what)


@contextlib.contextmanager
def turn(path: Path) -> Iterator[int | None]:
    """Hold a chore's file while the block lasts; None where another process holds it."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise Unwritable(
            f"cannot write {path}: {error.strerror}", then="give the folder to the user that serves"
        ) from error
    try:
        yield file if _locked(file) else None
    finally:
        os.close(file)


def rota(of: Ground) -> Rota:
    """Return the chores of a web process."""
    return Rota(
        of.places.chores,
        lambda: _now(of),
        (
            Chore("lows", HOUR_US, lambda _: _lows(of)),
            Chore("sweep", HOUR_US, lambda _: _sweep(of)),
            Chore("trim", HOUR_US, lambda at: of.database.write(lambda write: _trim(write, at))),
            Chore("retention", DAY_US, lambda at: _retain(of, at)),
        ),
    )


def start(of: Ground) -> None:
    """Look for what is due in a thread of this process, until it ends."""
    threading.Thread(target=_run, args=(of,), name="chores", daemon=True).start()


def forgetting(of: Ground) -> Forgetting:
    """Return what a run of retention works on; hold the turn of `retention` while it runs."""
    return Forgetting(
        of.database,
        of.wraps,
        of.pictures,
        _Index(of.keyholder),
        of.writing(),
        of.places.erasing,
    )


@dataclass(frozen=True, slots=True)
class _Index:
    """The index as retention sees it; what lies in a keyholder that is shut is gone already."""

    keyholder: Keyholder

    def forget(self, lot: bytes, day: int) -> None:
        with contextlib.suppress(Locked, KeyholderAway):
            self.keyholder.day_dropped(lot, day)


def _run(of: Ground) -> None:
    pause, work = threading.Event(), rota(of)
    _finish(of)
    while True:
        try:
            work.round()
        except LotError as error:
            _log.warning("chores=wait why=%r", str(error))
        pause.wait(_LOOKS_S)


def _finish(of: Ground) -> None:
    """End what a power cut broke off: it was signed as gone, whatever the clock says now."""
    try:
        with turn(of.places.chores / "retention") as file:
            if file is not None and of.places.erasing.exists():
                forgetting(of).finish()
    except LotError as error:
        _log.warning("chore=retention broken_off=yes why=%r", str(error))


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


def _retain(of: Ground, at: Moment) -> None:
    try:
        forgetting(of).run(at, confirmed=False)
    except Refused as error:
        alarm, why = secrets.token_bytes(ID_BYTES), f"retention waits: {error}"
        of.database.write(lambda write: _ask(write, alarm, why, at.now))
        raise


def _ask(write: Connection, alarm: bytes, why: str, now: int) -> None:
    for lot in lots.every(write):
        alarms.add(write, Alarm(lot.lot, alarm, "retention", None, None, why, now))


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _last_in(file: int) -> int | None:
    text = os.pread(file, 32, 0).decode("ascii", "replace")
    return int(text) if text.isdecimal() else None


def _write_last(file: int, now: int) -> None:
    os.pwrite(file, f"{now:020d}".encode(), 0)  # always as long: it needs no cutting
    os.fsync(file)
