"""The audit's lines as they were chained, each with its detail, sealed or in clear."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, insert, select

from contract import audit
from contract.audit import AuditHead, Line
from server.store.tables import SERVER, audit_lines


def newest(read: Connection, node: bytes) -> AuditHead:
    """Return where a node's chain ends, its a_0 before the first line."""
    c = audit_lines.c
    wanted = select(c.seq, c.head).where(c.node == node).order_by(c.seq.desc()).limit(1)
    row = read.execute(wanted).first()
    return AuditHead(node, 0, audit.chain_start(node)) if row is None else AuditHead(node, *row)


def newest_time(read: Connection) -> int:
    """Return the time of the newest line of any node, 0 where there is none."""
    wanted = select(audit_lines.c.time).order_by(audit_lines.c.time.desc()).limit(1)
    return read.scalar(wanted) or 0


def heads(read: Connection, node: bytes, seqs: Collection[int]) -> dict[int, bytes]:
    """Return the heads at these lines that are there."""
    c = audit_lines.c
    wanted = select(c.seq, c.head).where(c.node == node, c.seq.in_(list(seqs)))
    return {row.seq: row.head for row in read.execute(wanted)} if seqs else {}


def nodes(read: Connection) -> set[bytes]:
    """Return every node that has lines here."""
    return set(read.scalars(select(audit_lines.c.node).where(audit_lines.c.seq == 1)))


def add(write: Connection, line: Line, detail: bytes | None) -> AuditHead:
    """Add the next line; another's line in its place is a duplicate, and all is done again."""
    spelled = audit.encoded(line)
    head = audit.chain_next(spelled)
    row = {
        "node": line.node,
        "seq": line.seq,
        "lot": line.lot or SERVER,
        "act": line.act,
        "time": line.time,
        "head": head,
        "line": spelled,
        "detail": detail,
    }
    write.execute(insert(audit_lines), row)
    return AuditHead(line.node, line.seq, head)
