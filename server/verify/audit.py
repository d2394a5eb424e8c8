"""The audit's chains, walked line by line: every node's, also those that a restore ended.

On the way it gathers what the writers' chains are held to: the hourly lows, and the newest hash
of every row under the people key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from contract import audit
from contract.audit import AuditHead, Line, Low, Mark, Restore, Row
from contract.chain import Finding, Point
from contract.digest import H
from lot.errors import Damaged
from server.store.tables import SERVER, audit_lines
from server.verify.report import Findings, Lost, NodeFound

_LINES_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class LowSeen:
    """How far a writer's records were whole, and when."""

    point: Point
    at: int


@dataclass(slots=True)
class Gathered:
    """What the lines in clear say about other things than the audit itself."""

    lows: dict[bytes, list[LowSeen]] = field(default_factory=dict)
    rows: dict[tuple[str, bytes], Row] = field(default_factory=dict)

    def points(self, writer: bytes) -> list[Point]:
        return [one.point for one in self.lows.get(writer, []) if one.point.sequence]

    def whole_by(self, writer: bytes, sequence: int) -> int | None:
        """Return when the audit first saw the records up to `sequence` whole."""
        seen = self.lows.get(writer, [])
        return min((one.at for one in seen if one.point.sequence >= sequence), default=None)

    def _low(self, low: Low, at: int) -> None:
        seen = self.lows.setdefault(low.writer, [])
        point = Point(low.low, low.low_hash)
        # An hour in which nothing came says nothing new; a thousand nights of them would add up.
        if not seen or seen[-1].point != point:
            seen.append(LowSeen(point, at))

    def take(self, line: Line, detail: audit.ClearDetail) -> None:
        if isinstance(detail, Low):
            self._low(detail, line.time)
        elif isinstance(detail, Row):
            known = self.rows.get((detail.table, detail.row))
            if known is None or known.version <= detail.version:
                self.rows[detail.table, detail.row] = detail


@dataclass(slots=True)
class _Seen:
    """What one node's lines said on the way."""

    findings: Findings = field(default_factory=Findings)
    mark: tuple[int, bytes, bytes] | None = None
    restored: Restore | None = None


class Witnesses:
    """Compares heads that writers were told with the lines that are there."""

    def __init__(self, read: Connection) -> None:
        self._read = read
        self._ends = ends(read)
        self._beyond: dict[bytes, dict[int, bytes]] = {}
        self._forks: dict[bytes, set[int]] = {}

    def hear(self, heads: set[AuditHead]) -> None:
        """Take a few heads out of signed envelopes; those that agree leave nothing behind."""
        by_node: dict[bytes, dict[int, set[bytes]]] = {}
        for one in heads:
            if one.seq:
                by_node.setdefault(one.node, {}).setdefault(one.seq, set()).add(one.head)
        for node, told in by_node.items():
            wanted = select(audit_lines.c.seq, audit_lines.c.head)
            wanted = wanted.where(audit_lines.c.node == node, audit_lines.c.seq.in_(list(told)))
            there = {row.seq: row.head for row in self._read.execute(wanted)}
            for seq, known in told.items():
                self._compare(node, seq, known, there.get(seq))

    def _compare(self, node: bytes, seq: int, told: set[bytes], head: bytes | None) -> None:
        if head is None and seq > self._ends.get(node, 0):
            self._beyond.setdefault(node, {})[seq] = min(told)
        elif told != {head}:
            self._forks.setdefault(node, set()).add(seq)

    def nodes(self) -> set[bytes]:
        """Return the nodes of heads that did not agree."""
        return {*self._beyond, *self._forks}

    def beyond(self, node: bytes) -> list[Lost]:
        return [Lost(seq, head) for seq, head in sorted(self._beyond.get(node, {}).items())]

    def forks(self, node: bytes) -> list[Finding]:
        what = "fork: a witness was told another line"
        return [Finding(seq, seq, what) for seq in sorted(self._forks.get(node, ()))]


def ends(read: Connection) -> dict[bytes, int]:
    """Return every node with its newest line's number."""
    wanted = select(audit_lines.c.node, func.max(audit_lines.c.seq)).group_by(audit_lines.c.node)
    return {row[0]: row[1] for row in read.execute(wanted)}


class AuditWalk:
    """All nodes' chains; the heads that witnesses were told are compared when they are known."""

    def __init__(self, read: Connection, vault_sign: bytes) -> None:
        self._read = read
        self._vault_sign = vault_sign
        self.gathered = Gathered()
        self._seen: dict[bytes, _Seen] = {}
        self._heads: dict[bytes, AuditHead] = {}

    def walk(self) -> None:
        for node in sorted(ends(self._read)):
            seen = self._seen.setdefault(node, _Seen())
            clear: dict[bytes, bytes] = {}
            walked = audit.walked(
                self._lines(node, clear, seen),
                node=node,
                clear=clear,
                vault_public=self._vault_sign,
            )
            seen.findings.add(Finding(one.seq, one.seq, one.what) for one in walked.faults)
            self._heads[node] = walked.head

    def found(self, witnesses: Witnesses) -> tuple[NodeFound, ...]:
        """Return what was found of every node, told or there."""
        ended = {seen.restored.node: seen.restored for seen in self._seen.values() if seen.restored}
        nodes = {*self._seen, *witnesses.nodes(), *ended}
        return tuple(self._node(node, ended.get(node), witnesses) for node in sorted(nodes))

    def _node(self, node: bytes, ended: Restore | None, witnesses: Witnesses) -> NodeFound:
        seen = self._seen.get(node, _Seen())
        seen.findings.add(witnesses.forks(node))
        head = self._heads.get(node, AuditHead(node, 0, audit.chain_start(node)))
        beyond = witnesses.beyond(node)
        if ended is not None and ended.seq > head.seq:
            beyond = sorted({*beyond, Lost(ended.seq, ended.head)}, key=lambda one: one.seq)
        if ended is None:
            what = "rollback: a witness was told of a line beyond the end"
            seen.findings.add(Finding(one.seq, one.seq, what) for one in beyond)
        number, mark_head, sig = seen.mark or (None, None, None)
        return NodeFound(
            node=node,
            seq=head.seq,
            head=head.head,
            mark=number,
            mark_sig=sig,
            mark_head=mark_head,
            restored_from=seen.restored.node if seen.restored else None,
            ended=ended is not None,
            lost=tuple(beyond) if ended is not None else (),
            findings=tuple(seen.findings.kept),
            findings_more=seen.findings.more,
        )

    def _lines(self, node: bytes, clear: dict[bytes, bytes], seen: _Seen) -> Iterator[bytes]:
        """Yield a node's lines; `clear` holds the detail of the one that was yielded last."""
        at = 0
        while rows := self._some(node, at):
            for seq, head, act, lot, actor, time, data, detail in rows:
                at = seq
                clear.clear()
                if detail is not None:
                    clear[H(detail)] = detail
                yield data
                if head != audit.chain_next(data):
                    seen.findings.say(seq, "the row's head is not that of its line")
                self._take(data, (node, seq, act, lot, actor, time), detail, seen)

    def _some(
        self, node: bytes, after: int
    ) -> list[tuple[int, bytes, str, bytes, bytes, int, bytes, bytes]]:
        c = audit_lines.c
        wanted = select(c.seq, c.head, c.act, c.lot, c.actor, c.time, c.line, c.detail)
        wanted = wanted.where(c.node == node, c.seq > after).order_by(c.seq).limit(_LINES_AT_ONCE)
        return [tuple(row) for row in self._read.execute(wanted)]

    def _take(
        self,
        data: bytes,
        copies: tuple[bytes, int, str, bytes, bytes, int],
        detail: bytes | None,
        seen: _Seen,
    ) -> None:
        try:
            line = audit.decoded(data)
        except Damaged:
            return  # the walk has said so
        told = (line.node, line.seq, line.act, line.lot or SERVER, line.actor, line.time)
        if copies != told:
            seen.findings.say(copies[1], "the row's columns are not those of its line")
        if detail is None or line.act not in audit.CLEAR_ACTS or H(detail) != line.detail:
            if line.detail is not None and (detail is None or H(detail) != line.detail):
                seen.findings.say(copies[1], "its detail is missing or was altered")
            return
        try:
            said = audit.detail_decoded(line.act, detail)
        except Damaged:
            return
        if isinstance(said, Mark):
            seen.mark = (said.seq, line.prev, said.sig)
        if isinstance(said, Restore) and line.seq == 1:
            seen.restored = said
        self.gathered.take(line, said)
