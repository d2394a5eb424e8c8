"""kill -9 of server, keyholder and database under load, and what must hold after each.

All of it is real: the server's own commands, TLS, MariaDB as the installer sets it. Two edges send
all the time, and an owner at the desk writes notes and changes a customer; what any of them was
told is the truth that the disk is compared with.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, create_engine, select

from benchmarks import TREE
from benchmarks import vault as vaults
from benchmarks.events import PLATE
from benchmarks.ingest import Edge, Ready, any_car
from benchmarks.mariadb import Mariadb
from benchmarks.vault import Served, Vault
from contract import otp, wire
from lot.clock import now_us
from lot.errors import LotError
from server.keys.folder import KeysFolder
from server.keys.holder.client import Keyholder
from server.keys.slots import Cost
from server.store.database import Database
from server.store.pictures import picture_folder
from server.store.tables import records, tables
from server.store.wraps import wrap_folder
from server.trust_file import TrustFile
from server.verify.report import encoded
from server.verify.whole import Ground, verified
from tests.edge.delivery.serving import until

CHEAP = Cost(19 * 1024, 1)
# A database whose tables lie in one file that may not grow far; and one that has room again.
SMALL = ("--innodb-file-per-table=0", "--innodb-data-file-path=ibdata1:12M:autoextend:max:22M")
ROOMY = ("--innodb-file-per-table=0", "--innodb-data-file-path=ibdata1:12M:autoextend:max:99M")
_EDGES = 2
_LIFE_S = 1.0  # long enough for some batches to come through before the next blow
_EVENTS_MAX = 6
_PICTURE_BYTES = 8_000
_AGAIN_S = 0.03
_VICTIMS = ("server", "keyholder", "database")
# What a fault may be answered with; 401 and 423: the session or the vault ended with the keyholder.
_WAITS = frozenset({503, 507})
_DESK_WAITS = _WAITS | {401, 403, 409, 423}


@dataclass(slots=True)
class Guarded:
    """The keyholder's own command."""

    vault: Vault
    process: subprocess.Popen[bytes] | None = None
    step: int = 0  # of the last code that this keyholder was shown

    def start(self) -> None:
        words = [sys.executable, "-m", "server", "keyholder"]
        self.process = subprocess.Popen(
            words, cwd=TREE, env=self.vault.environment, stderr=subprocess.DEVNULL
        )
        self.wait()

    def wait(self) -> None:
        def answers() -> bool:
            with suppress(LotError):
                Keyholder(self.vault.settings.places.socket).status()
                return True
            return False

        until(answers, seconds=240)

    def kill(self, *, guardian: bool) -> None:
        """Kill what holds the keys; the guardian starts another, unless it dies as well."""
        assert self.process is not None
        self.step = 0
        if guardian:
            self.end()
            self.start()
            return
        for number in vaults.family(self.process.pid)[1:]:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)

    def end(self) -> None:
        """Kill it, guardian and all, for good."""
        self.step = 0
        if self.process is not None:
            for number in vaults.family(self.process.pid):
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def fresh_code(self) -> str:
        """Return a code that is good now: the clock's, or the next one's, which is taken as well.

        What a keyholder that died knew of the last one is forgotten: each blow would cost half a
        minute's wait else, and the campaign `otp` is about that.
        """
        if not self.step:
            account = self.vault.begun.foundation.account
            keys = KeysFolder(self.vault.settings.places.keys)
            (keys.doors / f"{account.id.hex()}.otp").unlink(missing_ok=True)
        self.step = max(self.step + 1, int(time.time()) // otp.STEP_S)
        return otp.code_at(self.vault.begun.foundation.seed, self.step)


def unlocked(vault: Vault, guarded: Guarded) -> str:
    """Open a vault at the console; return the session."""
    guarded.wait()
    return vaults.opened(vault, guarded.fresh_code())


@dataclass(slots=True)
class Sender:
    """An edge that sends what it wrote until it is taken, and only then writes more."""

    edge: Edge
    random: Random
    written: list[Ready] = field(default_factory=list)
    taken: int = 0  # of these
    answers: Counter[str] = field(default_factory=Counter)

    def run(self, served: Served, stopping: threading.Event) -> None:
        while not (stopping.is_set() and self.taken == len(self.written)):
            with suppress(OSError, http.client.HTTPException), closing(served.connection()) as link:
                self._send(link, stopping)
                continue
            self.answers["none"] += 1
            time.sleep(_AGAIN_S)

    def _send(self, link: http.client.HTTPSConnection, stopping: threading.Event) -> None:
        """Send over one connection until it breaks, or until all is taken and it is time."""
        while not (stopping.is_set() and self.taken == len(self.written)):
            if self.taken == len(self.written):
                self.written.append(self.edge.batch(self.random.randint(1, _EVENTS_MAX)))
            batch = self.written[self.taken]
            status, said = self.edge.asked(link, batch)
            self.answers[str(status)] += 1
            if status == 200:
                ack = wire.ack_decoded(said, edge=self.edge.of.writer)
                assert ack.low == batch.last, "acknowledged, and not whole"
                self.taken += 1
            else:
                assert status in _WAITS, f"a batch was answered {status}: {said.decode()}"
                time.sleep(_AGAIN_S)


@dataclass(slots=True)
class Desk:
    """An owner who writes notes to an event and changes one customer, while the vault is open."""

    lot: bytes
    session: str = ""
    event: str = ""
    customer: str = ""
    noted: set[str] = field(default_factory=set)  # ids that were told
    tried: int = 0
    version: int = 0  # that was told
    highest: int = 0  # that was tried
    answers: Counter[str] = field(default_factory=Counter)

    def run(self, served: Served, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                self._round(served)
            except (OSError, http.client.HTTPException):
                self.answers["none"] += 1
            time.sleep(_AGAIN_S)

    def ask(self, served: Served, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Ask for a path of the lot's own, or of the whole API where it begins with a stroke."""
        status, said = self._asked(served, method, path, body)
        waits = status in _DESK_WAITS
        assert waits or status in (200, 201), f"{path}: {status} {said.decode()}"
        return status, json.loads(said) if said else None

    def get(self, served: Served, path: str, body: object = None) -> bytes:
        """Return the bytes that a path gives; with a body it is posted to."""
        status, said = self._asked(served, "GET" if body is None else "POST", path, body)
        assert status == 200, f"{path}: {status} {said.decode()}"
        return said

    def _asked(self, served: Served, method: str, path: str, body: object) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self.session}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body)
        whole = path if path.startswith("/") else f"/lots/{self.lot.hex()}/{path}"
        with closing(served.connection()) as link:
            link.request(method, f"/api/v1{whole}", data, headers)
            answer = link.getresponse()
            said = answer.read()
        self.answers[f"desk {answer.status}"] += 1
        return answer.status, said

    def _round(self, served: Served) -> None:
        self.tried += 1
        note = {"event": self.event, "text": f"note {self.tried}", "reason": None}
        status, said = self.ask(served, "POST", "statements/note", note)
        if status == 201:
            self.noted.add(said["id"])
        self._change(served)

    def _change(self, served: Served) -> None:
        """Make the next version; one whose answer was lost is read again first."""
        status, said = self.ask(served, "GET", f"customers/{self.customer}")
        if status != 200:
            return
        assert self.version <= said["version"] <= max(self.highest, self.version), said
        assert said["content"] is not None, "a customer who was kept is refused"
        assert said["content"]["name"] == f"V{said['version']}"
        self.version = said["version"]
        self.highest = self.version + 1
        changed = {"version": self.version, "content": customer(self.version + 1)}
        status, said = self.ask(served, "PUT", f"customers/{self.customer}", changed)
        if status == 200:
            self.version = said["version"]


def customer(version: int) -> dict[str, object]:
    return {
        "name": f"V{version}",
        "phone": None,
        "mail": None,
        "plates": [PLATE],
        "note": None,
    }


@dataclass(slots=True)
class Crashes:
    """One vault that is killed again and again."""

    mariadb: Mariadb
    vault: Vault
    served: Served
    guarded: Guarded
    senders: list[Sender]
    desk: Desk
    random: Random
    kills: Counter[str] = field(default_factory=Counter)
    _waiting: tuple[list[threading.Thread], list[BaseException]] = field(default=([], []))

    def trials(self, count: int) -> None:
        """Live under load for as many blows, and look at everything after the last."""
        with self.load():
            for _ in range(count):
                time.sleep(self.random.uniform(0, _LIFE_S))
                self.blow()
        self.check()

    @contextmanager
    def load(self) -> Iterator[None]:
        """Let edges and desk work while the block lasts; the edges end when all is taken."""
        stopping, failed = threading.Event(), list[BaseException]()
        works = [*(one.run for one in self.senders), self.desk.run]
        threads = self._begun(works, stopping, failed)
        try:
            yield
        finally:
            stopping.set()
            _joined(threads, failed)

    def _begun(
        self,
        works: Sequence[Callable[[Served, threading.Event], None]],
        stopping: threading.Event,
        failed: list[BaseException],
    ) -> list[threading.Thread]:
        def run(work: Callable[[Served, threading.Event], None]) -> None:
            try:
                work(self.served, stopping)
            except BaseException as error:  # raised again where all are joined
                failed.append(error)

        threads = [threading.Thread(target=run, args=(one,)) for one in works]
        for one in threads:
            one.start()
        return threads

    def blow(self) -> None:
        """Kill one of the three, or all of them at once, and start anew what does not by itself."""
        victim = self.random.choice([*_VICTIMS, *_VICTIMS, "all"])
        self.kills[victim] += 1
        hit = _VICTIMS if victim == "all" else (victim,)
        if "server" in hit:
            self.served.kill()
        if "database" in hit:
            self.mariadb.kill()
        if "keyholder" in hit:
            self.guarded.kill(guardian=self.random.random() < 0.3)
        time.sleep(self.random.uniform(0, _LIFE_S / 3))
        if "database" in hit:
            self.mariadb.start()
        if "server" in hit:
            self.served.start()
        if "keyholder" in hit:
            self.unlock()

    def unlock(self) -> None:
        self.desk.session = unlocked(self.vault, self.guarded)

    def check(self) -> None:
        """Compare the disk with what was told."""
        places = self.vault.settings.places
        pack = TrustFile(places.trust_pack).pack()
        files = picture_folder(places.pictures), wrap_folder(places.wraps)
        database = Database.open(self.vault.settings.database)
        with closing(database), database.read() as read:
            report = verified(Ground(read, *files, pack), made=now_us())
            assert report.is_whole, encoded(report).decode()
            self.check_stored(read)
            notes = read.scalars(select(records.c.id).where(records.c.type == "note")).all()
        assert self.desk.noted <= set(notes), "a note that was told is lost"
        assert len(notes) == len(set(notes)) <= self.desk.tried, "a note is doubled"
        self.check_opens()

    def check_stored(self, read: Connection) -> None:
        """Compare the rows with what the edges were told: all of it, once, and nothing else."""
        for one in self.senders:
            c = records.c
            mine = select(c.sequence, c.id, c.revision, c.c).where(c.writer == one.edge.of.writer)
            stored = read.execute(mine).all()
            told = {each.head.sequence: each.c for batch in one.written for each in batch.records}
            assert {row.sequence: row.c for row in stored} == told, "lost, or another's"
            revisions = {(row.id, row.revision) for row in stored}
            assert len(revisions) == len(stored) == len(told), "doubled"

    def check_opens(self) -> None:
        """Open one event that was taken, as its owner sees it."""
        batch = self.random.choice([one for each in self.senders for one in each.written])
        event = self.random.choice(batch.records).head.id
        status, said = self.desk.ask(self.served, "GET", f"events/{event}")
        assert status == 200, said
        assert said["event"]["plate"] == PLATE

    def begin(self) -> None:
        """Let something be there that the desk can speak of."""
        self.unlock()
        with closing(self.served.connection()) as link:
            for one in self.senders:
                one.written.append(one.edge.batch(1))
                one.edge.send(link, one.written[0])
                one.taken = 1
        self.desk.event = self.senders[0].written[0].records[0].head.id
        _, said = self.desk.ask(self.served, "POST", "customers", customer(1))
        self.desk.customer = said["id"]
        self.desk.version = self.desk.highest = said["version"]

    def restarted(self) -> None:
        """Shut the database down for a while: what comes meanwhile waits."""
        with self.answered("503"):
            self.mariadb.stop()
        self.mariadb.start()
        self.check_goes_on()

    def rows_held(self) -> None:
        """Let another hold the writers' rows: what comes meanwhile waits, and holds up nobody."""
        with closing(create_engine(self.mariadb.url).connect()) as other:
            with self.answered("503"):
                other.execute(select(tables.tables["writers"].c.stamp).with_for_update()).all()
            other.rollback()
        self.check_goes_on()

    def disk_full(self) -> None:
        """Fill the disk under the pictures, then free it."""
        filler = self.vault.settings.places.pictures / "filler"
        with self.answered("507"), suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 12))
        filler.unlink()
        self.check_goes_on()

    def tables_full(self) -> None:
        """Send until the database has no room left, then give it some."""
        with self.answered("507"):
            pass
        self.mariadb.stop()
        self.mariadb.more = ROOMY
        self.mariadb.start()
        self.check_goes_on()

    @contextmanager
    def answered(self, wanted: str) -> Iterator[None]:
        """Let the edges send while something is wrong, until one of them is answered so."""
        before = sum(one.answers[wanted] for one in self.senders)
        stopping, failed = threading.Event(), list[BaseException]()
        threads = self._begun([one.run for one in self.senders], stopping, failed)
        try:
            yield
            until(
                lambda: bool(failed) or sum(o.answers[wanted] for o in self.senders) > before,
                seconds=120,
            )
        finally:
            stopping.set()
        self._waiting = (threads, failed)

    def check_goes_on(self) -> None:
        """Wait until the edges have sent what waited, and look at everything."""
        threads, failed = self._waiting
        _joined(threads, failed)
        self.check()


def _joined(threads: Sequence[threading.Thread], failed: Sequence[BaseException]) -> None:
    for one in threads:
        one.join()
    if failed:
        raise failed[0]


@contextmanager
def crashes(
    folder: Path, seed: int, *, more: tuple[str, ...] = (), pictures_mb: int | None = None
) -> Iterator[Crashes]:
    """Set up and serve a vault that is to be killed.

    `more` are options of MariaDB; with `pictures_mb` the pictures lie on a disk of that size, which
    only a process that may mount can have.
    """
    random = Random(seed)  # noqa: S311 - a failure names its seed
    with ExitStack() as ends:
        mariadb = Mariadb(folder / "db", more)
        ends.callback(shutil.rmtree, folder / "db", ignore_errors=True)
        ends.callback(mariadb.kill)
        mariadb.install()
        vault = vaults.set_up(folder, mariadb, CHEAP, keyholder="apart")
        if pictures_mb is not None:
            ends.enter_context(_mounted(vault.settings.places.pictures, pictures_mb))
        edges = [
            Edge(vault.enrolled(f"edge {n}"), partial(any_car, picture_bytes=_PICTURE_BYTES))
            for n in range(_EDGES)
        ]
        guarded = Guarded(vault)
        ends.callback(guarded.end)
        guarded.start()
        served = Served(vault, folder / "log")
        ends.callback(served.kill)
        served.start()
        senders = [Sender(one, Random(random.random())) for one in edges]  # noqa: S311 - seeded
        found = Crashes(mariadb, vault, served, guarded, senders, Desk(edges[0].of.lot), random)
        found.begin()
        yield found


@contextmanager
def _mounted(folder: Path, size_mb: int) -> Iterator[None]:
    folder.mkdir(mode=0o700)
    options = f"size={size_mb}m,mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
