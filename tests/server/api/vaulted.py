"""A vault as it is served, but for TLS: founded keys, a keyholder's process, SQLite, an edge.

What is asked of it goes through the whole app; who asks is signed in at the console.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from sqlalchemy import Connection, select
from werkzeug.test import TestResponse

from contract import signature
from contract.record import Record
from lot.clock import WallClock, now_us
from server.access.pacing import Pacing
from server.access.roles import Role
from server.api import assembling
from server.api.app import Frame, create
from server.api.holders import Holders
from server.api.operations import Room
from server.api.parts import Parts
from server.api.refused import problem_of
from server.api.watching import Watch
from server.api.ways_in import Taking
from server.audit.lines import Audit
from server.indexing.feeding import Indexing, Shelves
from server.indexing.segment_files import segment_files
from server.keys.holder import bodies, calls, trying
from server.settings import Places, settings_from
from server.store import lots, pictures, records, texts, vouched, wraps, writers
from server.store.database import Database
from server.store.files import HashedFiles
from server.store.lots import Lot
from server.store.tables import SERVER, audit_lines
from server.store.writers import WriterRow
from tests.contract.writers import LOT
from tests.server.keys.holder.edges import Edge, enrolled
from tests.server.keys.holder.running import CHEAP, House, caller, house

PEPPER = b"p" * 32
FAR = {"REMOTE_ADDR": "192.168.1.9"}


@dataclass
class Vaulted:
    """The house, its rows and files, and what a test does with them."""

    home: House
    database: Database
    places: Places
    owner: calls.Caller
    edge: Edge
    parts: Parts
    app: Flask | None = None
    certificate: bytes = b""

    @property
    def ledger(self) -> Audit:
        return self.parts.audit

    @property
    def pictures(self) -> HashedFiles:
        return self.parts.pictures

    @property
    def wraps(self) -> HashedFiles:
        return self.parts.wraps

    @property
    def shelves(self) -> Shelves:
        return Shelves(self.database, self.pictures, self.wraps, segment_files(self.places))

    @property
    def indexing(self) -> Indexing:
        """An index that was told nothing yet."""
        return Indexing(self.shelves, self.home.keyholder, now_us)

    def serve(self, *rooms: Room) -> None:
        """Answer with these rooms, or with all there are."""
        taking = Taking(self.parts, lambda: None)
        rooms = rooms or tuple(assembling.rooms(self.parts, taking, Watch()))
        holders = Holders(self.database, self.home.keyholder, now_us)
        pacing = Pacing(self.database, now_us)
        frame = Frame(holders, pacing, Watch(), problem_of, self.parts.refusals)
        self.app = create(frame, rooms)

    def ask(
        self, method: str, path: str, by: calls.Caller | None = None, **more: Any
    ) -> TestResponse:
        """Ask as the owner, or as somebody else."""
        assert self.app is not None
        headers = {"Authorization": f"Bearer {(by or self.owner).token}"}
        client = self.app.test_client()
        return client.open(
            "/api/v1" + path, method=method, headers=headers, environ_base=FAR, **more
        )

    def said(self, path: str, by: calls.Caller | None = None) -> Any:
        """Return what a GET answers, which must be well."""
        answer = self.ask("GET", path, by)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def keep(self, *made: Record) -> None:
        """Store records as ingest does."""
        now = now_us()
        parts = {hash_: data for one in made for hash_, data in self._parts(one)}
        text = {
            h for one in made for p in one.envelope.parts if p.name == "event" for h in [p.hash]
        }
        shown = {hash_: data for hash_, data in parts.items() if hash_ not in text}
        self.pictures.put_all(LOT, shown)

        def work(write: Connection) -> None:
            texts.add(write, LOT, {h: d for h, d in parts.items() if h in text})
            pictures.add(write, LOT, shown, now)
            records.add(write, made, now)
            row = writers.found(write, self.edge.id)
            assert row is not None
            writers.restamp(write, row, secrets.token_bytes(16))

        self.database.write(work)

    def new_day(self, made: int) -> None:
        """Let the edge draw the day keys of another day."""
        self.edge.under(self.home, made)
        these = list(self.edge.wraps.values())
        self.wraps.put_all(LOT, wraps.files_of(these))
        self.database.write(lambda write: wraps.add(write, LOT, these, made))

    def person(self, name: str, role: Role, *lots_: bytes) -> calls.Caller:
        """Sign somebody in by a password, who has an account from now on."""
        hold, password = self.home.keyholder, "the password of them"
        known = trying.password_made(password, PEPPER, CHEAP)
        account = bodies.Account(
            secrets.token_bytes(16), 1, name, role, lots_, known, code=False, closed=False
        )
        body = bodies.encoded(account)
        row = calls.Vouched(body, hold.vouch(calls.Vouch(self.owner, "accounts", body)))
        hold.confirm_versions((calls.Version.of("accounts", account.id, 1, body),))
        asked = calls.SignIn(row, password, PEPPER, None, None, calls.Console(), "ntp")
        admitted = hold.sign_in(asked)
        self.admit(row, admitted)
        return calls.Caller(admitted.token, admitted.session, row)

    def admit(self, account: calls.Vouched, admitted: calls.Admission) -> None:
        """Keep the rows of somebody who signed in."""

        def work(write: Connection) -> None:
            vouched.put(write, "accounts", account)
            vouched.put(write, "sessions", admitted.session)

        self.database.write(work)

    def acts(self) -> list[str]:
        """Return what was written into the audit, in order."""
        with self.database.read() as read:
            wanted = select(audit_lines.c.act).order_by(audit_lines.c.seq)
            return list(read.scalars(wanted))

    def _parts(self, one: Record) -> Iterator[tuple[bytes, bytes]]:
        for part in one.envelope.parts:
            yield part.hash, self.edge.parts[part.hash]


@contextmanager
def vaulted(folder: Path, url: str) -> Iterator[Vaulted]:
    """Found all of it, unlocked, with one lot and its edge."""
    with house(folder) as home:
        database = Database.open(url)
        admitted = home.unlock(home.code())
        owner = caller(admitted, home.founding.row)
        settings = settings_from(
            {
                "LOT_SERVER_FOLDER": str(folder / "server"),
                "LOT_KEYS_FOLDER": str(folder / "keys"),
                "LOT_DATABASE": url,
                "LOT_TIMEZONE": "UTC",
            }
        )
        places = settings.places
        places.state.mkdir()
        places.trust_pack.write_bytes(home.keyholder.trust().pack)
        places.pepper.write_bytes(PEPPER)
        places.service_key.write_bytes(Ed25519PrivateKey.generate().private_bytes_raw())
        parts = Parts(settings, database, home.keyholder, WallClock())
        found = Vaulted(home, database, places, owner, Edge(), parts)
        found.admit(home.founding.row, admitted)
        _certify_own(found)
        take_in(found)
        try:
            yield found
        finally:
            database.close()


def _certify_own(found: Vaulted) -> None:
    """Certify the server's own writer."""
    public = signature.public_half(found.parts.own_key)
    made = found.home.keyholder.certify(calls.CertifyServer(found.owner, public))
    found.home.keyholder.confirm_versions((made.version,))
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
    found.database.write(lambda write: writers.add(write, row, now_us()))


def take_in(found: Vaulted) -> None:
    """Enrol the edge, as the web process stores it."""
    taken, _ = enrolled(found.home, found.owner, found.edge)
    found.edge.under(found.home)
    found.certificate, now = taken.certificate, now_us()
    these = list(found.edge.wraps.values())
    found.wraps.put_all(LOT, wraps.files_of(these))

    def work(write: Connection) -> None:
        lots.add(write, Lot(LOT, "north", "UTC", 50, 90, 30, now))
        row = WriterRow(
            LOT,
            taken.writer,
            taken.name,
            "edge",
            taken.certificate,
            taken.n,
            taken.state_key,
            closed=False,
            day_bytes_max=1 << 30,
            stamp=None,
        )
        writers.add(write, row, now, taken.api.box)
        wraps.add(write, LOT, these, now)

    found.database.write(work)
