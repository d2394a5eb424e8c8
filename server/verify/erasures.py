"""What the server's own writers signed as gone: read first, every other chain is held to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from contract import opening
from contract.head import Erased
from contract.trust import Certificate
from lot.errors import Damaged
from server.store.tables import SERVER, records


@dataclass(frozen=True, slots=True)
class SignedErasure:
    """An erasure, and where in whose chain it was signed."""

    by: bytes
    sequence: int
    at: int
    gone: Erased


def erasures(
    read: Connection, servers: list[Certificate], lots: list[bytes]
) -> dict[bytes, list[SignedErasure]]:
    """Return every erasure whose signature holds, by the writer that it took from.

    One that does not hold says nothing: its own chain's walk tells of it.
    """
    found: dict[bytes, list[SignedErasure]] = {}
    for rights in servers:
        for one in _of(read, rights, lots):
            found.setdefault(one.gone.edge, []).append(one)
    return found


def _of(read: Connection, rights: Certificate, lots: list[bytes]) -> Iterator[SignedErasure]:
    wanted = select(records.c.envelope, records.c.signature)
    wanted = wanted.where(records.c.lot.in_([*lots, SERVER]), records.c.writer == rights.writer)
    wanted = wanted.where(records.c.type == "erased")
    for envelope, signature in read.execute(wanted.order_by(records.c.sequence)):
        try:
            head = opening.admitted(envelope + signature, rights).head
        except Damaged:
            continue
        if isinstance(head.gone, Erased):
            yield SignedErasure(rights.writer, head.sequence, head.at, head.gone)
