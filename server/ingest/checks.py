"""Whether a batch may be stored: every check between its bytes and the first file that is written.

Nothing here writes. What waits, what is refused for good and what closes the chain are told apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from contract import opening, record, sealing, signature, wire
from contract.canonical import Malformed, reading
from contract.head import Tombstone
from contract.record import Part, Record
from contract.trust import Certificate
from contract.wire import Batch, There
from contract.wrap import Wrap
from lot.errors import Damaged
from server.ingest.progress import Progress
from server.ingest.refusals import CameraUnknown, NeverTaken, Revoked, Unreadable
from server.store import records, wraps
from server.store.records import Place
from server.store.writers import WriterRow


@dataclass(frozen=True, slots=True)
class New:
    """What of a batch is to be stored."""

    records: tuple[Record, ...]
    wraps: tuple[Wrap, ...]
    texts: Mapping[bytes, bytes]  # sealed bytes by their hash
    pictures: Mapping[bytes, bytes]
    revised: frozenset[str]  # ids whose other revisions are here, or that come without a part

    @property
    def is_nothing(self) -> bool:
        return not (self.records or self.wraps or self.texts or self.pictures)


@dataclass(frozen=True, slots=True)
class Beside:
    """What is stored already where a batch's records belong; asked once, needed twice."""

    near: Sequence[Place] = ()  # their sequences, the one before and the one after
    revisions: Sequence[Place] = ()  # of their ids


def decoded(data: bytes) -> Batch:
    try:
        return wire.batch_decoded(data)
    except Damaged as fault:
        raise Unreadable(fault.what, then="look at the edge's version and the link") from None


def opened(batch: Batch, rights: Certificate) -> list[Record]:
    """Return a batch's records if their writer may send them."""
    return [_opened(batch, at, rights) for at in range(len(batch.records))]


def beside(read: Connection, row: WriterRow, found: Sequence[Record]) -> Beside:
    """Return what a batch's records are to be compared with."""
    if not found:
        return Beside()
    first, last = found[0].head.sequence, found[-1].head.sequence
    ids = {one.head.id for one in found}
    places = records.beside(read, row.lot, row.writer, first, last, ids)
    return Beside(
        [one for one in places if first - 1 <= one.sequence <= last + 1],
        [one for one in places if one.id in ids],
    )


def contradictions(
    read: Connection, row: WriterRow, found: Sequence[Record], progress: Progress, stored: Beside
) -> list[Record]:
    """Return those records that cannot stand beside what is stored, tombstoned or erased."""
    tombs = [one.head.gone for one in found if isinstance(one.head.gone, Tombstone)]
    of = records.at_places(read, row.lot, row.writer, [one.of for one in tombs])
    known = {**progress.named, **{one.sequence: one.c for one in [*of, *stored.near]}}
    after = {one.sequence: one.prev for one in stored.near}
    numbered = {(one.id, one.revision): one.sequence for one in stored.revisions}
    wrong: list[Record] = []
    for one in found:
        head = one.head
        same = numbered.setdefault((head.id, head.revision), head.sequence)
        is_other = known.get(head.sequence, one.c) != one.c or same != head.sequence
        unjoined = (
            known.get(head.sequence - 1, one.envelope.prev) != one.envelope.prev
            or after.get(head.sequence + 1, one.c) != one.c
        )
        known.setdefault(head.sequence, one.c)
        if is_other or unjoined or _misnames(head.gone, known):
            wrong.append(one)
    return wrong


def new(
    read: Connection,
    row: WriterRow,
    batch: Batch,
    found: Sequence[Record],
    progress: Progress,
    rsa_ids: Collection[bytes],
    stored: Beside,
) -> New:
    """Return what of a batch is not there yet; its pieces must belong together."""
    parts = dict(zip(batch.hashes, batch.parts, strict=True))
    named = {part.hash: part for one in found for part in one.envelope.parts}
    elsewhere = records.names_of_parts(read, row.lot, row.writer, parts.keys() - named.keys())
    _check_together(read, row, batch, found, progress, rsa_ids, elsewhere)
    _check_parts(batch, found, parts)
    known = {one.sequence for one in stored.near}
    fresh = tuple(
        one
        for one in found
        if one.head.sequence not in known and one.head.sequence not in progress.erased
    )
    names = {one: (part.name, part.key) for one, part in named.items()} | elsewhere
    texts = {one: data for one, data in parts.items() if _is_text(names[one][0])}
    pictures = {one: data for one, data in parts.items() if one not in texts}
    there = records.parts_there(read, row.lot, texts, pictures)
    wanted = {part.hash for one in fresh for part in one.envelope.parts} | elsewhere.keys()
    wanted |= {p.hash for one in found if one.head.sequence in known for p in one.envelope.parts}
    take = {
        one
        for one in parts
        if one in wanted and one not in there and names[one][1] not in progress.keys_gone
    }
    wrapped = wraps.there(read, row.lot, {one.key_id for one in batch.wraps})
    return New(
        records=fresh,
        wraps=tuple(
            one
            for one in batch.wraps
            if one.key_id not in wrapped and one.key_id not in progress.keys_gone
        ),
        texts={one: data for one, data in texts.items() if one in take},
        pictures={one: data for one, data in pictures.items() if one in take},
        revised=_revised(fresh, take, stored.revisions),
    )


def _opened(batch: Batch, at: int, rights: Certificate) -> Record:
    try:
        return opening.admitted(batch.records[at], rights)
    except Damaged as fault:
        told = fault
    sequence = _sequence(batch, at)
    try:
        found = record.opened(batch.records[at], rights.public)
    except Damaged:
        raise NeverTaken(told, sequence) from None
    if rights.until is not None and found.head.sequence >= rights.until.sequence:
        raise Revoked("the edge's key was revoked", then="enrol it anew")
    others = replace(rights, cameras=_with_camera(rights, found), until=None)
    try:
        opening.admitted(batch.records[at], others)
    except Damaged:
        raise NeverTaken(told, sequence) from None
    raise CameraUnknown(
        "a record's camera is not in the edge's certificate",
        then="add it with python -m server edge camera, then it goes on by itself",
    )


def _with_camera(rights: Certificate, found: Record) -> tuple[str, ...]:
    camera = found.head.camera
    if rights.role != "edge" or camera is None or camera in rights.cameras:
        return rights.cameras
    return (*rights.cameras[1:], camera)  # as many as may be: only this one is asked about


def _sequence(batch: Batch, at: int) -> int | None:
    """Return which record stands there, by its own word or by that of another of the run.

    A batch is a contiguous run. Who lies about it only refuses a record of its own.
    """
    for number, data in enumerate(batch.records):
        try:
            envelope, _ = signature.parted(data)
            return record.decoded(envelope).head.sequence - number + at
        except (Damaged, Malformed):
            continue
    return None


def _misnames(gone: object, known: Mapping[int, bytes]) -> bool:
    return isinstance(gone, Tombstone) and known.get(gone.of, gone.hash) != gone.hash


def _check_together(
    read: Connection,
    row: WriterRow,
    batch: Batch,
    found: Sequence[Record],
    progress: Progress,
    rsa_ids: Collection[bytes],
    elsewhere: Mapping[bytes, tuple[str, bytes]],
) -> None:
    brought = {one.key_id for one in batch.wraps}
    named = {part.key for one in found for part in one.envelope.parts}
    if unknown := named - brought - progress.wraps_there:
        progress.wraps_there |= wraps.there(read, row.lot, unknown)
    earlier = records.keys_named(read, row.lot, row.writer, brought - named)
    there = There(
        wrap=lambda key: key in progress.wraps_there or key in progress.keys_gone,
        names_wrap=lambda key: key in earlier,
        names_part=lambda part: part in elsewhere,
    )
    under = {one.rsa for one in batch.wraps}
    known = {one for one in under if one in rsa_ids or wraps.knows_rsa(read, one)}
    try:
        wire.check_batch(batch, found, edge=row.writer, rsa_ids=known, there=there)
    except Damaged as fault:
        strange = {one.key_id for one in batch.wraps if one.rsa not in known}
        raise NeverTaken(fault, _naming(found, strange)) from None


def _naming(found: Sequence[Record], keys: Collection[bytes]) -> int | None:
    """Return the first record that names one of the keys: it can never be opened."""
    for one in found:
        if any(part.key in keys for part in one.envelope.parts):
            return one.head.sequence
    return None


def _check_parts(batch: Batch, found: Sequence[Record], parts: Mapping[bytes, bytes]) -> None:
    classes = {one.key_id: one.key_class for one in batch.wraps}
    for one in found:
        for part in one.envelope.parts:
            try:
                _check_part(part, parts.get(part.hash), classes)
            except Damaged as fault:
                raise NeverTaken(fault, one.head.sequence) from None


@reading("a part of its record")
def _check_part(part: Part, data: bytes | None, classes: Mapping[bytes, str]) -> None:
    if classes.get(part.key, sealing.class_of(part.name)) != sealing.class_of(part.name):
        raise Malformed("the wrap of a part is of another class")
    if data is None:
        return
    if len(data) != part.size or sealing.read(data, name=part.name).key_id != part.key:
        raise Malformed("a part is not the one that was signed")


def _revised(
    fresh: Sequence[Record], brought: Collection[bytes], there: Iterable[Place]
) -> frozenset[str]:
    known = {one.id for one in there} & {one.head.id for one in fresh}
    several = known | set(_twice([one.head.id for one in fresh]))
    lacking = {
        one.head.id for one in fresh if any(part.hash not in brought for part in one.envelope.parts)
    }
    return frozenset(several | lacking)


def _twice(ids: Sequence[str]) -> Iterator[str]:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            yield one
        seen.add(one)


def _is_text(name: str) -> bool:
    return sealing.class_of(name) != "P"
