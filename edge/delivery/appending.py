"""The end of the chain in the outbox: where the next record stands, and putting it there.

Everything here runs inside a transaction of its caller's: numbers have no hole because the number,
the record and what follows from it are committed together or not at all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence

from contract import signature
from contract.audit import AuditHead
from contract.head import PARTS_MAX, GoneBy, Tombstone
from contract.record import Part
from edge.delivery.writing import Kept, Place, SealedPart, Writer, Written


def place(db: sqlite3.Connection) -> Place:
    """Return where the next record stands."""
    public, low, node, seq, head = db.execute(
        "SELECT public, low, seen_node, seen_seq, seen_head FROM standing"
    ).fetchone()
    last = db.execute("SELECT sequence, c FROM records ORDER BY sequence DESC LIMIT 1").fetchone()
    sequence, prev = last or (0, signature.chain_start(public))
    return Place(
        sequence=sequence + 1,
        prev=prev,
        waiting=min(low + 1, sequence + 1),
        seen=AuditHead(node, seq, head),
    )


def append(db: sqlite3.Connection, written: Written, without: Collection[SealedPart] = ()) -> int:
    """Put a record at the end; of the parts in `without` only what names them is kept."""
    one = written.record
    db.execute(
        "INSERT INTO records (sequence, c, id, revision, camera, state, signed)"
        " VALUES (?, ?, ?, ?, ?, 'waiting', ?)",
        (
            one.head.sequence,
            one.c,
            one.head.id,
            one.head.revision,
            one.head.camera,
            one.signed,
        ),
    )
    for part in written.sealed:
        is_gone = part in without
        db.execute(
            "INSERT INTO parts (hash, sequence, id, name, key, size, head, mark, state, sealed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                part.named.hash,
                one.head.sequence,
                one.head.id,
                part.named.name,
                part.named.key,
                part.named.size,
                part.named.head,
                part.mark,
                "gone" if is_gone else "waiting",
                None if is_gone else part.sealed,
            ),
        )
    db.executemany(
        "INSERT OR IGNORE INTO wraps (key, wrap) VALUES (?, ?)",
        [(wrap.key_id, wrap.data) for wrap in written.wraps],
    )
    return one.head.sequence


def entomb(
    db: sqlite3.Connection,
    writer: Writer,
    of: int,
    reason: GoneBy,
    parts: Sequence[bytes] | None = None,
) -> None:
    """Say, signed, that a record or these parts of it never come, and let their bytes go."""
    (c,) = db.execute("SELECT c FROM records WHERE sequence = ?", (of,)).fetchone()
    if parts is None:
        let_go(db, of)
        db.execute("UPDATE records SET state = 'dead', signed = NULL WHERE sequence = ?", (of,))
        append(db, writer.tombstone(Tombstone(of, c, None, reason), place(db)))
        return
    for at in range(0, len(parts), PARTS_MAX):
        some = tuple(parts[at : at + PARTS_MAX])
        db.executemany(
            "UPDATE parts SET state = 'gone', sealed = NULL WHERE hash = ?", [(p,) for p in some]
        )
        append(db, writer.tombstone(Tombstone(of, c, some, reason), place(db)))


def let_go(db: sqlite3.Connection, sequence: int) -> None:
    """Forget the bytes of a record and of what was sealed for it.

    Its place in the chain stays, and what is known of its parts until it expires: a later
    revision may name them.
    """
    db.execute("UPDATE records SET signed = NULL WHERE sequence = ?", (sequence,))
    db.execute(
        "UPDATE parts SET sealed = NULL, state = iif(state = 'waiting', 'gone', state)"
        " WHERE sequence = ?",
        (sequence,),
    )


def kept_of(db: sqlite3.Connection, event_id: str) -> list[Kept]:
    """Return the pictures that earlier revisions of an event sealed, the newest first."""
    rows = db.execute(
        "SELECT name, key, size, hash, head, mark FROM parts"
        " WHERE id = ? AND mark <> x'' ORDER BY sequence DESC",
        (event_id,),
    )
    return [Kept(Part(name, key, size, h, head), mark) for name, key, size, h, head, mark in rows]
