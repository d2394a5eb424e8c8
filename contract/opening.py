"""Opening a record: every check between bytes that came from anywhere and something to read.

Signature first, before a byte is parsed; then whether this writer may say such a thing; then the
parts, each against the envelope, its key and what the other parts say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from contract import canonical, event, record, sealing
from contract.blind import Blind
from contract.blind import decoded as blind_decoded
from contract.canonical import Malformed
from contract.chain import Point
from contract.digest import H
from contract.event import Event
from contract.head import Head, RecordType, head_fields
from contract.record import Part, Record
from contract.trust import Certificate
from contract.wrap import Wrap

_EDGES_SEND: frozenset[RecordType] = frozenset({"event", "blind", "tombstone"})

PrkOf = Callable[[Part, sealing.SealedPart], bytes]


@dataclass(frozen=True, slots=True)
class DayKeyFound:
    """A day key that was unwrapped, with the wrap it came from."""

    wrap: Wrap
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A record and what its parts hold, by their names; `says` is what an event or blind says."""

    record: Record
    contents: Mapping[str, bytes] = field(repr=False)
    says: Event | Blind | None = field(repr=False)


@canonical.reading("a record of this writer")
def admitted(data: bytes, rights: Certificate) -> Record:
    """Return the record of envelope ‖ signature if its writer may send such a one.

    What it holds stays sealed: this is as far as one comes while the vault is locked.
    """
    found = record.opened(data, rights.public)
    head = found.head
    if rights.role == "edge":
        if head.type not in _EDGES_SEND:
            raise Malformed("an edge sends no such record")
        if head.camera is not None and head.camera not in rights.cameras:
            raise Malformed("its camera is none of its writer's")
    if rights.lot not in (None, head.lot):  # the server's own writer has none
        raise Malformed("its lot is not its writer's")
    _check_until(found, rights.until)
    return found


@canonical.reading("an open record")
def opened(data: bytes, rights: Certificate, parts: Mapping[str, bytes], prk_of: PrkOf) -> Opened:
    """Return a record with the contents of those of its sealed parts that are given.

    Pictures are opened together with their event, which holds the hashes of their plain bytes.
    """
    found = admitted(data, rights)
    named = {part.name: part for part in found.envelope.parts}
    if not parts.keys() <= named.keys():
        raise Malformed("it has no part of such a name")
    contents = {name: _content(named[name], sealed, prk_of) for name, sealed in parts.items()}
    return Opened(found, contents, _said(found.head, frozenset(named), contents))


def by_day_keys(writer: bytes, keys: Mapping[bytes, DayKeyFound]) -> PrkOf:
    """Open with day keys, by the ids of their wraps; a wrap must be the writer's own."""

    def prk(part: Part, clear: sealing.SealedPart) -> bytes:
        found = keys.get(part.key)
        if found is None:
            raise Malformed("the wrap of a part is not there")
        if found.wrap.key_id != part.key or found.wrap.writer != writer:
            raise Malformed("the wrap of a part is another writer's")
        if found.wrap.key_class != sealing.class_of(part.name):
            raise Malformed("the wrap of a part is of another class")
        return sealing.prk_of(found.key, clear.nonce)

    return prk


def by_prks(prks: Mapping[str, bytes]) -> PrkOf:
    """Open with PRKs by the parts' names, as a hold keeps them or an auditor is handed them."""

    def prk(part: Part, _: sealing.SealedPart) -> bytes:
        if part.name not in prks:
            raise Malformed("the PRK of a part is not there")
        return prks[part.name]

    return prk


def _check_until(found: Record, until: Point | None) -> None:
    if until is None or found.head.sequence < until.sequence:
        return
    if found.head.sequence > until.sequence or found.c != until.hash:
        raise Malformed("it was written after its writer was revoked")


def _content(part: Part, sealed: bytes, prk_of: PrkOf) -> bytes:
    if len(sealed) != part.size or H(sealed) != part.hash:
        raise Malformed("a part is not the one that was signed")
    clear = sealing.read(sealed, name=part.name)
    if clear.key_id != part.key:
        raise Malformed("a part lies under another key than was signed")
    prk = prk_of(part, clear)
    return sealing.opened(sealed, prk, head_hash=part.head, name=part.name)


def _said(head: Head, parts: frozenset[str], contents: Mapping[str, bytes]) -> Event | Blind | None:
    pictures = {
        name: content
        for part, content in contents.items()
        if (name := sealing.pictured(part)) is not None
    }
    if head.type == "event" and "event" in contents:
        said = event.decoded(contents["event"])
        _check_agreement(head, contents["event"], said.at)
        _check_pictures(said, parts, pictures)
        return said
    if pictures:
        raise Malformed("a picture is opened together with its event only")
    if head.type == "blind" and "event" in contents:
        blind = blind_decoded(contents["event"])
        _check_agreement(head, contents["event"], blind.first)
        return blind
    if "note" in contents:
        _check_agreement(head, contents["note"], head.at)
    return None


def _check_agreement(head: Head, content: bytes, at: int) -> None:
    """Refuse a part that speaks of something else than its head says in clear."""
    inside = canonical.decoded(content, bytes_max=sealing.PART_BYTES_MAX)
    if any(inside.get(name, value) != value for name, value in head_fields(head).items()):
        raise Malformed("what is inside does not agree with its head")
    if at != head.at:
        raise Malformed("what is inside happened at another time than its head says")


def _check_pictures(said: Event, parts: frozenset[str], pictures: Mapping[str, bytes]) -> None:
    named = {name for part in parts if (name := sealing.pictured(part)) is not None}
    if named != said.pictures.keys():
        raise Malformed("its pictures are not those that the event names")
    if any(H(content).hex() != said.pictures[name] for name, content in pictures.items()):
        raise Malformed("a picture is not the one that the event names")
