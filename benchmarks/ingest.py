"""How many events a second the vault takes, each with a picture: verified, synced, acknowledged.

Server, keyholder and MariaDB share one core, the client has another. Against it, by turns and on
the server's core: bare loops that write the same files and insert the same rows into the same
MariaDB, synced as ours are, and do nothing else.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import timezone
from http.client import HTTPSConnection
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, Table, create_engine, select

from benchmarks import vault as vaults
from benchmarks.events import PLATE, an_event
from benchmarks.figure import Figure, a_folder, figure, main
from benchmarks.mariadb import Mariadb
from benchmarks.vault import Enrolled
from contract import signature, wire
from contract.audit import NOTHING_SEEN
from contract.daykeys import DayKeys
from contract.record import Record
from contract.wire import Batch
from edge.delivery.writing import Moment, Place, Writer, Written
from lot.clock import now_us
from lot.errors import Unreachable, Unreadable
from lot.times import moment
from server.store.tables import parts, pictures, records, texts

PICTURE_BYTES = 60_000
EDGES = 3  # that send at once, one batch of each on its way
BATCHES = 60  # of each
TURNS = 6  # in which ours and the bare loops share them
GOALS = {  # of each figure its name, unit and goal
    "rate": ("ingest: events a second", "1/s", ">= 500"),
    "slowest": ("ingest: p99 of a batch", "s", "<= 0.15"),
    "share": ("ingest: share of a bare loop", "times", ">= 0.6"),
    "worked": ("ingest: events a second of processor", "1/s", ""),
}
_BARE_LOT = b"bare" * 4

Rows = Sequence[tuple[Table, Sequence[Mapping[str, Any]]]]


@dataclass(slots=True)
class Spent:
    """What a number of events took."""

    events: int = 0
    seconds: float = 0.0
    processor_s: float = 0.0  # of the server's core
    batches_s: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.events / self.seconds


@dataclass(frozen=True, slots=True)
class Ready:
    """A batch in its bytes, and what of it a bare loop writes."""

    data: bytes
    records: tuple[Record, ...]
    files: Mapping[bytes, bytes] = field(repr=False)

    @property
    def first(self) -> int:
        return self.records[0].head.sequence

    @property
    def last(self) -> int:
        return self.records[-1].head.sequence


@dataclass(frozen=True, slots=True)
class Seen:
    """What an event shows."""

    plate: str
    picture: bytes = field(repr=False)


def any_car(_: int, picture_bytes: int = PICTURE_BYTES) -> Seen:
    """Return one car with a picture that nobody saw yet."""
    return Seen(PLATE, os.urandom(picture_bytes))


class Edge:
    """Writes batches ahead, and sends them one after another over one connection."""

    def __init__(
        self,
        of: Enrolled,
        sees: Callable[[int], Seen] = any_car,
        keys: DayKeys | None = None,
    ) -> None:
        """`sees` gives what the event of a number shows; `keys` seal it otherwise than is right."""
        self.of = of
        self._sees = sees
        self._writer = Writer(
            of.key,
            edge=of.writer,
            lot=of.lot,
            under=lambda: of.under,
            now=lambda: Moment(now_us(), moment(now_us()).astimezone(timezone.utc).date()),
        )
        if keys is not None:
            self._writer._keys = keys  # noqa: SLF001 - a campaign's control leaves the seal off
        self._prev = signature.chain_start(signature.public_half(of.key))
        self._number = 0
        self._wraps_told = False

    def batch(self, events: int = wire.RECORDS_MAX) -> Ready:
        written = [self._written() for _ in range(events)]
        sealed = [part for one in written for part in one.sealed]
        wraps = {one.key_id: one for each in written for one in each.wraps}
        batch = Batch(
            () if self._wraps_told else tuple(wraps.values()),
            tuple(one.record.signed for one in written),
            tuple(one.sealed for one in sealed),
        )
        self._wraps_told = True
        files = {one.named.hash: one.sealed for one in sealed if one.mark}
        return Ready(wire.batch_encoded(batch), tuple(one.record for one in written), files)

    def send(self, link: HTTPSConnection, ready: Ready) -> float:
        """Return how long the server took to acknowledge all of a batch."""
        began = perf_counter()
        status, said = self.asked(link, ready)
        took = perf_counter() - began
        if status != 200:
            raise Unreachable(f"a batch was answered {status}", then=said.decode())
        ack = wire.ack_decoded(said, edge=self.of.writer)
        if ack.low != ready.last:
            raise Unreachable(f"{ready.last} records were sent, {ack.low} are whole", then="look")
        return took

    def asked(self, link: HTTPSConnection, ready: Ready) -> tuple[int, bytes]:
        """Send a batch; return the status and the bytes of the answer."""
        headers = {
            "Authorization": f"Bearer {self.of.token.text}",
            "Content-Type": "application/octet-stream",
        }
        link.request("POST", "/api/v1/batch", ready.data, headers)
        answer = link.getresponse()
        return answer.status, answer.read()

    def _written(self) -> Written:
        self._number += 1
        seen = self._sees(self._number)
        place = Place(self._number, self._prev, self._number, NOTHING_SEEN)
        picture = {"plate": hashlib.sha256(seen.picture).hexdigest()}
        said = replace(an_event(self._number, seen.plate, now_us()), pictures=picture)
        made = self._writer.event(said, {"plate": seen.picture}, place, ())
        self._prev = made.record.c
        return made


class Bare:
    """Writes what the vault wrote, and nothing more: no TLS, no check, no answer."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder
        for number in range(256):
            (folder / f"{number:02x}").mkdir(parents=True)

    def rows(self, of: Enrolled, ready: Ready) -> Rows:
        """Return what the vault inserted for a batch, as rows of a lot of our own."""
        found: list[tuple[Table, Sequence[Mapping[str, Any]]]] = []
        with self._engine.connect() as read:
            for table in (records, parts):
                run = table.c.sequence.between(ready.first, ready.last)
                wanted = select(table).where(table.c.lot == of.lot, table.c.writer == of.writer)
                found.append((table, _of_ours(read.execute(wanted.where(run)))))
            hashes = [row["hash"] for row in found[1][1]]
            for table in (texts, pictures):
                wanted = select(table).where(table.c.lot == of.lot, table.c.hash.in_(hashes))
                found.append((table, _of_ours(read.execute(wanted))))
        return found

    def write(self, files: Mapping[bytes, bytes], rows: Rows) -> None:
        """Files, then rows: synced when this returns."""
        folders = set()
        for name, data in files.items():
            path = self._folder / name.hex()[:2] / name.hex()
            aside = path.with_suffix(".part")
            _written_whole(aside, data)
            aside.rename(path)
            folders.add(path.parent)
        for folder in folders:
            _synced(folder)
        link = self._engine.raw_connection()
        try:
            cursor = link.cursor()
            for table, of_it in rows:
                columns = list(of_it[0])
                marks = ", ".join(f"%({name})s" for name in columns)
                names = ", ".join(f"`{name}`" for name in columns)
                statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - our names
                cursor.executemany(statement, of_it)
            link.commit()
        finally:
            link.close()


def measured(words: argparse.Namespace) -> Sequence[Figure]:
    """Measure where there is a MariaDB."""
    try:
        return _measured(words)
    except Unreadable as missing:
        return [figure(name, None, unit, goal, str(missing)) for name, unit, goal in GOALS.values()]


def _measured(words: argparse.Namespace) -> Sequence[Figure]:
    servers, client = _cores()
    with tempfile.TemporaryDirectory(prefix="lot-", dir=words.folder) as name, ExitStack() as ends:
        folder = Path(name)
        mariadb = Mariadb(folder / "db")
        with vaults.on_cores(servers):
            ends.callback(mariadb.stop)
            mariadb.install()
            vault = vaults.set_up(folder, mariadb)
            edges = [Edge(vault.enrolled(f"edge {n}")) for n in range(words.edges)]
            served = ends.enter_context(vaults.served(vault, folder / "log"))
        assert mariadb.process is not None
        database = mariadb.process.pid
        engine = create_engine(mariadb.url, pool_size=words.edges)
        ends.callback(engine.dispose)
        bare = Bare(engine, folder / "bare")
        with vaults.on_cores(client):
            links = [ends.enter_context(closing(served.connection())) for _ in edges]
            ours, loops = Spent(), Spent()
            for turn in range(TURNS + 1):
                batches = [
                    [one.batch() for _ in range(max(1, words.batches // TURNS))] for one in edges
                ]
                at_work = [*served.processes(), database]
                sent = _sent(edges, links, batches, at_work)
                rows = [
                    [bare.rows(one.of, each) for each in mine]
                    for one, mine in zip(edges, batches, strict=True)
                ]
                with vaults.on_cores(servers):
                    written = _written_bare(bare, batches, rows, [os.getpid(), database])
                if turn:  # the first warms all up
                    _add(ours, sent)
                    _add(loops, written)
    return _figures(ours, loops, words.edges)


def _figures(ours: Spent, bare: Spent, edges: int) -> Sequence[Figure]:
    slowest = quantiles(ours.batches_s, n=100)[98]
    said = f"{ours.events} events in batches of {wire.RECORDS_MAX}, {edges} edges at once"
    core = f"{ours.processor_s / ours.seconds:.0%} of the core busy"
    loop = f"{bare.rate:.0f} events a second of {edges} bare loops, by turns on the same core"
    worked = (
        f"server, keyholder and MariaDB together; {bare.events / bare.processor_s:.0f} of the bare "
        "loops and MariaDB"
    )
    values = {
        "rate": (ours.rate, f"{said}; {core}"),
        "slowest": (slowest, said),
        "share": (ours.rate / bare.rate, loop),
        "worked": (ours.events / ours.processor_s, worked),
    }
    return [
        figure(GOALS[key][0], value, *GOALS[key][1:], how) for key, (value, how) in values.items()
    ]


def _sent(
    edges: Sequence[Edge],
    links: Sequence[HTTPSConnection],
    batches: Sequence[Sequence[Ready]],
    at_work: Sequence[int],
) -> Spent:
    spent = Spent(wire.RECORDS_MAX * sum(map(len, batches)))

    def send(number: int) -> None:
        for one in batches[number]:
            spent.batches_s.append(edges[number].send(links[number], one))

    return _timed(spent, send, len(edges), at_work)


def _written_bare(
    bare: Bare,
    batches: Sequence[Sequence[Ready]],
    rows: Sequence[Sequence[Rows]],
    at_work: Sequence[int],
) -> Spent:
    def write(number: int) -> None:
        for one, of_it in zip(batches[number], rows[number], strict=True):
            bare.write(one.files, of_it)

    spent = Spent(wire.RECORDS_MAX * sum(map(len, batches)))
    return _timed(spent, write, len(batches), at_work)


def _timed(
    spent: Spent, work: Callable[[int], None], threads: int, at_work: Sequence[int]
) -> Spent:
    failed: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # it is told where all have ended
            failed.append(error)

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    busy, began = vaults.processor_s(at_work), perf_counter()
    for one in running:
        one.start()
    for one in running:
        one.join()
    spent.seconds = perf_counter() - began
    spent.processor_s = vaults.processor_s(at_work) - busy
    if failed:
        raise failed[0]
    return spent


def _add(whole: Spent, turn: Spent) -> None:
    whole.events += turn.events
    whole.seconds += turn.seconds
    whole.processor_s += turn.processor_s
    whole.batches_s += turn.batches_s


def _cores() -> tuple[list[int], list[int]]:
    """Return the server's core and the client's; a machine of one core has both on it."""
    mine = sorted(os.sched_getaffinity(0))
    return mine[:1], mine[-1:]


def _of_ours(found: Any) -> Sequence[Mapping[str, Any]]:
    return [{**row, "lot": _BARE_LOT} for row in found.mappings()]


def _written_whole(path: Path, data: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    os.write(file, data)
    os.fsync(file)
    os.close(file)


def _synced(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(opened)
    os.close(opened)


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--edges", type=int, default=EDGES, metavar="N", help="that send at once")
    parser.add_argument("--batches", type=int, default=BATCHES, metavar="N", help="of each edge")
    parser.add_argument(
        "--folder",
        type=a_folder,
        metavar="FOLDER",
        help="on the disk to measure: memory would show no fsync",
    )


if __name__ == "__main__":
    sys.exit(main(measured, _words))
