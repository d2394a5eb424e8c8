"""The chain of the server's own writer: one for all lots, since it stands in one certificate.

The number of a record is part of what is sealed, so sealing, signing and storing happen in the
transaction that takes the number. The writer's stamp lets one process through at a time: whoever
took the turn meanwhile is a conflict, and the whole transaction is done again.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from contract import record, sealing, signature
from contract.audit import Act, AuditHead
from contract.daykeys import DayKeys
from contract.event import Kind
from contract.head import Erased, Head, RecordType
from contract.record import Envelope, Part, Record
from contract.wrap import Wrap, rsa_public
from lot import times
from lot.errors import Refused, Unreadable
from server.audit.lines import Audit, Clock, Detail
from server.store import lots, pictures, records, texts, wraps, writers
from server.store.database import Database
from server.store.files import HashedFiles
from server.store.pictures import Pictures
from server.store.tables import SERVER
from server.trust_file import TrustFile

_STAMP_BYTES = 16


@dataclass(frozen=True, slots=True)
class House:
    """What the server's writer stands on."""

    database: Database
    wraps: HashedFiles
    pictures: Pictures
    trust: TrustFile
    audit: Audit
    clock: Clock


@dataclass(frozen=True, slots=True)
class Said:
    """What of the next record its head says in clear."""

    type: RecordType
    id: str
    lot: bytes
    at: int  # µs UTC
    camera: str | None = None
    kind: Kind | None = None
    gone: Erased | None = None


class OwnChain:
    """The server's key and the day keys of this process, one set a lot."""

    def __init__(self, house: House, key: Ed25519PrivateKey) -> None:
        self._house = house
        self._key = key
        self._start = signature.chain_start(signature.public_half(key))
        self._writer = signature.writer_id(signature.public_half(key))
        self._keys: dict[bytes, DayKeys] = {}
        self._lock = threading.Lock()

    @property
    def writer(self) -> bytes:
        return self._writer

    def turn(
        self,
        write: Connection,
        act: Act,
        detail: Detail,
        *,
        lot: bytes | None,
        actor: bytes | None = None,
    ) -> Turn:
        """Take the turn and write the audit's line; the records that follow are its witnesses."""
        row = writers.found(write, self._writer)
        if row is None:
            raise Refused("the server's own writer is not certified", then="restore the server")
        writers.restamp(write, row, secrets.token_bytes(_STAMP_BYTES))
        seen = self._house.audit.line(write, act, detail, lot=lot, actor=actor)
        return Turn(self, write, *self.end(write), seen)

    def end(self, read: Connection) -> tuple[int, bytes]:
        """Return how far the chain goes, and its c there."""
        places = [*(one.lot for one in lots.every(read)), SERVER]
        last = records.last_of(read, places, self._writer)
        return (0, self._start) if last is None else (last.sequence, last.c)

    def sealed(self, write: Connection, head: Head, name: str, content: bytes) -> bytes:
        """Return a part, sealed under the day key of its lot, whose wrap is kept."""
        now = self._house.clock.now_us()
        with self._lock:
            keys = self._keys.setdefault(head.lot, DayKeys(self._writer))
        sealed = keys.sealed(
            content,
            head_hash=head.hash,
            name=name,
            under=rsa_public(self._house.trust.pack().statement.current.spki),
            day=_day(write, head.lot, now),
            now=now,
        )
        self._keep(write, head.lot, sealed.wrap, now)
        return sealed.part

    def stored(self, write: Connection, envelope: Envelope, sealed: Mapping[str, bytes]) -> Record:
        """Return the record, signed and stored, the files of its pictures before the rows."""
        made, now = record.signed(envelope, self._key), self._house.clock.now_us()
        lot = made.head.lot
        seen = {part.hash: sealed[part.name] for part in envelope.parts if _is_picture(part)}
        self._house.pictures.put_all(lot, seen)
        pictures.add(write, lot, seen, now)
        read = {part.hash: sealed[part.name] for part in envelope.parts if not _is_picture(part)}
        texts.add(write, lot, read)
        records.add(write, [made], now)
        return made

    def _keep(self, write: Connection, lot: bytes, wrap: Wrap, now: int) -> None:
        if not wraps.there(write, lot, [wrap.key_id]):
            # A wrap must be on the disk before the row that needs it is.
            self._house.wraps.put(lot, wrap.key_id, wrap.data)
            wraps.add(write, lot, [wrap], now)


class Turn:
    """The end of the chain while a transaction has it."""

    def __init__(
        self, chain: OwnChain, write: Connection, sequence: int, c: bytes, seen: AuditHead
    ) -> None:
        self._chain = chain
        self._write = write
        self._sequence = sequence
        self._c = c
        self._seen = seen

    @property
    def next(self) -> int:
        """Return the number that the next record takes."""
        return self._sequence + 1

    def put(self, said: Said, contents: Mapping[str, bytes] | None = None) -> Record:
        """Write the next record with the contents of its parts by their names."""
        head = Head(
            type=said.type,
            id=said.id,
            revision=1,
            lot=said.lot,
            edge=self._chain.writer,
            camera=said.camera,
            lane=None,
            sequence=self.next,
            kind=said.kind,
            at=said.at,
            final=True,
            gone=said.gone,
        )
        sealed = {
            name: self._chain.sealed(self._write, head, name, content)
            for name, content in sorted((contents or {}).items())
        }
        named = tuple(record.part_named(name, head.hash, part) for name, part in sealed.items())
        envelope = Envelope(head, named, self._c, waiting=head.sequence, seen=self._seen)
        made = self._chain.stored(self._write, envelope, sealed)
        self._sequence, self._c = head.sequence, made.c
        return made


def key_in(path: Path) -> Ed25519PrivateKey:
    """Return the server's own key out of its file; Unreadable where there is none."""
    try:
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    except (OSError, ValueError) as error:
        raise Unreadable(
            f"{path} holds no key of the server's own writer",
            then="give it to the user that serves, or restore the server",
        ) from error


def _day(read: Connection, lot: bytes, now: int) -> str:
    """Return the lot's own day: its day keys end at its midnight."""
    found = lots.found(read, lot)
    zone = timezone.utc if found is None else times.zone(found.timezone)
    return datetime.fromtimestamp(now / 1e6, zone).date().isoformat()


def _is_picture(part: Part) -> bool:
    return sealing.pictured(part.name) is not None
