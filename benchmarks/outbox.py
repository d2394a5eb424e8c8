"""The outbox: pictures as blobs against files beside it, and how fast three days offline leave.

The server is left out: what is timed is the edge's own part, to the bytes of each batch and from
each acknowledgement.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import timezone
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.events import PLATE, an_event
from benchmarks.figure import Figure, a_folder, figure, main
from benchmarks.race import Watch
from benchmarks.turns import in_turns
from contract import record, signature, wire
from contract.audit import AuditHead
from contract.event import Event
from contract.wire import Ack
from contract.wrap import RSA_BITS, RSA_EXPONENT
from edge.delivery.outbox import Outbox
from edge.delivery.room import Room
from edge.delivery.writing import Moment, Writer
from lot.times import moment

PICTURE_BYTES = 60_000
TEXT_BYTES = 1_200  # an envelope's
ROUNDS = 20
COMMITS = 20

OFFLINE_EVENTS = 6_000  # three days of a busy gate
NOON = 1_800_000_000_000_000


def measured(words: argparse.Namespace) -> list[Figure]:
    """Measure in a folder of this machine's disk; memory would show no fsync."""
    with tempfile.TemporaryDirectory(dir=words.folder) as folder:
        return [_blobs(Path(folder)), *_drained(Path(folder), words.events)]


def _blobs(folder: Path) -> Figure:
    with (
        closing(_database(folder / "blobs.sqlite3")) as blobs,
        closing(_database(folder / "files.sqlite3")) as files,
    ):
        beside = folder / "pictures"
        beside.mkdir()

        def as_blob() -> None:
            for _ in range(COMMITS):
                picture = os.urandom(PICTURE_BYTES)
                _commit(blobs, picture)

        def as_file() -> None:
            for _ in range(COMMITS):
                picture = os.urandom(PICTURE_BYTES)
                _written(beside, picture)
                _commit(files, picture[:32])

        spent = in_turns({"blobs": as_blob, "files": as_file}, ROUNDS)
    took = {name: one.seconds for name, one in spent.items()}
    return figure(
        "outbox: pictures as blobs",
        took["files"] / took["blobs"],
        "times",
        ">= 1",
        f"of the commits a second with a file beside, written, fsynced, renamed and its folder"
        f" fsynced before: {1000 * took['files'] / COMMITS:.1f} ms; {PICTURE_BYTES} bytes each",
    )


def _database(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE records (sequence INTEGER PRIMARY KEY, signed BLOB)")
    db.execute("CREATE TABLE parts (hash BLOB PRIMARY KEY, sealed BLOB)")
    return db


def _commit(db: sqlite3.Connection, part: bytes) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO records (signed) VALUES (?)", (os.urandom(TEXT_BYTES),))
    db.execute("INSERT INTO parts VALUES (?, ?)", (os.urandom(32), part))
    db.execute("COMMIT")


def _written(folder: Path, picture: bytes) -> None:
    aside = folder / "aside"
    with aside.open("wb") as file:
        file.write(picture)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(folder / os.urandom(16).hex())
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(opened)
    os.close(opened)


def _drained(folder: Path, events: int) -> list[Figure]:
    key = Ed25519PrivateKey.generate()
    public = signature.public_half(key)
    under = rsa.generate_private_key(RSA_EXPONENT, RSA_BITS).public_key()
    writer = Writer(
        key,
        edge=signature.writer_id(public),
        lot=bytes(16),
        under=lambda: under,
        now=lambda: Moment(NOON, moment(NOON).astimezone(timezone.utc).date()),
    )
    room = Room(folder / "outbox.sqlite3", 1 << 40)
    with closing(Outbox(room, writer, public)) as outbox:
        put = Watch()
        for number in range(1, events + 1):
            picture = os.urandom(PICTURE_BYTES)
            outbox.add(_event(number, picture), {"plate": picture})
        put_s = put.spent().seconds
        drain = Watch()
        _drain(outbox, public)
        drain_s = drain.spent().seconds
    return [
        figure(
            "outbox: events put a second", events / put_s, "1/s", "",
            f"sealed, signed and synced one by one, a picture of {PICTURE_BYTES} bytes each",
        ),
        figure(
            "outbox: events drained a second", events / drain_s, "1/s", ">= 50",
            f"{events} events with pictures waiting; the edge's part alone, one core",
        ),
    ]  # fmt: skip


def _drain(outbox: Outbox, public: bytes) -> None:
    """Take all batches as a server would that has nothing to do but say yes."""
    edge = signature.writer_id(public)
    chain = {0: signature.chain_start(public)}
    whole = 0
    while (leaving := outbox.next_batch()) is not None:
        wire.batch_encoded(leaving.batch)
        outbox.sent(leaving)
        for signed in leaving.batch.records:
            one = record.decoded(signature.parted(signed)[0])
            chain[one.head.sequence] = signature.chain_next(signature.parted(signed)[0])
        if not outbox.counts().pictures_waiting:
            whole = max(chain)
        have = ((1, whole),) if whole else ()
        head = AuditHead(bytes(16), len(chain), bytes(32))
        outbox.acknowledge(Ack(edge, have, whole, chain[whole], head, (), 0, NOON, "ntp"))


def _event(number: int, picture: bytes) -> Event:
    pictures = {"plate": hashlib.sha256(picture).hexdigest()}
    return replace(an_event(number, PLATE, NOON + number * 1_000_000), pictures=pictures)


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--events", type=int, default=OFFLINE_EVENTS, metavar="N")
    parser.add_argument("--folder", type=a_folder, metavar="FOLDER", help="on the disk to measure")


if __name__ == "__main__":
    sys.exit(main(measured, _words))
