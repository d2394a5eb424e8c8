"""What is done once whenever the vault was opened, however it was: over HTTP or at the console."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from contract.audit import AuditHead, Mark
from lot.errors import LotError
from lot.files import write_private
from server.audit.lines import Audit
from server.keys.authority import utc
from server.keys.holder import calls
from server.keys.holder.client import Keyholder
from server.running import settling, tls_leaf
from server.settings import ServerSettings
from server.store import audit_lines
from server.store.database import Database

_log = logging.getLogger("lotkeeper.opened")


@dataclass(frozen=True, slots=True)
class AfterOpening:
    """Marks the audit, and brings public files up to date that only an open vault can make."""

    settings: ServerSettings
    database: Database
    keyholder: Keyholder
    audit: Callable[[], Audit]
    now: Callable[[], int]  # µs UTC

    def __call__(self, by: calls.Caller) -> None:
        """Do all of it; what cannot be done now is logged, since whoever unlocked shall go on."""
        steps: Mapping[str, Callable[[], None]] = {
            "settled": self._settle,
            "trust": self._trust,
            "mark": self.mark,
            "leaf": partial(self._leaf, by),
        }
        for name, step in steps.items():
            try:
                step()
            except LotError as error:
                _log.warning("opened=%s why=%r", name, error.what)

    def mark(self) -> None:
        """Let the vault sign the newest line, in the line after it."""
        audit = self.audit()
        with self.database.read() as read:
            head, line = audit.head(read), audit_lines.newest_line(read, audit.node)
        if line is None:
            return
        signed = Mark(head.seq, self.keyholder.sign_mark(line))
        self.database.write(lambda write: _marked(write, audit, head, signed))

    def _settle(self) -> None:
        """Settle before anybody looks: the keyholder may have been away when the server began."""
        settling.settled(self.database, self.keyholder)

    def _trust(self) -> None:
        pack = self.keyholder.trust().pack
        path = self.settings.places.trust_pack
        if not path.exists() or path.read_bytes() != pack:
            write_private(path, pack)

    def _leaf(self, by: calls.Caller) -> None:
        places, issuing = self.settings.places, self.keyholder.trust().issuing
        if tls_leaf.is_due(places, issuing, utc(self.now())):
            names = tls_leaf.names_here(self.settings.names)
            made = self.keyholder.issue_leaf(by, tls_leaf.request_again(places, names))
            tls_leaf.keep(places, made.leaf, made.issuing)
            _log.warning("opened=leaf renewed=yes then=%r", "restart serve, which shows it")


def _marked(write: Connection, audit: Audit, head: AuditHead, signed: Mark) -> None:
    # A mark is over the line before it: where another came between, the next opening marks.
    if audit.head(write) == head:
        audit.line(write, "mark", signed)
