"""Records as they were signed, and the parts they name; the columns are copies to find them by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    func,
    insert,
    select,
    union_all,
)

from contract.chain import NamedPart
from contract.record import Record
from contract.signature import SIGNATURE_BYTES
from server.store.tables import conflicts, parts, pictures, records, texts

Key = TypeVar("Key")

_AT_ONCE = 500  # of a statement's list; SQLite takes so many thousand, and no more


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands: what a newcomer is compared with."""

    sequence: int
    id: str
    revision: int
    c: bytes
    prev: bytes


def beside(
    read: Connection, lot: bytes, writer: bytes, first: int, last: int, ids: Collection[str]
) -> list[Place]:
    """Return what stands from the one before `first` to the one after `last`, and of these ids."""
    asked = {"lot": lot, "writer": writer, "low": first - 1, "high": last + 1, "ids": list(ids)}
    found = [Place(*row) for row in read.execute(_BESIDE, asked)]
    return list({one.sequence: one for one in found}.values())


def at_places(read: Connection, lot: bytes, writer: bytes, these: Collection[int]) -> list[Place]:
    """Return the records of these sequences that are there."""
    if not these:
        return []
    return _places(read, _PLACE.where(*_of(lot, writer), records.c.sequence.in_(list(these))))


def of_ids(read: Connection, lot: bytes, writer: bytes, ids: Collection[str]) -> list[Place]:
    """Return every revision of these ids that is there."""
    found: list[Place] = []
    for some in _chunks(list(ids)):
        found += _places(read, _PLACE.where(*_of(lot, writer), records.c.id.in_(some)))
    return found


def all_places(read: Connection, lot: bytes, writer: bytes) -> list[Place]:
    """Return every record of a writer, rising: at a process's first use of it, and not again."""
    return _places(read, _PLACE.where(*_of(lot, writer)).order_by(records.c.sequence))


def last_of(read: Connection, places: Iterable[bytes], writer: bytes) -> Place | None:
    """Return the newest record of a writer whose chain goes over these lots."""
    found: list[Place] = []
    for lot in places:  # each is one step down an index, all at once would be a walk
        newest = _PLACE.where(*_of(lot, writer)).order_by(records.c.sequence.desc()).limit(1)
        found += _places(read, newest)
    return max(found, key=lambda one: one.sequence, default=None)


def envelopes_from(
    read: Connection, places: Collection[bytes], writer: bytes, first: int
) -> list[bytes]:
    """Return a writer's envelopes over these lots from a sequence on, rising."""
    c = records.c
    wanted = select(c.envelope).where(c.lot.in_(list(places)), c.writer == writer)
    return list(read.scalars(wanted.where(c.sequence >= first).order_by(c.sequence)))


def envelopes(
    read: Connection, lot: bytes, writer: bytes, record_type: str
) -> list[tuple[bytes, bytes]]:
    """Return envelope and signature of a writer's records of one type, rising."""
    wanted = select(records.c.envelope, records.c.signature).where(*_of(lot, writer))
    wanted = wanted.where(records.c.type == record_type).order_by(records.c.sequence)
    return [(row.envelope, row.signature) for row in read.execute(wanted)]


@dataclass(frozen=True, slots=True)
class Naming:
    """A record with a part that it names; without one where it names none."""

    sequence: int
    id: str
    revision: int
    part: NamedPart | None
    is_there: bool


def ids_lacking(read: Connection, lot: bytes, writer: bytes) -> list[str]:
    """Return the ids of which any revision names a part that is not there."""
    lack = (parts.c.hash.is_not(None), texts.c.hash.is_(None), pictures.c.hash.is_(None))
    wanted = select(records.c.id).distinct().select_from(_NAMED)
    return list(read.scalars(wanted.where(*_of(lot, writer), *lack)))


def named_by(read: Connection, lot: bytes, writer: bytes, ids: Collection[str]) -> list[Naming]:
    """Return every revision of these ids with each part that it names."""
    found: list[Naming] = []
    for some in _chunks(list(ids)):
        asked = {"lot": lot, "writer": writer, "ids": some}
        for row in read.execute(_NAMINGS, asked):
            part = None if row.hash is None else NamedPart(row.name, row.key, row.hash)
            is_there = row.as_text is not None or row.as_picture is not None
            found.append(Naming(row.sequence, row.id, row.revision, part, is_there))
    return found


def names_of_parts(
    read: Connection, lot: bytes, writer: bytes, hashes: Collection[bytes]
) -> dict[bytes, tuple[str, bytes]]:
    """Return name and key of those of the hashes that a stored record of this writer names."""
    if not hashes:
        return {}
    p = parts.c
    wanted = select(p.hash, p.name, p.key).where(p.lot == lot, p.hash.in_(list(hashes)))
    return {r.hash: (r.name, r.key) for r in read.execute(wanted.where(p.writer == writer))}


def parts_there(
    read: Connection, lot: bytes, of_texts: Collection[bytes], of_pictures: Collection[bytes]
) -> set[bytes]:
    """Return those of the hashes whose parts are stored."""
    if not (of_texts or of_pictures):
        return set()
    asked = {"lot": lot, "texts": list(of_texts), "pictures": list(of_pictures)}
    return set(read.scalars(_THERE, asked))


def keys_named(read: Connection, lot: bytes, writer: bytes, keys: Collection[bytes]) -> set[bytes]:
    """Return those of the keys that a stored record of this writer names."""
    if not keys:
        return set()
    p = parts.c
    wanted = select(p.key).distinct().where(p.lot == lot, p.key.in_(list(keys)))
    return set(read.scalars(wanted.where(p.writer == writer)))


def bytes_since(read: Connection, lot: bytes, writer: bytes, since: int) -> int:
    """Return how many bytes of a writer came since a time."""
    wanted = select(func.coalesce(func.sum(records.c.bytes), 0)).where(*_of(lot, writer))
    return int(read.scalar(wanted.where(records.c.received >= since)) or 0)


def size(one: Record) -> int:
    """Return a record's bytes with its parts; a picture of an earlier revision counted there."""
    new = sum(part.size for part in one.envelope.parts if part.head == one.envelope.head_hash)
    return len(one.data) + SIGNATURE_BYTES + new


def add(write: Connection, these: Sequence[Record], received: int) -> None:
    """Add records with the parts they name."""
    if not these:
        return
    write.execute(_ADD, [_row(one, received) for one in these])
    named = [row for one in these for row in _part_rows(one)]
    if named:
        write.execute(_ADD_PARTS, named)


def add_conflicts(write: Connection, these: Iterable[Record], received: int) -> None:
    """Keep records that contradict what is there; one that is kept already is passed over."""
    for one in these:
        head, c = one.head, conflicts.c
        known = select(c.c).where(c.lot == head.lot, c.writer == head.edge, c.c == one.c)
        if write.scalar(known) is None:
            row = {
                "lot": head.lot,
                "writer": head.edge,
                "c": one.c,
                "sequence": head.sequence,
                "envelope": one.data,
                "signature": one.signature,
                "received": received,
            }
            write.execute(insert(conflicts), row)


_PLACE = select(records.c.sequence, records.c.id, records.c.revision, records.c.c, records.c.prev)
# What every batch asks is made once: to make a statement takes longer than to ask it.
_ADD, _ADD_PARTS = insert(records), insert(parts)
_MINE = _PLACE.where(records.c.lot == bindparam("lot"), records.c.writer == bindparam("writer"))
# Two walks, each down an index of its own; with an `or` the database would walk one of them to its
# end.
_BESIDE = union_all(
    _MINE.where(records.c.sequence.between(bindparam("low"), bindparam("high"))),
    _MINE.where(records.c.id.in_(bindparam("ids", expanding=True))),
)
_THERE = union_all(
    select(texts.c.hash).where(
        texts.c.lot == bindparam("lot"), texts.c.hash.in_(bindparam("texts", expanding=True))
    ),
    select(pictures.c.hash).where(
        pictures.c.lot == bindparam("lot"),
        pictures.c.hash.in_(bindparam("pictures", expanding=True)),
    ),
)
_NAMED = (
    records.outerjoin(
        parts,
        (parts.c.lot == records.c.lot)
        & (parts.c.writer == records.c.writer)
        & (parts.c.sequence == records.c.sequence),
    )
    .outerjoin(texts, (texts.c.lot == parts.c.lot) & (texts.c.hash == parts.c.hash))
    .outerjoin(pictures, (pictures.c.lot == parts.c.lot) & (pictures.c.hash == parts.c.hash))
)
_NAMINGS = (
    select(
        records.c.sequence,
        records.c.id,
        records.c.revision,
        parts.c.name,
        parts.c.key,
        parts.c.hash,
        texts.c.hash.label("as_text"),
        pictures.c.hash.label("as_picture"),
    )
    .select_from(_NAMED)
    .where(
        records.c.lot == bindparam("lot"),
        records.c.writer == bindparam("writer"),
        records.c.id.in_(bindparam("ids", expanding=True)),
    )
)


def _of(lot: bytes, writer: bytes) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return records.c.lot == lot, records.c.writer == writer


def _chunks(entries: list[Key]) -> Iterable[list[Key]]:
    for at in range(0, len(entries), _AT_ONCE):
        yield entries[at : at + _AT_ONCE]


def _places(read: Connection, wanted: Select[tuple[int, str, int, bytes, bytes]]) -> list[Place]:
    return [Place(*row) for row in read.execute(wanted)]


def _row(one: Record, received: int) -> dict[str, object]:
    head = one.head
    return {
        "lot": head.lot,
        "writer": head.edge,
        "sequence": head.sequence,
        "c": one.c,
        "prev": one.envelope.prev,
        "type": head.type,
        "id": head.id,
        "revision": head.revision,
        "camera": head.camera,
        "lane": head.lane,
        "kind": head.kind,
        "at": head.at,
        "final": head.final,
        "waiting": one.envelope.waiting,
        "envelope": one.data,
        "signature": one.signature,
        "received": received,
        "bytes": size(one),
    }


def _part_rows(one: Record) -> Iterable[dict[str, object]]:
    for part in one.envelope.parts:
        yield {
            "lot": one.head.lot,
            "writer": one.head.edge,
            "sequence": one.head.sequence,
            "name": part.name,
            "key": part.key,
            "size": part.size,
            "hash": part.hash,
            "head": part.head,
        }
