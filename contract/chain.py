"""A writer's chain as the server has it: what is whole, and what is damage.

A record may be gone for good reasons, and each of them is signed: a tombstone of its writer's, an
erasure of the server's. Whatever is missing without one is damage. Nothing here needs unlocking.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from contract import signature
from contract.head import Erased, Tombstone
from contract.record import Record

Run = tuple[int, int]  # first and last


@dataclass(frozen=True, slots=True)
class NamedPart:
    """A part as a record names it: its wrap and its sealed bytes, each by a hash."""

    name: str
    key: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """What the chain needs of a record whose signature holds."""

    sequence: int
    id: str
    revision: int
    c: bytes
    prev: bytes
    waiting: int
    parts: tuple[NamedPart, ...]
    gone: Tombstone | None


@dataclass(frozen=True, slots=True)
class Point:
    """A place in a chain that somebody vouched for: an hourly low, or where a key was revoked."""

    sequence: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """Damage, from the first to the last sequence that it concerns."""

    first: int
    last: int
    what: str


def link(record: Record) -> Link:
    """Return what the chain needs of a record."""
    head, envelope = record.head, record.envelope
    return Link(
        sequence=head.sequence,
        id=head.id,
        revision=head.revision,
        c=record.c,
        prev=envelope.prev,
        waiting=envelope.waiting,
        parts=tuple(NamedPart(one.name, one.key, one.hash) for one in envelope.parts),
        gone=head.gone if isinstance(head.gone, Tombstone) else None,
    )


class Chain:
    """The records of one writer, in any order, with what is known to be gone."""

    def __init__(
        self,
        public: bytes,
        links: Iterable[Link],
        *,
        erased: Iterable[Erased] = (),
        missing: Collection[bytes] = frozenset(),
        until: Point | None = None,
    ) -> None:
        """`missing` are the hashes of named parts that are not there.

        `until` is the last record of a revoked writer that counts: what it signed later says
        nothing, not even by a tombstone.
        """
        self._start = signature.chain_start(public)
        self._until = until
        self._doubled: list[int] = []
        self._late: list[int] = []
        self._links: dict[int, Link] = {}
        for one in links:
            self._add(one)
        self._tombs = [one.gone for one in self._links.values() if one.gone is not None]
        self._erased = tuple(erased)
        self._named = {one.last: one.hash for one in self._erased if one.last and one.hash}
        self._named.update((tomb.of, tomb.hash) for tomb in self._tombs)
        self._missing = frozenset(missing) - self._parts_gone()
        self._newest_revision = self._newest_revisions()

    def have(self) -> list[Run]:
        """Return the runs of records that are whole, rising."""
        whole = [(n, n) for n, one in self._links.items() if not self._lacks(one)]
        return joined([*whole, *self._gone_runs()])

    def c(self, sequence: int) -> bytes | None:
        """Return c_n as far as it is known: from the record, or from what stands for it."""
        if sequence == 0:
            return self._start
        if sequence in self._links:
            return self._links[sequence].c
        return self._named.get(sequence)

    def findings(self, lows: Sequence[Point] = ()) -> list[Finding]:
        """Return all damage, by sequence; `lows` are what the audit saw whole once."""
        points = [*lows, *([self._until] if self._until else [])]
        newest = max(self._links, default=0)
        waiting = self._links[newest].waiting if newest else 1
        below = max(waiting - 1, *(point.sequence for point in points), 0)
        found = [Finding(n, n, "two records of one sequence") for n in self._doubled]
        found += [Finding(n, n, "written after the key was revoked") for n in self._late]
        found += self._holes(below)
        found += self._missing_parts(below)
        found += self._unjoined()
        for point in points:
            found += self._against(point)
        return sorted(found, key=lambda one: (one.first, one.last, one.what))

    def _add(self, one: Link) -> None:
        if self._until is not None and one.sequence > self._until.sequence:
            self._late.append(one.sequence)
        elif self._links.setdefault(one.sequence, one).c != one.c:
            self._doubled.append(one.sequence)

    def _parts_gone(self) -> set[bytes]:
        """Return the hashes of parts that a tombstone or a destroyed key accounts for."""
        gone = {part for tomb in self._tombs for part in tomb.parts or ()}
        keys = {key for one in self._erased for key in one.keys}
        gone.update(p.hash for one in self._links.values() for p in one.parts if p.key in keys)
        return gone

    def _newest_revisions(self) -> dict[str, Link]:
        newest: dict[str, Link] = {}
        for one in self._links.values():
            if one.revision >= newest.setdefault(one.id, one).revision:
                newest[one.id] = one
        return newest

    def _lacks(self, one: Link) -> list[str]:
        """Return the names of parts that should be there: the highest revision's, no others."""
        if not self._missing:
            return []
        wanted = {part.hash for part in self._newest_revision[one.id].parts} & self._missing
        return [part.name for part in one.parts if part.hash in wanted]

    def _gone_runs(self) -> list[Run]:
        runs = [(one.first, one.last) for one in self._erased if one.first and one.last]
        return [*runs, *((tomb.of, tomb.of) for tomb in self._tombs if tomb.parts is None)]

    def _holes(self, below: int) -> Iterable[Finding]:
        there = joined([*((n, n) for n in self._links), *self._gone_runs()])
        for (_, before), (after, _) in pairwise([(0, 0), *there]):
            if before + 1 <= min(after - 1, below):
                yield Finding(before + 1, min(after - 1, below), "damage: missing")

    def _missing_parts(self, last: int) -> Iterable[Finding]:
        gone = self._gone_runs() if self._missing else []
        for n, one in self._links.items():
            if n <= last and not any(first <= n <= end for first, end in gone):
                for name in self._lacks(one):
                    yield Finding(n, n, f"damage: part {name} missing")

    def _unjoined(self) -> Iterable[Finding]:
        for n, one in self._links.items():
            if self.c(n - 1) not in (None, one.prev):
                yield Finding(n, n, "prev is not the hash of what stands before")
            if one.gone is not None and self.c(one.gone.of) != one.gone.hash:
                yield Finding(n, n, "a tombstone names another record than is there")
        for run in self._erased:
            if run.first and self.c(run.first - 1) not in (None, run.before):
                yield Finding(run.first, run.first, "an erasure begins after another record")
            if run.last and self.c(run.last) != run.hash:
                yield Finding(run.last, run.last, "an erasure ends with another record")

    def _against(self, point: Point) -> Iterable[Finding]:
        known = self.c(point.sequence)
        is_gone = any(first <= point.sequence <= last for first, last in self._gone_runs())
        if known is None and not is_gone and all(n < point.sequence for n in self._links):
            yield Finding(point.sequence, point.sequence, "damage: cut, the server once had it")
        elif known not in (None, point.hash):
            yield Finding(point.sequence, point.sequence, "another record than was once there")


def joined(runs: Iterable[Run]) -> list[Run]:
    """Return the same sequences as the fewest runs, rising."""
    found: list[Run] = []
    for first, last in sorted(runs):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found
