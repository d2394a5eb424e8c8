"""A writer for the tests: it seals, chains and signs as an edge or the server does."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import blind, event, opening, record, sealing, signature
from contract.audit import NOTHING_SEEN
from contract.head import Head, RecordType
from contract.ids import uuid7
from contract.record import Envelope, Part, Record
from contract.sealing import DayKey, KeyClass
from contract.trust import Certificate
from contract.wrap import Wrap, wrapped
from tests.contract import golden

LOT = golden.key("lot")
NOON = 1_800_000_000_000_000
AN_EVENT = event.decoded(golden.named("event 1").data)


@dataclass
class Writer:
    """Its records are numbered and chained in the order in which they are asked for."""

    seed: bytes = b"\x11" * 32
    role: Literal["edge", "server"] = "edge"
    sequence: int = 0
    prev: bytes = b""
    parts: dict[bytes, bytes] = field(default_factory=dict)  # sealed bytes by their hash

    def __post_init__(self) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(self.seed)
        self.public = signature.public_half(self.key)
        self.id = signature.writer_id(self.public)
        self.prev = signature.chain_start(self.public)
        self.wraps: dict[KeyClass, Wrap] = {}
        self.day_keys: dict[KeyClass, DayKey] = {}
        self.found: dict[bytes, opening.DayKeyFound] = {}
        for key_class in ("T", "P"):
            self._draw(key_class)

    @property
    def rights(self) -> Certificate:
        lot, cameras = (LOT, ("gate",)) if self.role == "edge" else (None, ())
        return Certificate(golden.key("server"), lot, self.public, self.role, cameras, NOON)

    @property
    def prk_of(self) -> opening.PrkOf:
        return opening.by_day_keys(self.id, self.found)

    def head(self, record_type: RecordType = "event", **changed: Any) -> Head:
        """Return the head of the next record."""
        sequence = self.sequence + 1
        plain = Head(
            type="event",
            id=uuid7(NOON, sequence),
            revision=1,
            lot=LOT,
            edge=self.id,
            camera="gate",
            lane="1",
            sequence=sequence,
            kind="entry",
            at=NOON,
            final=True,
            gone=None,
        )
        if record_type == "event":
            return replace(plain, **changed)
        camera = "gate" if record_type == "blind" else None
        bare = {"type": record_type, "kind": None, "lane": None, "camera": camera}
        return replace(plain, **(bare | changed))

    def part(self, name: str, content: bytes, head: Head) -> Part:
        key = self.day_keys[sealing.class_of(name)]
        sealed = key.sealed(content, head_hash=head.hash, name=name)
        named = record.part_named(name, head.hash, sealed)
        self.parts[named.hash] = sealed
        return named

    def signed(self, head: Head, *parts: Part, **changed: Any) -> Record:
        """Sign the next record, and go on from it."""
        envelope = Envelope(
            head,
            tuple(sorted(parts, key=lambda part: part.name)),
            self.prev,
            waiting=head.sequence,
            seen=NOTHING_SEEN,
        )
        made = record.signed(replace(envelope, **changed), self.key)
        self.sequence, self.prev = head.sequence, made.c
        return made

    def an_event(
        self, pictures: Mapping[str, bytes] = golden.NOTHING, *extra: Part, **changed: Any
    ) -> Record:
        """Write an event with these pictures; `extra` are those of an earlier revision."""
        head = self.head(**changed)
        parts = [self.part(sealing.picture(n), data, head) for n, data in pictures.items()]
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in pictures.items()}
        said = self.said(head, hashes)
        return self.signed(head, self.part("event", event.encoded(said), head), *parts, *extra)

    def said(self, head: Head, pictures: Mapping[str, str]) -> event.Event:
        """Return an event that agrees with its head."""
        assert head.kind is not None
        assert head.camera is not None
        return replace(
            AN_EVENT,
            id=head.id,
            edge=self.id.hex(),
            camera=head.camera,
            lane=head.lane,
            sequence=head.sequence,
            revision=head.revision,
            final=head.final,
            kind=head.kind,
            first_seen=head.at,
            best_at=head.at,
            last_seen=head.at,
            pictures=dict(pictures),
        )

    def blind_time(self, **changed: Any) -> Record:
        head = self.head("blind")
        said = replace(blind.Blind("gate", head.at, head.at + 9, "no_frames"), **changed)
        return self.signed(head, self.part("event", blind.encoded(said), head))

    def sealed(self, made: Record) -> dict[str, bytes]:
        """Return a record's sealed parts by name."""
        return {part.name: self.parts[part.hash] for part in made.envelope.parts}

    def _draw(self, key_class: KeyClass) -> None:
        secret = hashlib.sha256(self.seed + key_class.encode()).digest()
        under = golden.rsa().public_key()
        wrap = wrapped(secret, under, writer=self.id, key_class=key_class, made=NOON)
        self.wraps[key_class] = wrap
        self.day_keys[key_class] = DayKey(wrap.key_id, key_class, secret)
        self.found[wrap.key_id] = opening.DayKeyFound(wrap, secret)
