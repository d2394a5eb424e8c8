"""What unlocking costs beyond the passphrase, with a year of keys and of the index on the disk.

The first figures are what an owner waits for: from the code to the first page of a search, through
the keyholder's own process and the files as they lie; a derivation is timed in the same turn and
subtracted. Beside each stands how long processors worked for it, here and in the keyholder: about
what it takes on a machine that has nothing else to do. Unlocking unwraps only what came in while
locked, here one night's two keys; a year's keys are needed at once only where the index is built
again from the records.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import bulk
from benchmarks.figure import Figure, figure, main
from benchmarks.vault import family, processor_s
from contract import otp, trust, wrap
from contract.otp import Typed
from lot import times
from lot.clock import now_us
from server.index import segments
from server.index.asked import Query
from server.index.segments import Place
from server.indexing.feeding import Indexing, Shelves
from server.indexing.segment_files import SegmentFiles, segment_files
from server.keys import founding, slots
from server.keys.folder import KeysFolder
from server.keys.founding import Begun, Foundation, Owner
from server.keys.holder import admitting, calls
from server.keys.holder.client import Keyholder
from server.keys.holder.desk import desk_at
from server.keys.holder.refusals import KeyholderAway
from server.settings import Places
from server.store import lots
from server.store.database import Database
from server.store.lots import Lot
from server.store.migrations.run import migrate
from server.store.pictures import picture_folder
from server.store.wraps import wrap_folder

EVENTS = 146_000  # 400 a day: what the gate's own cases call a busy day
BUSIEST = 1_000_000
KEYS_A_YEAR = 2 * 365  # one of text and one of pictures a day, of one edge
A_NIGHT = 2
TURNS = 3
_PASSPHRASE = "six words that nobody guesses"  # noqa: S105 - of a vault that lasts a minute
_READY_S = 30.0


def measured(arguments: argparse.Namespace) -> Sequence[Figure]:
    """Unlock in turns with the derivation alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = KeysFolder(Path(name) / "keys")
        made = founding.founded(folder, Owner("Ada", _PASSPHRASE), now_us())
        wraps = _wraps(folder, arguments.keys)
        night = median(_turn(folder, made, wraps[:A_NIGHT]) for _ in range(TURNS))
        year = _turn(folder, made, wraps)
    against = "one Argon2id derivation of the slot, subtracted, timed in the same turn"
    return [
        *(one for n in (arguments.events, arguments.busiest) for one in _first_page(n)),
        figure("unlock: the vault and a night's keys", night, "s", "<= 1", against),
        figure("unlock: a year's keys all unwrapped", year, "s", "", against),
    ]


@dataclass(frozen=True, slots=True)
class _Took:
    """What a turn took, without the derivation."""

    wall_s: float
    processor_s: float


def _first_page(events: int) -> list[Figure]:
    against = (
        f"{bulk.DAYS} segments through the keyholder's process, median of {TURNS}; "
        "one Argon2id derivation subtracted, of the same turn"
    )
    turns, name = _found_after(events), f"unlock: {events} events in a year, first page"
    wall_s = median(turn.wall_s for turn in turns)
    worked_s = median(turn.processor_s for turn in turns)
    return [
        figure(name, wall_s, "s", "<= 1", against),
        figure(f"{name}, processor", worked_s, "s", "<= 1", against),
    ]


def _found_after(events: int) -> list[_Took]:
    """Return what it takes from the code to the first page, a turn each."""
    with tempfile.TemporaryDirectory(prefix="lot") as name:
        places = Places(Path(name) / "web", Path(name) / "keys")
        begun = founding.begin(KeysFolder(places.keys), Owner("Ada", _PASSPHRASE), now_us())
        begun.finish()
        _write_segments(begun, segment_files(places), events)
        with closing(Database.open(f"sqlite:///{places.state / 'rows.sqlite3'}")) as database:
            migrate(database)
            lot = Lot(bulk.LOT, "north", "UTC", 50, 90, 30, now_us())
            database.write(lambda write: lots.add(write, lot))
            return [_opened(places, database, begun) for _ in range(TURNS)]


def _opened(places: Places, database: Database, begun: Begun) -> _Took:
    made = begun.foundation
    (KeysFolder(places.keys).doors / f"{made.account.id.hex()}.otp").unlink(missing_ok=True)
    folders = picture_folder(places.pictures), wrap_folder(places.wraps)
    shelves = Shelves(database, *folders, segment_files(places))
    with _keyholder(places) as keyholder:
        working = family(os.getpid())  # this process, the guardian and the keyholder
        indexing = Indexing(shelves, keyholder, now_us)
        code = otp.code_at(made.seed, int(time.time()) // otp.STEP_S)
        asked = calls.Unlock(made.row, _PASSPHRASE, Typed(code), calls.Console(), clock="ntp")
        worked_s, began_s = processor_s(working), time.perf_counter()
        admitted = keyholder.unlock(asked)
        assert isinstance(admitted, calls.Admission)  # in local mode nobody is asked
        indexing.feed()
        by = calls.Caller(admitted.token, admitted.session, made.row)
        page = keyholder.search_visits(calls.SearchVisits(by, Query(limit=50)))
        opened_s, worked_s = time.perf_counter() - began_s, processor_s(working) - worked_s
    assert page.total > 0
    derived = _derived()
    return _Took(opened_s - derived.wall_s, worked_s - derived.processor_s)


@contextmanager
def _keyholder(places: Places) -> Iterator[Keyholder]:
    env = {
        **os.environ,
        "LOT_SERVER_FOLDER": str(places.state),
        "LOT_KEYS_FOLDER": str(places.keys),
        "LOT_TIMEZONE": "UTC",
    }
    keyholder = Keyholder(places.socket)
    with subprocess.Popen([sys.executable, "-m", "server", "keyholder"], env=env) as process:
        until_s = time.monotonic() + _READY_S
        while not _answers(keyholder) and time.monotonic() < until_s:
            time.sleep(0.05)
        try:
            yield keyholder
        finally:
            process.terminate()


def _answers(keyholder: Keyholder) -> bool:
    try:
        keyholder.status()
    except KeyholderAway:
        return False
    return True


def _write_segments(begun: Begun, files: SegmentFiles, events: int) -> None:
    generation = now_us()
    for number, plain in enumerate(bulk.segments(events)):
        place = Place(bulk.LOT, bulk.FIRST_DAY + number, generation)
        made = segments.sealed(plain, begun.vault.vault.index, place)
        files.keep(bulk.LOT, place.day, calls.SegmentBytes(generation, made.segment, made.key))


def _turn(folder: KeysFolder, made: Foundation, wraps: Sequence[wrap.Wrap]) -> float:
    (folder.doors / f"{made.account.id.hex()}.otp").unlink(missing_ok=True)
    desk = desk_at(folder, times.zone("UTC"))
    code = otp.code_at(made.seed, int(time.time()) // otp.STEP_S)
    asked = calls.Unlock(made.row, _PASSPHRASE, Typed(code), calls.Console(), clock="ntp")
    started_at_s = time.perf_counter()
    admitting.unlock(desk, asked)
    for one in wraps:
        wrap.unwrapped(one, desk.vault.rsa[one.rsa])
    return time.perf_counter() - started_at_s - _derived().wall_s


def _derived() -> _Took:
    began_s, worked_s = time.perf_counter(), time.process_time()
    slots.stretched(b"six words", bytes(slots.SALT_BYTES), slots.Cost())
    return _Took(time.perf_counter() - began_s, time.process_time() - worked_s)


def _wraps(folder: KeysFolder, count: int) -> list[wrap.Wrap]:
    from_disk = trust.pack_own(folder.trust_pack.read_bytes())
    under = wrap.rsa_public(from_disk.statement.current.spki)
    return [
        wrap.wrapped(bytes(32), under, writer=bytes(16), key_class="T", made=number)
        for number in range(count)
    ]


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keys", type=int, default=KEYS_A_YEAR, metavar="N")
    parser.add_argument("--events", type=int, default=EVENTS, metavar="N")
    parser.add_argument("--busiest", type=int, default=BUSIEST, metavar="N")


if __name__ == "__main__":
    sys.exit(main(measured, _words))
