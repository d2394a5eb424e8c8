"""What a walk over everything found: a value that is printed, kept, and compared with later ones.

It names writers, sequences, keys and times, and never a plate: it needed no unlocking, and may be
handed to anybody. Kept elsewhere it is a witness: a later walk against it finds what was cut
meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields

from contract import canonical
from contract.audit import AuditHead
from contract.canonical import Fields, sized
from contract.chain import Finding, Point
from contract.digest import DIGEST_BYTES

REPORT_BYTES_MAX = 64 * 1024 * 1024
FINDINGS_MAX = 1_000  # of one chain; a destroyed one would else fill the report and the memory


@dataclass(slots=True)
class Findings:
    """Collects damage: neighbours that suffered alike are one, and what is too much is counted."""

    kept: list[Finding] = field(default_factory=list)
    more: int = 0

    def add(self, found: Iterable[Finding]) -> None:
        for one in found:
            if not self._joined(one):
                self._keep(one)

    def say(self, sequence: int, what: str) -> None:
        self.add([Finding(sequence, sequence, what)])

    def _joined(self, one: Finding) -> bool:
        for at in range(len(self.kept) - 1, max(len(self.kept) - 9, -1), -1):
            last = self.kept[at]
            if last.what == one.what and last.first <= one.first <= last.last + 1:
                self.kept[at] = Finding(last.first, max(last.last, one.last), last.what)
                return True
        return False

    def _keep(self, one: Finding) -> None:
        if len(self.kept) < FINDINGS_MAX:
            self.kept.append(one)
        else:
            self.more += 1


@dataclass(frozen=True, slots=True)
class Erasure:
    """A signed erasure, and whether what it took was due."""

    at: int  # µs UTC, when it was made
    by: bytes  # the server's writer that signed it
    sequence: int  # in that writer's chain
    keys: tuple[bytes, ...]
    first: int | None
    last: int | None
    count: int | None
    early: bool


@dataclass(frozen=True, slots=True)
class WriterFound:
    """One writer's chain."""

    lot: bytes | None
    writer: bytes
    name: str
    role: str
    records: int
    newest: int
    c: bytes  # c_newest as far as it is known, else zeros
    newest_at: int | None
    low: int  # the highest that the audit saw whole, and when
    low_at: int | None
    tombstones: int
    erased_records: int
    erasures: tuple[Erasure, ...]
    findings: tuple[Finding, ...]
    findings_more: int


@dataclass(frozen=True, slots=True)
class Lost:
    """A head that somebody was told and that a restore did not bring back."""

    seq: int
    head: bytes


@dataclass(frozen=True, slots=True)
class NodeFound:
    """One audit chain."""

    node: bytes
    seq: int
    head: bytes
    mark: int | None  # the newest line that the vault signed
    mark_sig: bytes | None
    mark_head: bytes | None
    restored_from: bytes | None  # the node it follows
    ended: bool  # a restore began another one
    lost: tuple[Lost, ...]
    findings: tuple[Finding, ...]
    findings_more: int


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found."""

    server: bytes
    vault_sign: bytes
    made: int  # µs UTC
    writers: tuple[WriterFound, ...]
    nodes: tuple[NodeFound, ...]
    rows: tuple[str, ...]  # rows and files that are not as they must be, outside any chain
    notes: tuple[str, ...]  # what is no damage and yet to be known
    opened: int | None = None  # parts that were opened, where that was asked for

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing and nothing altered."""
        chains: list[WriterFound | NodeFound] = [*self.writers, *self.nodes]
        return not self.rows and not any(one.findings or one.findings_more for one in chains)


def encoded(report: Report) -> bytes:
    """Return the file to keep: canonical JSON."""
    return canonical.encoded({"v": canonical.VERSION, **asdict(report)})


@dataclass(frozen=True, slots=True)
class Earlier:
    """What must still be there: heads of audit chains, and ends of writers' chains."""

    heads: tuple[AuditHead, ...] = ()
    ends: tuple[tuple[bytes, Point], ...] = ()  # by writer

    def lows(self, writer: bytes) -> list[Point]:
        """Return where this writer's chain stood once."""
        return [end for whose, end in self.ends if whose == writer and end.sequence]


NOTHING_EARLIER = Earlier()


@canonical.reading("a report of verify")
def earlier(data: bytes) -> Earlier:
    """Return what a kept report says must still be there; Damaged for all other bytes."""
    read = Fields(canonical.decoded(data, bytes_max=REPORT_BYTES_MAX), _names(Report) | {"v"})
    read.version()
    return Earlier(read.entries("nodes", _head), read.entries("writers", _end))


def _head(value: object, path: str) -> AuditHead:
    read = Fields(value, _names(NodeFound), within=path)
    return AuditHead(read.octets("node"), read.whole("seq"), read.octets("head"))


def _end(value: object, path: str) -> tuple[bytes, Point]:
    read = Fields(value, _names(WriterFound), within=path)
    c = read.octets("c")
    sized("c", c, DIGEST_BYTES)
    return read.octets("writer"), Point(read.whole("newest") if any(c) else 0, c)


def _names(kind: type[Report | NodeFound | WriterFound]) -> frozenset[str]:
    return frozenset(one.name for one in fields(kind))
