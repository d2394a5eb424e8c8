"""How far a writer's records are whole: read from the rows once, then kept up batch by batch.

The writer's stamp says whether what a process remembers still holds: whoever changes what is
stored of a writer draws it anew in the same transaction, so two processes may take one edge's
batches by turns, and neither walks all its records for each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from contract import record, signature
from contract.chain import Run, joined
from contract.head import Erased, Tombstone
from contract.record import Record
from server.ingest.runs import Runs
from server.store import records
from server.store.tables import records as record_table
from server.store.writers import WriterRow

Lacking = Mapping[int, frozenset[bytes]]  # hashes of missing parts by sequence


@dataclass(slots=True)
class Progress:
    """What is whole, what of the rest is missing, and what stands for what is gone."""

    stamp: bytes | None
    whole: Runs
    parts_gone: set[bytes]
    keys_gone: frozenset[bytes]
    erased: Runs  # never stored again
    named: dict[int, bytes]  # c of sequences that a tombstone or an erasure speaks of
    wraps_there: set[bytes] = field(default_factory=set)  # those of its stored wraps it asked for
    _buried: set[int] = field(default_factory=set)
    _lacking: dict[int, set[bytes]] = field(default_factory=dict)
    _wanted: dict[bytes, set[int]] = field(default_factory=dict)

    def lacks(self, sequence: int, hashes: Collection[bytes]) -> None:
        """Say which parts of a stored record are missing; none: it is whole."""
        for one in self._lacking.pop(sequence, ()):
            self._wanted[one].discard(sequence)
        if hashes:
            self._lacking[sequence] = set(hashes)
            for one in hashes:
                self._wanted.setdefault(one, set()).add(sequence)
        if not hashes or self._is_gone(sequence):
            self.whole.add(sequence, sequence)
        else:
            self.whole.remove(sequence)

    def came(self, part: bytes) -> None:
        """Say that a part is there now, or never comes."""
        for sequence in self._wanted.pop(part, ()):
            left = self._lacking[sequence]
            left.discard(part)
            if not left:
                del self._lacking[sequence]
                self.whole.add(sequence, sequence)

    def buried(self, tomb: Tombstone) -> None:
        """Take a tombstone's word for what never comes."""
        self.named[tomb.of] = tomb.hash
        for part in tomb.parts or ():
            self.parts_gone.add(part)
            self.came(part)
        if tomb.parts is None:
            self._buried.add(tomb.of)
            self.whole.add(tomb.of, tomb.of)

    def have(self, most: int) -> tuple[Run, ...]:
        return tuple(self.whole.lowest(most))

    def _is_gone(self, sequence: int) -> bool:
        return sequence in self._buried or sequence in self.erased


@dataclass(frozen=True, slots=True)
class Change:
    """What one committed batch changed."""

    stamp: bytes
    records: tuple[Record, ...]
    parts: tuple[bytes, ...]  # hashes that are there now
    revised: Mapping[int, frozenset[bytes]]  # what records with several revisions lack now


def follow(progress: Progress, change: Change) -> None:
    """Keep up with a batch that was committed."""
    progress.stamp = change.stamp
    for one in change.records:
        if isinstance(one.head.gone, Tombstone):
            progress.buried(one.head.gone)
        progress.lacks(one.head.sequence, change.revised.get(one.head.sequence, frozenset()))
    for part in change.parts:
        progress.came(part)
    for sequence, hashes in change.revised.items():
        progress.lacks(sequence, hashes)


def read_anew(read: Connection, row: WriterRow) -> Progress:
    """Return a writer's progress out of all its rows."""
    places = records.all_places(read, row.lot, row.writer)
    progress = Progress(
        stamp=row.stamp,
        whole=Runs(joined((one.sequence, one.sequence) for one in places)),
        parts_gone=set(),
        keys_gone=frozenset(),
        erased=Runs(),
        named={},
    )
    for gone in _erased(read, row):
        _erase(progress, gone)
    for envelope, _ in records.envelopes(read, row.lot, row.writer, "tombstone"):
        tomb = record.decoded(envelope).head.gone
        if isinstance(tomb, Tombstone):
            progress.buried(tomb)
    ids = records.ids_lacking(read, row.lot, row.writer)
    for sequence, hashes in lacking(read, row, progress, ids).items():
        progress.lacks(sequence, hashes)
    return progress


def lacking(
    read: Connection,
    row: WriterRow,
    progress: Progress,
    ids: Collection[str],
    gone: Collection[bytes] = (),
) -> dict[int, frozenset[bytes]]:
    """Return which parts each record of these ids lacks, of each revision that is there.

    A part that only an earlier revision names is not waited for.
    """
    named = records.named_by(read, row.lot, row.writer, ids)
    highest: dict[str, int] = {}
    for one in named:
        highest[one.id] = max(one.revision, highest.get(one.id, 0))
    wanted = {
        (one.id, one.part.hash) for one in named if one.revision == highest[one.id] and one.part
    }
    found: dict[int, set[bytes]] = {one.sequence: set() for one in named}
    for one in named:
        part = one.part
        if (
            part is not None
            and not one.is_there
            and (one.id, part.hash) in wanted
            and part.hash not in progress.parts_gone
            and part.hash not in gone
            and part.key not in progress.keys_gone
        ):
            found[one.sequence].add(part.hash)
    return {sequence: frozenset(hashes) for sequence, hashes in found.items()}


def c_of(read: Connection, row: WriterRow, progress: Progress, public: bytes, n: int) -> bytes:
    """Return c_n of a sequence that is whole, or of 0."""
    if n == 0:
        return signature.chain_start(public)
    stored = records.at_places(read, row.lot, row.writer, [n])
    return stored[0].c if stored else progress.named[n]


def _erased(read: Connection, row: WriterRow) -> Iterable[Erased]:
    c = record_table.c
    wanted = select(c.envelope).where(c.lot == row.lot, c.type == "erased")
    for envelope in read.scalars(wanted):
        gone = record.decoded(envelope).head.gone
        if isinstance(gone, Erased) and gone.edge == row.writer:
            yield gone


def _erase(progress: Progress, gone: Erased) -> None:
    progress.keys_gone |= frozenset(gone.keys)
    if gone.first is not None and gone.last is not None:
        assert gone.hash is not None
        assert gone.before is not None
        progress.erased.add(gone.first, gone.last)
        progress.whole.add(gone.first, gone.last)
        progress.named[gone.last] = gone.hash
        if gone.first > 1:
            progress.named[gone.first - 1] = gone.before
