"""Records as this edge writes them: sealed and signed while the outbox holds their number.

Nothing here stores or sends. The number is part of what is sealed, so all of it happens between
the outbox giving a number and committing it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from contract import blind, event, record, sealing
from contract.audit import AuditHead
from contract.blind import Blind
from contract.daykeys import DayKeys
from contract.digest import H
from contract.event import Event
from contract.head import Head, RecordType, Tombstone
from contract.ids import RANDOM_BITS, uuid7
from contract.record import Envelope, Part, Record
from contract.wrap import Wrap

OWN_PART = "event"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the chain the next record stands."""

    sequence: int
    prev: bytes
    waiting: int
    seen: AuditHead


@dataclass(frozen=True, slots=True)
class SealedPart:
    """A part with its bytes, and what tells its picture again in a later revision."""

    named: Part
    sealed: bytes = field(repr=False)
    mark: bytes = b""


@dataclass(frozen=True, slots=True)
class Written:
    """A record, what was sealed for it, and the wraps of that."""

    record: Record
    sealed: tuple[SealedPart, ...] = ()
    wraps: tuple[Wrap, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A part of an earlier revision, as the outbox knows it."""

    named: Part
    mark: bytes


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is: the wall clock, and the lot's own day."""

    at: int  # µs UTC
    day: Hashable


class Writer:
    """Seals and signs for one edge; the day keys are this process's own."""

    def __init__(
        self,
        key: Ed25519PrivateKey,
        *,
        edge: bytes,
        lot: bytes,
        under: Callable[[], RSAPublicKey],
        now: Callable[[], Moment],
    ) -> None:
        self._key = key
        self._edge = edge
        self._lot = lot
        self._under = under
        self._now = now
        self._keys = DayKeys(edge)

    @property
    def now(self) -> int:
        """Return the wall clock that its records go by."""
        return self._now().at

    def event(
        self, said: Event, pictures: Mapping[str, bytes], place: Place, kept: Sequence[Kept]
    ) -> Written:
        """Write one revision of an event.

        A picture that an earlier revision sealed, one of `kept`, is named again and not sealed a
        second time, given or not. ValueError where it names one that is neither given nor kept.
        """
        _check_given(said, pictures)
        whole = replace(said, edge=self._edge.hex(), sequence=place.sequence)
        head = Head(
            type="event",
            id=said.id,
            revision=said.revision,
            lot=self._lot,
            edge=self._edge,
            camera=said.camera,
            lane=said.lane,
            sequence=place.sequence,
            kind=said.kind,
            at=said.at,
            final=said.final,
            gone=None,
        )
        work = self._sealing(head)
        work.seal(OWN_PART, event.encoded(whole))
        earlier = []
        for name in said.pictures:
            if (again := kept_named(name, said.pictures[name], kept)) is not None:
                earlier.append(again)
            elif name in pictures:
                work.seal(sealing.picture(name), pictures[name])
            else:
                raise ValueError(f"picture {name} was neither given nor sealed before")
        return self._signed(head, work, place, earlier)

    def blind(self, said: Blind, place: Place) -> Written:
        """Write blind time, which is told once."""
        head = self._bare("blind", place, at=said.first, camera=said.camera)
        work = self._sealing(head)
        work.seal(OWN_PART, blind.encoded(said))
        return self._signed(head, work, place)

    def tombstone(self, gone: Tombstone, place: Place) -> Written:
        """Write that an earlier record, or parts of one, never come."""
        head = self._bare("tombstone", place, at=self._now().at, camera=None, gone=gone)
        return self._signed(head, self._sealing(head), place)

    def _bare(
        self,
        kind: RecordType,
        place: Place,
        *,
        at: int,
        camera: str | None,
        gone: Tombstone | None = None,
    ) -> Head:
        return Head(
            type=kind,
            id=uuid7(at, secrets.randbits(RANDOM_BITS)),
            revision=1,
            lot=self._lot,
            edge=self._edge,
            camera=camera,
            lane=None,
            sequence=place.sequence,
            kind=None,
            at=at,
            final=True,
            gone=gone,
        )

    def _sealing(self, head: Head) -> _Sealing:
        return _Sealing(head.hash, self._keys, self._under(), self._now())

    def _signed(
        self, head: Head, work: _Sealing, place: Place, earlier: Sequence[Part] = ()
    ) -> Written:
        parts = [*(one.named for one in work.parts), *earlier]
        envelope = Envelope(
            head,
            tuple(sorted(parts, key=lambda part: part.name)),
            place.prev,
            place.waiting,
            place.seen,
        )
        return Written(
            record.signed(envelope, self._key), tuple(work.parts), tuple(work.wraps.values())
        )


class _Sealing:
    """Seals the parts of one record."""

    def __init__(self, head_hash: bytes, keys: DayKeys, under: RSAPublicKey, now: Moment) -> None:
        self._head_hash = head_hash
        self._keys = keys
        self._under = under
        self._now = now
        self.parts: list[SealedPart] = []
        self.wraps: dict[bytes, Wrap] = {}

    def seal(self, name: str, content: bytes) -> None:
        sealed = self._keys.sealed(
            content,
            head_hash=self._head_hash,
            name=name,
            under=self._under,
            day=self._now.day,
            now=self._now.at,
        )
        named = record.part_named(name, self._head_hash, sealed.part)
        is_picture = sealing.pictured(name) is not None
        mark = mark_of(named, H(content).hex()) if is_picture else b""
        self.parts.append(SealedPart(named, sealed.part, mark))
        self.wraps[sealed.wrap.key_id] = sealed.wrap


def mark_of(named: Part, plain_hash: str) -> bytes:
    """Return what tells a picture again by its plain hash.

    Not that hash itself: it says nothing about the picture to who has not got it already, but
    what lies on this disk should not even be comparable between two events.
    """
    return H(b"lot/outbox/1", named.hash, plain_hash.encode())


def _check_given(said: Event, pictures: Mapping[str, bytes]) -> None:
    for name, data in pictures.items():
        if said.pictures.get(name) != H(data).hex():
            raise ValueError(f"picture {name} is not the one that its event names")


def kept_named(name: str, plain_hash: str, kept: Sequence[Kept]) -> Part | None:
    """Return the part that a picture was sealed as before, None where nothing is known of it."""
    for one in kept:
        is_same_name = one.named.name == sealing.picture(name)
        if is_same_name and one.mark == mark_of(one.named, plain_hash):
            return one.named
    return None
