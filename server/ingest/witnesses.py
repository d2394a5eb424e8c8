"""What signed envelopes say of our own audit: a head that is not ours is a fork or a rollback.

Either is an alarm and no reason to refuse: the edge tells the truth, and its events are wanted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from contract.audit import AuditHead
from contract.digest import H
from contract.record import Record
from server.store import audit_lines
from server.store.alarms import Alarm
from server.store.writers import WriterRow

_AGREED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Doubt:
    """A head that a writer was told and that is not in the chain here."""

    kind: str  # `audit_fork` or `audit_rollback`
    head: AuditHead

    def alarm(self, row: WriterRow, now: int) -> Alarm:
        """Return the alarm; its id is the same however often the head is told."""
        seq = self.head.seq.to_bytes(8, "big")
        named = H(self.kind.encode(), row.writer, self.head.node, seq, self.head.head)[:16]
        says = {
            "audit_fork": "this edge was told another audit line than is here",
            "audit_rollback": "this edge was told audit lines that are not here: the server was "
            "put back, or its audit was cut",
        }[self.kind]
        return Alarm(row.lot, named, self.kind, row.writer, None, says, now)


class Witnesses:
    """Compares, and remembers what agreed: most envelopes repeat one head."""

    def __init__(self) -> None:
        self._agreed: set[AuditHead] = set()

    def doubts(self, read: Connection, found: Iterable[Record]) -> list[Doubt]:
        told = {one.envelope.seen for one in found} - self._agreed
        doubts = [doubt for one in told if (doubt := self._doubt(read, one)) is not None]
        if len(self._agreed) > _AGREED_MAX:
            self._agreed.clear()
        self._agreed |= told - {one.head for one in doubts}
        return doubts

    def _doubt(self, read: Connection, told: AuditHead) -> Doubt | None:
        if told.seq == 0:
            return None
        there = audit_lines.heads(read, told.node, [told.seq]).get(told.seq)
        if there == told.head:
            return None
        if there is None and told.seq > audit_lines.newest(read, told.node).seq:
            return Doubt("audit_rollback", told)
        return Doubt("audit_fork", told)
