"""Holding an event: its parts' PRKs are kept, so that it opens when the keys of its day are gone.

A PRK opens one part and no other. It is drawn out and sealed here, and leaves this process in no
other way than under the people key.
"""

from __future__ import annotations

from contract import canonical, opening
from contract.canonical import Malformed
from contract.record import Part
from lot.clock import now_us
from server.access.roles import Right
from server.access.rows import HOLD
from server.index.ids import id_bytes
from server.keys.holder import calls, looking, rows_held
from server.keys.holder.calls import SealedRecord
from server.keys.holder.desk import Desk
from server.keys.holder.sessions import allowed, allowed_in
from server.keys.rows import Place


def held(desk: Desk, asked: calls.Hold) -> calls.RowsSealed:
    """Seal the PRKs of all parts of an event, with who holds it, since when and why."""
    _ = desk.vault
    present = desk.sessions.present(asked.by)
    allowed(present, Right.MANAGE)
    heads: set[tuple[bytes, str]] = set()
    prks: dict[str, object] = {}
    for sealed in asked.records:
        rights = looking.certificate(desk, sealed.certificate)
        head = opening.admitted(sealed.record, rights).head
        allowed_in(present, Right.MANAGE, head.lot)
        heads.add((head.lot, head.id))
        prks |= _drawn(desk, sealed)
    if len(heads) != 1 or not prks:
        raise Malformed("these are no records of one event that open")
    ((lot, event),) = heads
    content: dict[str, object] = {
        "v": canonical.VERSION,
        "by": present.account.id,
        "at": now_us(),
        "reason": asked.reason,
        "parts": prks,
    }
    row, version = id_bytes(event), asked.version
    if version == 1:  # one that was let go may be held again, and is no row that was put back
        version = desk.newest.first(HOLD, row)
    place = Place(HOLD, row, version)
    return calls.RowsSealed((rows_held.sealed_row(desk, place, lot, content),))


def _drawn(desk: Desk, sealed: SealedRecord) -> dict[str, object]:
    """Return the PRK of each part by its hash; a part that does not open is a fault."""
    drawn: dict[str, object] = {}

    def noted(part: Part, prk: bytes) -> None:
        drawn[part.hash.hex()] = prk

    looking.unsealed(desk, sealed, noted)
    return drawn
