"""A record: the envelope that joins a head to its parts and to the record before, and signed.

The envelope's bytes are kept as they came: they decide, and columns made of them are copies.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from itertools import pairwise

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import canonical, sealing, signature
from contract.audit import AuditHead, audit_head
from contract.canonical import Fields, Malformed, at_most, matching, sized, within
from contract.digest import DIGEST_BYTES, H
from contract.event import PICTURE_NAME
from contract.head import HEAD_FIELDS, PARTS_MAX, Head, RecordType, head_object, head_read

ENVELOPE_BYTES_MAX = 64 * 1024

# The part that each type of record must have; the other types have none.
_OWN_PART: Mapping[RecordType, str] = {"event": "event", "blind": "event", "note": "note"}


@dataclass(frozen=True, slots=True)
class Part:
    """One sealed part, as the envelope names it."""

    name: str
    key: bytes  # the id of its wrap
    size: int
    hash: bytes  # of the sealed bytes
    head: bytes  # H of the head it was sealed under

    def __post_init__(self) -> None:
        if (picture := sealing.pictured(self.name)) is not None:
            matching("a picture's name", picture, PICTURE_NAME)
        sealing.check_size(self.name, self.size)
        for name, value in (("key", self.key), ("hash", self.hash), ("head", self.head)):
            sized(f"a part's {name}", value, DIGEST_BYTES)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is signed: the head, the parts, the record before."""

    head: Head
    parts: tuple[Part, ...]
    prev: bytes
    waiting: int  # the lowest of its own that the server has not acknowledged as whole
    seen: AuditHead
    head_hash: bytes = field(init=False, repr=False, compare=False)  # H(head), asked for often

    def __post_init__(self) -> None:
        object.__setattr__(self, "head_hash", self.head.hash)
        sized("prev", self.prev, DIGEST_BYTES)
        within("waiting", self.waiting, 1, self.head.sequence)
        at_most("parts", self.parts, PARTS_MAX)
        if any(a.name >= b.name for a, b in pairwise(self.parts)):
            raise Malformed("parts are not by name, each once")
        _check_parts(self)


@dataclass(frozen=True, slots=True)
class Record:
    """An envelope with its bytes as they were signed, and the signature."""

    envelope: Envelope
    data: bytes
    signature: bytes
    c: bytes = field(init=False, repr=False, compare=False)  # c_n: its place in its writer's chain

    def __post_init__(self) -> None:
        object.__setattr__(self, "c", signature.chain_next(self.data))

    @property
    def head(self) -> Head:
        return self.envelope.head

    @property
    def signed(self) -> bytes:
        return self.data + self.signature


def part_named(name: str, head_hash: bytes, sealed: bytes) -> Part:
    """Return how the envelope names a part that was sealed under a head."""
    key_id = sealing.read(sealed, name=name).key_id
    return Part(name, key_id, len(sealed), H(sealed), head_hash)


def signed(envelope: Envelope, key: Ed25519PrivateKey) -> Record:
    """Return the record; Malformed where it would be larger than the wire takes."""
    data = encoded(envelope)
    at_most("an envelope's bytes", data, ENVELOPE_BYTES_MAX)
    c = signature.chain_next(data)
    return Record(envelope, data, signature.signature(key, signature.RECORD, c))


@canonical.reading("a record")
def opened(data: bytes, public: bytes, *, prev: bytes | None = None) -> Record:
    """Return the record of envelope ‖ signature; Damaged if the writer did not sign it so.

    `prev` is the c before it, where it is known. The signature is looked at before a byte of the
    envelope is parsed.
    """
    envelope_bytes, given = signature.parted(data)
    c = signature.chain_next(envelope_bytes)
    signature.check(public, given, signature.RECORD, c)
    envelope = decoded(envelope_bytes)
    if envelope.head.edge != signature.writer_id(public):
        raise Malformed("its edge is not the writer that signed it")
    if envelope.head.sequence == 1:
        prev = signature.chain_start(public)
    if prev is not None and envelope.prev != prev:
        raise Malformed("its prev is not the record before")
    return Record(envelope, envelope_bytes, given)


def encoded(envelope: Envelope) -> bytes:
    """Return the bytes of an envelope, which are chained and signed."""
    return canonical.encoded(
        {
            "v": canonical.VERSION,
            "head": head_object(envelope.head),
            "parts": [asdict(part) for part in envelope.parts],
            "prev": envelope.prev,
            "waiting": envelope.waiting,
            "seen": asdict(envelope.seen),
        }
    )


@canonical.reading("an envelope")
def decoded(data: bytes) -> Envelope:
    """Return the envelope that canonical bytes spell; Damaged for all other bytes."""
    value = canonical.decoded(data, bytes_max=ENVELOPE_BYTES_MAX)
    read = Fields(value, ("v", "head", "parts", "prev", "waiting", "seen"))
    read.version()
    return Envelope(
        head=head_read(read.inside("head", HEAD_FIELDS)),
        parts=read.entries("parts", _part),
        prev=read.octets("prev"),
        waiting=read.whole("waiting"),
        seen=read.of("seen", audit_head),
    )


def _part(value: object, path: str) -> Part:
    read = Fields(value, _PART_FIELDS, within=path)
    return Part(
        name=read.text("name"),
        key=read.octets("key"),
        size=read.whole("size"),
        hash=read.octets("hash"),
        head=read.octets("head"),
    )


def _check_parts(envelope: Envelope) -> None:
    own = _OWN_PART.get(envelope.head.type)
    names = {part.name for part in envelope.parts}
    pictures = {name for name in names if sealing.pictured(name) is not None}
    if names - pictures != ({own} if own else set()):
        raise Malformed("parts are not those that such a record has")
    if pictures and envelope.head.type != "event":
        raise Malformed("only an event has pictures")
    if any(part.head != envelope.head_hash for part in envelope.parts if part.name not in pictures):
        raise Malformed("a part that is no picture was sealed under another head")


_PART_FIELDS = frozenset(one.name for one in fields(Part))
