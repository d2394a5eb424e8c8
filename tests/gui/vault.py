"""A vault for the page's tests: keyholder, database, ingest and the API over real HTTP.

An edge is enrolled by the keyholder and delivers what a test lets happen; each record goes through
the ingest, and into the index as soon as the vault is open.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from sqlalchemy import Connection
from werkzeug.serving import WSGIRequestHandler, make_server

from contract import codes, enrolment, event, trust, wire
from contract.audit import NOTHING_SEEN
from contract.digest import H
from contract.enrolment import Hello
from contract.event import Kind, Vehicle
from contract.ids import uuid7
from contract.record import Record
from contract.sealing import DayKey, picture
from contract.wire import Batch
from contract.wrap import rsa_public, wrapped
from lot.clock import WallClock
from server.access.approving import Approving
from server.access.signing_in import Door
from server.api import (
    counts_room,
    devices,
    door,
    finding,
    live_room,
    looking_room,
    lots_room,
    standing,
)
from server.api.app import Frame, create
from server.api.holders import Holders
from server.api.refused import problem_of
from server.api.standing import Standing
from server.api.watching import Watch
from server.audit import Audit
from server.clock import now_us
from server.ingest.taking import House as IngestHouse
from server.ingest.taking import Ingest
from server.keys.holder import bodies, calls
from server.live import Live
from server.looking import Looking
from server.store import alarms, lots, vouched, writers
from server.store.alarms import Alarm
from server.store.database import Database
from server.store.files import HashedFiles
from server.store.lots import Lot
from server.store.pictures import Pictures, picture_folder
from server.store.wraps import wrap_folder
from server.store.writers import WriterRow
from server.trust_file import TrustFile
from tests.contract.writers import LOT, Writer
from tests.server.keys.holder.running import House, house

KEY = "the-key-in-the-cookie"
DEVICE = bodies.Device(b"d" * 16, 1, "booth", H(KEY.encode()), b"a" * 16, 1, False, False)
DEVICE_COOKIE = f"{DEVICE.id.hex()}.{KEY}"
MINUTE_US = 60_000_000


class Edge(Writer):
    """The tests' writer, whose day keys are wrapped for the vault that enrolled it."""

    def under(self, public: rsa.RSAPublicKey) -> None:
        for name in self.day_keys:
            secret = os.urandom(32)
            wrap = wrapped(secret, public, writer=self.id, key_class=name, made=now_us())
            self.wraps[name], self.day_keys[name] = wrap, DayKey(wrap.key_id, name, secret)


@dataclass(frozen=True, slots=True)
class Crossing:
    """What the edge saw; `ago` in minutes."""

    plate: str | None
    ago: float
    kind: Kind = "entry"
    vehicle: Vehicle | None = "car"
    camera: str = "gate"
    weak: tuple[int, ...] = ()  # places of letters that it doubts
    also: tuple[str, ...] = ()  # what else the plate may be
    pictures: Mapping[str, bytes] = field(default_factory=dict)


class NoKeeper:
    def carried(self, asked: calls.AskKeeper) -> bytes:
        raise AssertionError(asked.keeper)


class Unpaced:
    def wait_s(self, door: str, who: str, *, most: int, seconds: int) -> int:
        return 0


@dataclass
class Vault:
    """A running vault, and what its owner and its edge hold."""

    url: str
    home: House
    database: Database
    ingest: Ingest
    pictures: Pictures
    wraps: HashedFiles
    edge: Edge
    certificate: bytes
    session: str  # the owner's, at the console
    _sealed: list[calls.SealedRecord] = field(default_factory=list)

    def code(self) -> str:
        """Return the one code that is good now and was not used yet."""
        return self.home.code(1)

    def unlock(self) -> None:
        """Open the vault with that code, as at the console."""
        self.home.unlock(self.code())
        self.opened()

    def happen(self, *seen: Crossing) -> list[str]:
        """Let the edge deliver crossings; return their ids."""
        made = [self._made(one) for one in sorted(seen, key=lambda one: -one.ago)]
        carried = [self.edge.parts[part.hash] for record in made for part in record.envelope.parts]
        used = {part.key for record in made for part in record.envelope.parts}
        wraps = tuple(one for one in self.edge.wraps.values() if one.key_id in used)
        batch = Batch(wraps, tuple(one.signed for one in made), tuple(carried))
        self.ingest.batch(self.edge.id, wire.batch_encoded(batch))
        for one in made:
            every = tuple(wrap.data for wrap in self.edge.wraps.values())
            self._sealed.append(
                calls.SealedRecord(one.signed, self.certificate, every, self.edge.sealed(one))
            )
        if self.home.keyholder.status().state == "unlocked":
            self._index(self._sealed[-len(made) :])
        return [one.head.id for one in made]

    def opened(self) -> None:
        """Begin the index, as a start after unlocking does."""
        self.home.keyholder.index_begin({LOT: "America/Chicago"})
        if self._sealed:
            self._index(self._sealed)

    def alarm(self, kind: str, said: str) -> None:
        made = Alarm(LOT, os.urandom(16), kind, self.edge.id, "gate", said, now_us(), None)
        self.database.write(lambda write: alarms.add(write, made))

    def _index(self, sealed: list[calls.SealedRecord]) -> None:
        faults = self.home.keyholder.index_add(calls.IndexAdd(LOT, tuple(sealed)))
        assert not faults, faults

    def _made(self, seen: Crossing) -> Record:
        at = now_us() - int(seen.ago * MINUTE_US)
        number = self.edge.sequence + 1
        head = self.edge.head(id=uuid7(at, number), at=at, kind=seen.kind, camera=seen.camera)
        hashes = {name: H(data).hex() for name, data in seen.pictures.items()}
        said = _said(self.edge.said(head, hashes), seen)
        parts = [self.edge.part(picture(n), data, head) for n, data in seen.pictures.items()]
        return self.edge.signed(head, self.edge.part("event", event.encoded(said), head), *parts)


def _said(plain: event.Event, seen: Crossing) -> event.Event:
    """Return the event as this crossing was read."""
    sure = tuple(410 if at in seen.weak else 995 for at in range(len(seen.plate or "")))
    return replace(
        plain,
        plate=seen.plate,
        confidence=min(sure, default=None),
        characters=sure,
        reason=None if seen.plate else "dark",
        region="us-tx" if seen.plate else None,
        vehicle=seen.vehicle,
        direction="out" if seen.kind == "exit" else "in",
        kind_by="direction",
        alternatives=tuple(event.Spelling(other, 120) for other in seen.also),
        flags=(),
    )


@contextmanager
def vault(folder: Path, database: Database) -> Iterator[Vault]:
    """Found and run a vault whose owner is signed in at no browser yet, and lock it."""
    with house(folder) as home:
        (folder / "trust.json").write_bytes(home.founding.trust_pack)
        known, clock = TrustFile(folder / "trust.json"), WallClock()
        wraps = wrap_folder(folder / "wraps")
        audit = Audit(os.urandom(16), os.urandom(16), known, wraps, clock)
        pictures = picture_folder(folder / "pictures")
        ingest = Ingest(IngestHouse(database, wraps, pictures, known, audit, clock))
        owner = home.unlock(home.code())
        edge, certificate = _enrolled(home, database, owner)
        made = Vault("", home, database, ingest, pictures, wraps, edge, certificate, owner.token)
        _remember(made, owner)
        home.keyholder.lock(calls.Console())
        with _listening(_app(made, audit, folder / "pepper")) as made.url:
            yield made


def _enrolled(home: House, database: Database, owner: calls.Admission) -> tuple[Edge, bytes]:
    by = calls.Caller(owner.token, owner.session, home.founding.row)
    code = home.keyholder.invite(calls.Invite(by, LOT, ("gate", "yard"))).code
    pack = trust.pack_invited(home.keyholder.trust().pack, codes.invitation(code))
    edge, public = Edge(os.urandom(32)), rsa_public(pack.statement.current.spki)
    edge.under(public)
    request = enrolment.request_made(
        codes.invitation(code).secret,
        edge.key,
        name="gate",
        day_key=edge.day_keys["T"],
        wrap=edge.wraps["T"],
        hello=Hello(os.urandom(32), "an-api-token", b"a certificate"),
    )
    found = home.keyholder.enrol(calls.Enrol(request, NOTHING_SEEN))
    home.keyholder.confirm_versions((calls.Version("writers", found.writer, found.n),))
    row = WriterRow(
        LOT,
        edge.id,
        "gate",
        "edge",
        found.certificate,
        found.n,
        os.urandom(32),
        False,
        1 << 30,
        None,
    )
    lot = Lot(LOT, "North lot", "America/Chicago", 50, 90, 30, now_us())
    database.write(lambda write: lots.add(write, lot))
    database.write(lambda write: writers.add(write, row, now_us()))
    return edge, found.certificate


def _remember(made: Vault, owner: calls.Admission) -> None:
    """Keep the owner's account and session, and a browser that was approved."""
    body, keyholder = bodies.encoded(DEVICE), made.home.keyholder
    by = calls.Caller(owner.token, owner.session, made.home.founding.row)
    device = calls.Vouched(body, keyholder.vouch(calls.Vouch(by, "devices", body)))

    def keep(write: Connection) -> None:
        vouched.put(write, "devices", device)
        vouched.put(write, "accounts", made.home.founding.row)
        vouched.put(write, "sessions", owner.session)

    made.database.write(keep)
    keyholder.confirm_versions((calls.Version("devices", DEVICE.id, 1),))


def _app(made: Vault, audit: Audit, pepper: Path) -> Flask:
    database, keyholder = made.database, made.home.keyholder
    way = Door(database, keyholder, audit, NoKeeper(), pepper, lambda: "ntp", made.opened)
    rooms = [
        door.room(way),
        devices.room(Approving(database, keyholder, audit, now_us)),
        standing.room(Standing(database, keyholder, now_us, lambda: "ntp")),
        finding.room(keyholder),
        lots_room.room(database),
        counts_room.room(database, now_us),
        live_room.room(Live(database, lambda: keyholder.status().state != "unlocked")),
        looking_room.room(Looking(database, keyholder, made.pictures, made.wraps, audit)),
    ]
    holders = Holders(database, keyholder, now_us)
    return create(Frame(holders, Unpaced(), Watch(), problem_of), rooms)


class _Silent(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def _listening(app: Flask) -> Iterator[str]:
    listens = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=listens.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listens.server_port}"
    finally:
        listens.shutdown()
        thread.join()
        listens.server_close()
