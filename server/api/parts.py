"""What the rooms stand on, of one web process: its database, keyholder, files, and own writer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from contract import signature
from contract.audit import Act, ClearDetail, ServerClock
from lot.clock import WallClock
from lot.errors import LotError, Unreadable
from lot.web.problems import Problem
from server.access.ledger import Told
from server.access.refusing import Refusals
from server.audit.lines import Audit, node_in
from server.desk.shelf import Shelf
from server.edges.asking import Whereabouts
from server.keys.holder.client import Keyholder
from server.notifying.channels import channels
from server.notifying.noticing import Noticing
from server.notifying.outgoing import Outgoing
from server.notifying.presence import Presence
from server.records.live import Live
from server.records.own_chain import House, key_in
from server.records.statements import Saying, Statement
from server.records.writing import Typed, Writing
from server.settings import ServerSettings
from server.store import audit_lines
from server.store.database import Database
from server.store.files import HashedFiles
from server.store.pictures import picture_folder
from server.store.wraps import wrap_folder
from server.trust_file import TrustFile


@dataclass(frozen=True)
class Parts:
    """What the rooms stand on; what needs a server that is set up is made when first used."""

    settings: ServerSettings
    database: Database
    keyholder: Keyholder
    wall: WallClock

    @cached_property
    def trust(self) -> TrustFile:
        return TrustFile(self.settings.places.trust_pack)

    @cached_property
    def whereabouts(self) -> Whereabouts:
        return Whereabouts()

    @cached_property
    def presence(self) -> Presence:
        return Presence()

    @cached_property
    def outgoing(self) -> Outgoing:
        """One of a process: what waits is bounded together."""
        made = channels(self.settings.channels)
        return Outgoing(made, self.is_locked, self.wall.now_us)

    @cached_property
    def noticing(self) -> Noticing:
        now = self.wall.now_us
        return Noticing(self.database, self.keyholder, self, self.outgoing, self.presence, now)

    @cached_property
    def wraps(self) -> HashedFiles:
        return wrap_folder(self.settings.places.wraps)

    @cached_property
    def pictures(self) -> HashedFiles:
        return picture_folder(self.settings.places.pictures)

    @cached_property
    def own_key(self) -> Ed25519PrivateKey:
        """The key of the server's own writer."""
        try:
            return key_in(self.settings.places.service_key)
        except Unreadable:
            raise Problem("unconfigured", "run python -m server init first") from None

    @cached_property
    def audit(self) -> Audit:
        writer = signature.writer_id(signature.public_half(self.own_key))
        node = node_in(self.settings.places.node)
        return Audit(node, writer, self.trust, self.wraps, self.wall)

    @cached_property
    def writing(self) -> Writing:
        house = House(self.database, self.wraps, self.pictures, self.trust, self.audit, self.wall)
        return Writing(house, self.own_key)

    @cached_property
    def shelf(self) -> Shelf:
        return Shelf(self.database, self.keyholder)

    @cached_property
    def live(self) -> Live:
        return Live(self.database, self.is_locked)

    @cached_property
    def refusals(self) -> Refusals:
        """One of a process: what is alike is counted together."""
        return Refusals(self.database, self)

    def clock(self) -> ServerClock:
        """Say what the server's clock stands on."""
        with self.database.read() as connection:
            return self.wall.state(audit_lines.newest_time(connection))

    def is_locked(self) -> bool:
        """Say whether nothing can be read now."""
        return self.keyholder.status().state != "unlocked"

    def unready(self) -> str | None:
        """Say in a line what does not answer."""
        try:
            with self.database.read() as connection:
                audit_lines.newest_time(connection)
            state = self.keyholder.status().state
        except LotError as error:
            return error.what
        return "the vault is not set up" if state == "unfounded" else None

    def line(
        self,
        write: Connection,
        act: Act,
        detail: ClearDetail | Mapping[str, object] | None = None,
        *,
        lot: bytes | None = None,
        actor: bytes | None = None,
    ) -> object:
        """Add a line to the audit, as a Ledger."""
        return self.audit.line(write, act, detail, lot=lot, actor=actor)

    def lines(self, write: Connection, told: Sequence[Told]) -> object:
        """Add lines to the audit, as a Ledger of many."""
        return self.audit.lines(write, told)

    def said(self, lot: bytes, by: bytes, says: Saying, *, reason: str | None = None) -> Statement:
        """Write down what an account says."""
        return self.writing.said(lot, by, says, reason=reason)

    def typed(self, lot: bytes, by: bytes, car: Typed) -> str:
        """Write an event that a person typed in."""
        return self.writing.typed(lot, by, car)
