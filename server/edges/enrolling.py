"""A new edge is taken in: the keyholder judges its request, and its rows are kept with a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from contract.audit import AuditHead
from lot.errors import Refused
from server.access.ledger import Ledger
from server.keys.holder import calls
from server.keys.holder.client import Keyholder
from server.store import tokens, writers
from server.store.database import Database
from server.store.writers import WriterRow

# Ten times what a busy lot's gate sends, so that an edge that went wrong fills no card in a day.
DAY_BYTES_MAX = 4 << 30


class Headed(Protocol):
    """The audit, as far as an enrolment tells where it stands."""

    def head(self, read: Connection) -> AuditHead: ...


@dataclass(frozen=True, slots=True)
class Enrolling:
    """Takes edges in."""

    database: Database
    keyholder: Keyholder
    ledger: Ledger
    audit: Callable[[], Headed]
    now: Callable[[], int]  # µs UTC

    def enrolled(self, request: bytes) -> bytes:
        """Return the answer to an edge that knows a code, once all of it is kept.

        WrongCode where it does not know one, Locked while nobody can tell. A crash before the end
        leaves an edge that nobody answered: its code is spent, and it enrols anew.
        """
        with self.database.read() as read:
            head = self.audit().head(read)
        made = self.keyholder.enrol(calls.Enrol(request, head))
        now = self.now()
        self.database.write(lambda write: self._kept(write, made, now))
        self.keyholder.confirm_versions(made.versions)
        return made.welcome

    def _kept(self, write: Connection, made: calls.Enrolled, now: int) -> None:
        known = writers.found(write, made.writer)
        if known is not None and known.state_key == made.state_key:
            return  # the answer to our own commit was lost
        if known is not None:
            raise Refused("an edge of this key is enrolled already", then="make a new key")
        row = WriterRow(
            lot=made.lot,
            writer=made.writer,
            name=made.name,
            role="edge",
            certificate=made.certificate,
            n=made.n,
            state_key=made.state_key,
            closed=False,
            day_bytes_max=DAY_BYTES_MAX,
            stamp=None,
        )
        writers.add(write, row, now, made.api.box)
        tokens.add_hashed(write, made.lot, made.writer, made.token_hash, now)
        self.ledger.line(write, "edge_enrolled", {"edge": made.writer}, lot=made.lot)
