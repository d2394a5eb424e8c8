"""The sealed parts of a writer's records, and the wraps they lie under: there, and as signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from sqlalchemy import Connection, select

from contract import sealing, wrap
from contract.digest import H
from contract.record import Part, Record
from lot.errors import Damaged
from server.store.tables import texts

Texts = Mapping[tuple[bytes, bytes], bytes]  # sealed bytes by lot and hash


class Kept(Protocol):
    """Files named by a hash, as pictures and wraps are."""

    def get(self, lot: bytes, name: bytes, /) -> bytes | None:
        """Return a file's bytes, None where there is none."""


class Parts:
    """Looks at the parts of one writer; each wrap is read once."""

    def __init__(
        self, writer: bytes, pictures: Kept, wraps: Kept, keys_erased: frozenset[bytes]
    ) -> None:
        self._writer = writer
        self._pictures = pictures
        self._wraps = wraps
        self._keys_erased = keys_erased
        self._wrap_faults: dict[bytes, str] = {}  # empty where nothing is wrong

    def lacking(self, one: Record, sealed: Texts) -> list[Part]:
        """Return those parts of a record that are not there at all."""
        return [part for part in one.envelope.parts if self._data(one, part, sealed) is None]

    def faults(self, one: Record, sealed: Texts) -> Iterator[str]:
        """Say what is wrong with the parts that are there."""
        lot = one.head.lot
        for part in one.envelope.parts:
            data = self._data(one, part, sealed)
            if data is None:
                continue
            if not _is_signed(part, data):
                yield f"part {part.name} is not the one that was signed"
            if part.key not in self._keys_erased and (fault := self._wrap_fault(lot, part)):
                yield f"part {part.name}: its wrap {part.key.hex()[:16]} {fault}"

    def _data(self, one: Record, part: Part, sealed: Texts) -> bytes | None:
        if sealing.class_of(part.name) == "P":
            return self._pictures.get(one.head.lot, part.hash)
        return sealed.get((one.head.lot, part.hash))

    def _wrap_fault(self, lot: bytes, part: Part) -> str:
        if part.key not in self._wrap_faults:
            self._wrap_faults[part.key] = self._looked_at(lot, part)
        return self._wrap_faults[part.key]

    def _looked_at(self, lot: bytes, part: Part) -> str:
        data = self._wraps.get(lot, part.key)
        if data is None:
            return "is missing"
        try:
            found = wrap.decoded(data)
        except Damaged:
            return "is damaged"
        right = (part.key, self._writer, sealing.class_of(part.name))
        if (found.key_id, found.writer, found.key_class) != right:
            return "is another one than was signed"
        return ""


def sealed_texts(read: Connection, made: Sequence[Record]) -> Texts:
    """Return the sealed texts of these records that are there."""
    wanted: dict[bytes, list[bytes]] = {}
    for one in made:
        hashes = [part.hash for part in one.envelope.parts if sealing.class_of(part.name) != "P"]
        wanted.setdefault(one.head.lot, []).extend(hashes)
    found: dict[tuple[bytes, bytes], bytes] = {}
    for lot, hashes in wanted.items():
        mine = select(texts.c.hash, texts.c.sealed).where(texts.c.lot == lot)
        for name, sealed in read.execute(mine.where(texts.c.hash.in_(hashes))):
            found[lot, name] = sealed
    return found


def _is_signed(part: Part, data: bytes) -> bool:
    if len(data) != part.size or H(data) != part.hash:
        return False
    try:
        return sealing.read(data, name=part.name).key_id == part.key
    except Damaged:
        return False
