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
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask, Response, request
from sqlalchemy import Connection
from werkzeug.serving import WSGIRequestHandler, make_server

from contract import codes, enrolment, event, signature, trust, wire
from contract.audit import NOTHING_SEEN
from contract.digest import H
from contract.enrolment import Hello
from contract.event import Kind, Vehicle
from contract.ids import uuid7
from contract.record import Record
from contract.sealing import DayKey, picture
from contract.wire import Batch
from contract.wrap import rsa_public, wrapped
from lot.clock import WallClock, now_us
from server.api import assembling
from server.api.app import Frame, create
from server.api.holders import Holders
from server.api.parts import Parts
from server.api.refused import problem_of
from server.api.watching import Watch
from server.api.ways_in import Taking
from server.indexing.feeding import Indexing, Shelves
from server.indexing.segment_files import segment_files
from server.ingest.taking import House as IngestHouse
from server.ingest.taking import Ingest
from server.keys.holder import bodies, calls
from server.settings import settings_from
from server.store import alarms, lots, vouched, writers
from server.store.alarms import Alarm
from server.store.database import Database
from server.store.lots import Lot
from server.store.tables import SERVER
from server.store.writers import WriterRow
from tests.contract.writers import LOT, Writer
from tests.server.keys.holder.running import House, house

KEY = "the-key-in-the-cookie"
DEVICE = bodies.Device(b"d" * 16, 1, "booth", H(KEY.encode()), b"a" * 16, 1, False, False)
DEVICE_COOKIE = f"{DEVICE.id.hex()}.{KEY}"
MINUTE_US = 60_000_000
DAY_US = 1440 * MINUTE_US


class Edge(Writer):
    """The tests' writer, whose day keys are wrapped for the vault that enrolled it."""

    def under(self, public: rsa.RSAPublicKey, ago_days: int = 0) -> None:
        made = now_us() - ago_days * DAY_US
        for name in self.day_keys:
            secret = os.urandom(32)
            wrap = wrapped(secret, public, writer=self.id, key_class=name, made=made)
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
    indexing: Indexing
    edge: Edge
    session: str  # the owner's, at the console

    def code(self) -> str:
        """Return the newest code that is good now: nothing here has used it yet."""
        return self.home.code(1)

    def unlock(self) -> None:
        """Open the vault with the code before it, as at the console."""
        self.home.unlock(self.home.code())
        self.indexing.feed()

    def happen(self, *seen: Crossing) -> list[str]:
        """Let the edge deliver crossings; return their ids."""
        made = [self._made(one) for one in sorted(seen, key=lambda one: -one.ago)]
        carried = [self.edge.parts[part.hash] for record in made for part in record.envelope.parts]
        used = {part.key for record in made for part in record.envelope.parts}
        wraps = tuple(one for one in self.edge.wraps.values() if one.key_id in used)
        batch = Batch(wraps, tuple(one.signed for one in made), tuple(carried))
        self.ingest.batch(self.edge.id, wire.batch_encoded(batch))
        self.indexing.feed()
        return [one.head.id for one in made]

    def new_day(self, ago_days: int) -> None:
        """Let the edge seal what happens next under the keys of a day that is long over."""
        pack = trust.pack_own(self.home.keyholder.trust().pack)
        self.edge.under(rsa_public(pack.statement.current.spki), ago_days)

    def alarm(self, kind: str, said: str) -> None:
        made = Alarm(LOT, os.urandom(16), kind, self.edge.id, "gate", said, now_us(), None)
        self.database.write(lambda write: alarms.add(write, made))

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
def vault(folder: Path, database: Database, **more: str) -> Iterator[Vault]:
    """Found and run a vault whose owner is signed in at no browser yet, and lock it."""
    values = {
        "LOT_SERVER_FOLDER": str(folder / "server"),
        "LOT_KEYS_FOLDER": str(folder / "keys"),
        "LOT_DATABASE": database.engine.url.render_as_string(hide_password=False),
        "LOT_TIMEZONE": "America/Chicago",
        **more,
    }
    with house(folder) as home, _environment(values):
        parts = _parts(values, home, database)
        owner = home.unlock(home.code(-1))
        _certify_own(home, parts, owner)
        files = (parts.wraps, parts.pictures, parts.trust, parts.audit, parts.wall)
        ingest = Ingest(IngestHouse(database, *files))
        segments = segment_files(parts.settings.places)
        shelves = Shelves(database, parts.pictures, parts.wraps, segments)
        indexing = Indexing(shelves, home.keyholder, now_us)
        edge = _enrolled(home, database, owner)
        made = Vault("", home, database, ingest, indexing, edge, owner.token)
        _remember(made, owner)
        home.keyholder.lock(calls.Console())
        with _listening(_app(made, parts)) as made.url:
            yield made


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Let what the vault starts find it by its settings, as beside the real one."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _parts(values: Mapping[str, str], home: House, database: Database) -> Parts:
    settings = settings_from(values)
    places = settings.places
    places.state.mkdir()
    places.trust_pack.write_bytes(home.founding.trust_pack)
    places.service_key.write_bytes(Ed25519PrivateKey.generate().private_bytes_raw())
    places.pepper.write_bytes(os.urandom(32))
    return Parts(settings, database, home.keyholder, WallClock())


def _certify_own(home: House, parts: Parts, owner: calls.Admission) -> None:
    """Certify the server's own writer, which seals what people say."""
    by = calls.Caller(owner.token, owner.session, home.founding.row)
    public = signature.public_half(parts.own_key)
    made = home.keyholder.certify(calls.CertifyServer(by, public))
    home.keyholder.confirm_versions((made.version,))
    row = WriterRow(
        SERVER,
        made.writer,
        "server",
        "server",
        made.certificate,
        made.n,
        state_key=None,
        closed=False,
        day_bytes_max=0,
        stamp=None,
    )
    parts.database.write(lambda write: writers.add(write, row, now_us()))


def _enrolled(home: House, database: Database, owner: calls.Admission) -> Edge:
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
    home.keyholder.confirm_versions(found.versions)
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
    database.write(lambda write: writers.add(write, row, now_us(), found.api.box))
    return edge


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
    keyholder.confirm_versions((calls.Version.of("devices", DEVICE.id, 1, body),))


def _app(made: Vault, parts: Parts) -> Flask:
    database, keyholder = made.database, made.home.keyholder
    feed = made.indexing.feed
    watch = Watch()
    rooms = assembling.rooms(parts, Taking(parts, lambda: None), watch)
    holders = Holders(database, keyholder, now_us)
    app = create(Frame(holders, Unpaced(), watch, problem_of, parts.refusals), rooms)

    @app.after_request
    def index(answer: Response) -> Response:
        """Have what was said or opened in the index before the answer, as it soon is anyway."""
        if request.method == "POST":
            feed()
        return answer

    return app


class _Silent(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name of its base
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
