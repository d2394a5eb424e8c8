"""Which records and pictures leave next: live before backlog, text before pictures."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from contract import record, signature, wrap
from contract.wire import FULL_BYTES, RECORDS_MAX, Batch

# A picture is at most as large as a full batch, so one always goes; and a batch of many small
# ones stays quick to answer.
_PICTURES_MAX = 64


@dataclass(frozen=True, slots=True)
class Leaving:
    """A batch, with what it is of: the records' numbers, or the pictures' hashes."""

    batch: Batch
    sequences: tuple[int, ...] = ()
    pictures: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Taking:
    """What may leave now: so many records, and none of these cameras."""

    records_max: int = RECORDS_MAX
    not_of: frozenset[str] = frozenset()


ANY = Taking()


def next_batch(db: sqlite3.Connection, taking: Taking = ANY) -> Leaving | None:
    """Return what to send now, None where nothing waits."""
    if sequences := _run(db, taking):
        return _of_records(db, sequences)
    return _of_pictures(db)


def _run(db: sqlite3.Connection, taking: Taking) -> list[int]:
    """Return the numbers of the next run of records.

    What was written after the newest that left is live, and goes first, the newest of it. So
    after days without a server the last cars are there at once, and the days follow in order.
    """
    (newest_sent,) = db.execute(
        "SELECT max(sequence) FROM records WHERE state IN ('sent', 'whole')"
    ).fetchone()
    live = db.execute(
        "SELECT sequence, camera FROM records WHERE state = 'waiting' AND sequence > ?"
        " ORDER BY sequence DESC",
        (newest_sent or 0,),
    )
    if run := _joined(live, taking, step=-1):
        return run[::-1]
    backlog = db.execute(
        "SELECT sequence, camera FROM records WHERE state = 'waiting' ORDER BY sequence"
    )
    return _joined(backlog, taking, step=1)


def _joined(rows: Iterable[tuple[int, str | None]], taking: Taking, *, step: int) -> list[int]:
    """Return the first numbers that may leave, as far as none is missing between."""
    run: list[int] = []
    for number, camera in rows:
        if camera in taking.not_of:
            continue
        if len(run) == taking.records_max or (run and number != run[-1] + step):
            break
        run.append(number)
    return run


def _of_records(db: sqlite3.Connection, sequences: list[int]) -> Leaving:
    wraps: dict[bytes, wrap.Wrap] = {}
    records: list[bytes] = []
    parts: list[bytes] = []
    size = 0
    for number in sequences:
        (signed,) = db.execute(
            "SELECT signed FROM records WHERE sequence = ?", (number,)
        ).fetchone()
        texts = [
            sealed
            for (sealed,) in db.execute(
                "SELECT sealed FROM parts WHERE sequence = ? AND mark = x''"
                " AND state <> 'gone' AND sealed IS NOT NULL",
                (number,),
            )
        ]
        size += len(signed) + sum(map(len, texts))
        if records and size > FULL_BYTES:
            break
        records.append(signed)
        parts += texts
        wraps.update(_wraps_of(db, signed))
    batch = Batch(tuple(wraps.values()), tuple(records), tuple(parts))
    return Leaving(batch, sequences=tuple(sequences[: len(records)]))


def _wraps_of(db: sqlite3.Connection, signed: bytes) -> dict[bytes, wrap.Wrap]:
    """Return all wraps that a record names: the server keeps none twice, and may lack any."""
    envelope = record.decoded(signature.parted(signed)[0])
    found = {}
    for key in {part.key for part in envelope.parts}:
        row = db.execute("SELECT wrap FROM wraps WHERE key = ?", (key,)).fetchone()
        if row is not None:
            found[key] = wrap.decoded(row[0])
    return found


def _of_pictures(db: sqlite3.Connection) -> Leaving | None:
    """Return the newest pictures whose records the server has."""
    rows = db.execute(
        "SELECT hash, size FROM parts JOIN records USING (sequence)"
        " WHERE parts.state = 'waiting' AND mark <> x'' AND records.state IN ('sent', 'whole')"
        " ORDER BY sequence DESC LIMIT ?",
        (_PICTURES_MAX,),
    ).fetchall()
    hashes: list[bytes] = []
    size = 0
    for part_hash, part_size in rows:
        size += part_size
        if hashes and size > FULL_BYTES:
            break
        hashes.append(part_hash)
    if not hashes:
        return None
    sealed = [
        db.execute("SELECT sealed FROM parts WHERE hash = ?", (one,)).fetchone()[0]
        for one in hashes
    ]
    return Leaving(Batch(parts=tuple(sealed)), pictures=tuple(hashes))
