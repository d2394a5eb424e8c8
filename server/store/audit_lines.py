"""The audit's lines as they were chained, each with its detail, sealed or in clear."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, select

from contract import audit
from contract.audit import AuditHead, Line
from server.store.tables import SERVER, audit_lines


def newest(read: Connection, node: bytes) -> AuditHead:
    """Return where a node's chain ends, its a_0 before the first line."""
    row = read.execute(_NEWEST, {"of": node}).first()
    return AuditHead(node, 0, audit.chain_start(node)) if row is None else AuditHead(node, *row)


def newest_line(read: Connection, node: bytes) -> bytes | None:
    """Return a node's newest line as it was chained, None where it has none."""
    c = audit_lines.c
    wanted = select(c.line).where(c.node == node).order_by(c.seq.desc()).limit(1)
    line: bytes | None = read.scalar(wanted)
    return line


def newest_time(read: Connection) -> int:
    """Return the time of the newest line of any node, 0 where there is none."""
    # A lot each: a step down the index, where the newest of all would be a walk over every line.
    newest = select(func.max(audit_lines.c.time)).group_by(audit_lines.c.lot)
    return max(read.scalars(newest), default=0)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ended."""

    time: int
    node: bytes
    seq: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines are asked for; None leaves nothing out."""

    lots: Collection[bytes] | None = None  # SERVER: those of no lot
    first: int | None = None
    last: int | None = None  # before it
    actor: bytes | None = None
    act: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A line as it lies, with its detail."""

    line: bytes
    head: bytes
    detail: bytes | None


def page(read: Connection, wanted: Wanted, *, before: Mark | None, most: int) -> list[Kept]:
    """Return lines by time, the newest first, those older than a mark."""
    c = audit_lines.c
    query = select(c.line, c.head, c.detail).where(*_conditions(wanted))
    if before is not None:
        query = query.where(_before(before))
    query = query.order_by(c.time.desc(), c.node.desc(), c.seq.desc()).limit(most)
    return [Kept(*row) for row in read.execute(query)]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    c = audit_lines.c
    found: list[ColumnElement[bool]] = []
    if wanted.lots is not None:
        found.append(c.lot.in_(list(wanted.lots)))
    if wanted.first is not None:
        found.append(c.time >= wanted.first)
    if wanted.last is not None:
        found.append(c.time < wanted.last)
    if wanted.actor is not None:
        found.append(c.actor == wanted.actor)
    if wanted.act is not None:
        found.append(c.act == wanted.act)
    return found


def _before(mark: Mark) -> ColumnElement[bool]:
    c = audit_lines.c
    in_node = (c.node == mark.node) & (c.seq < mark.seq)
    return (c.time < mark.time) | ((c.time == mark.time) & ((c.node < mark.node) | in_node))


def heads(read: Connection, node: bytes, seqs: Collection[int]) -> dict[int, bytes]:
    """Return the heads at these lines that are there."""
    c = audit_lines.c
    wanted = select(c.seq, c.head).where(c.node == node, c.seq.in_(list(seqs)))
    return {row.seq: row.head for row in read.execute(wanted)} if seqs else {}


def nodes(read: Connection) -> set[bytes]:
    """Return every node that has lines here."""
    return set(read.scalars(select(audit_lines.c.node).where(audit_lines.c.seq == 1)))


@dataclass(frozen=True, slots=True)
class Chained:
    """A line as it is chained, with its detail."""

    line: Line
    spelled: bytes
    head: AuditHead
    detail: bytes | None


def chained(line: Line, detail: bytes | None) -> Chained:
    """Return a line as it is chained."""
    spelled = audit.encoded(line)
    return Chained(line, spelled, AuditHead(line.node, line.seq, audit.chain_next(spelled)), detail)


def add(write: Connection, lines: Sequence[Chained]) -> None:
    """Add the next lines; another's line in their place is a duplicate, and all is done again."""
    rows = [
        {
            "node": one.line.node,
            "seq": one.line.seq,
            "lot": one.line.lot or SERVER,
            "actor": one.line.actor,
            "act": one.line.act,
            "time": one.line.time,
            "head": one.head.head,
            "line": one.spelled,
            "detail": one.detail,
        }
        for one in lines
    ]
    if rows:
        write.execute(insert(audit_lines), rows)


_NEWEST = (
    select(audit_lines.c.seq, audit_lines.c.head)
    .where(audit_lines.c.node == bindparam("of"))
    .order_by(audit_lines.c.seq.desc())
    .limit(1)
)
