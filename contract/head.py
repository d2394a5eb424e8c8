"""A record's head: what may be known of it while the vault is locked.

Its parts are bound to H(head), so a part can be shown under no other record.
"""

from dataclasses import asdict, dataclass, fields
from typing import Literal, get_args

from contract import canonical
from contract.canonical import Fields, Malformed, at_most, matching, sized, within
from contract.digest import DIGEST_BYTES, H
from contract.event import CAMERA_OR_LANE, KINDS, Kind
from contract.ids import EVENT_ID

RecordType = Literal["event", "blind", "tombstone", "erased", "note"]
GoneBy = Literal["refused", "quota", "lost"]

ID_BYTES = 16
PARTS_MAX = 32  # of one record
KEYS_MAX = 500  # wraps that one erasure names

_BYTES_MAX = 64 * 1024  # of a head: those of its whole envelope

_RECORD_TYPES: tuple[RecordType, ...] = get_args(RecordType)
_GONE_BY: tuple[GoneBy, ...] = get_args(GoneBy)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An earlier record of the same writer that never comes, or parts of it."""

    of: int
    hash: bytes  # c_of
    parts: tuple[bytes, ...] | None  # hashes of sealed parts; None is the whole record
    reason: GoneBy

    def __post_init__(self) -> None:
        within("gone.of", self.of, 1)
        sized("gone.hash", self.hash, DIGEST_BYTES)
        if self.parts is not None:
            at_most("gone.parts", self.parts, PARTS_MAX)
            if not self.parts:
                raise Malformed("gone.parts is empty")
            for one in self.parts:
                sized("a hash in gone.parts", one, DIGEST_BYTES)


@dataclass(frozen=True, slots=True)
class Erased:
    """Keys that were destroyed, and a run of records that is gone with its envelopes.

    Of pictures alone only the keys are named: their records are still there.
    """

    edge: bytes
    keys: tuple[bytes, ...]
    first: int | None
    last: int | None
    before: bytes | None  # c of the record before the first
    hash: bytes | None  # c of the last
    count: int | None  # of records that lay there

    def __post_init__(self) -> None:
        sized("gone.edge", self.edge, ID_BYTES)
        at_most("gone.keys", self.keys, KEYS_MAX)
        for key in self.keys:
            sized("a key in gone.keys", key, DIGEST_BYTES)
        run = (self.first, self.last, self.before, self.hash, self.count)
        if all(one is None for one in run):
            if not self.keys:
                raise Malformed("gone names neither keys nor records")
            return
        if self.first is None or self.last is None or None in run:
            raise Malformed("gone names a run of records by halves")
        within("gone.first", self.first, 1)
        within("gone.last", self.last, self.first)
        within("gone.count", self.count, 1, self.last - self.first + 1)
        sized("gone.before", self.before, DIGEST_BYTES)
        sized("gone.hash", self.hash, DIGEST_BYTES)


@dataclass(frozen=True, slots=True)
class Head:
    """What a record is about, in clear."""

    type: RecordType
    id: str
    revision: int
    lot: bytes
    edge: bytes  # the writer, the server's own too
    camera: str | None
    lane: str | None
    sequence: int
    kind: Kind | None
    at: int  # µs UTC
    final: bool
    gone: Tombstone | Erased | None

    def __post_init__(self) -> None:
        matching("id", self.id, EVENT_ID)
        within("revision", self.revision, 1)
        sized("lot", self.lot, ID_BYTES)
        sized("edge", self.edge, ID_BYTES)
        matching("camera", self.camera, CAMERA_OR_LANE)
        matching("lane", self.lane, CAMERA_OR_LANE)
        within("sequence", self.sequence, 1)
        within("at", self.at, 0)
        _check_type(self)

    @property
    def hash(self) -> bytes:
        """Return H(head): what the record's parts are bound to."""
        return H(canonical.encoded(head_object(self)))


def head_fields(head: Head) -> dict[str, object]:
    """Return a head's fields by the names they have in its bytes, bytes in lower hex."""
    return canonical.decoded(canonical.encoded(head_object(head)), bytes_max=_BYTES_MAX)


def head_read(read: Fields) -> Head:
    read.version()
    record_type = read.word("type", _RECORD_TYPES)
    return Head(
        type=record_type,
        id=read.text("id"),
        revision=read.whole("revision"),
        lot=read.octets("lot"),
        edge=read.octets("edge"),
        camera=read.either("camera", read.text),
        lane=read.either("lane", read.text),
        sequence=read.whole("sequence"),
        kind=read.either("kind", lambda name: read.word(name, KINDS)),
        at=read.whole("at"),
        final=read.truth("final"),
        gone=read.either("gone", lambda name: _gone(read, name, record_type)),
    )


def _gone(read: Fields, name: str, record_type: RecordType) -> Tombstone | Erased:
    if record_type == "erased":
        return read.of(name, erased_read)
    return read.of(name, tombstone_read)


def tombstone_read(value: object, path: str) -> Tombstone:
    read = Fields(value, _TOMBSTONE_FIELDS, within=path)
    return Tombstone(
        of=read.whole("of"),
        hash=read.octets("hash"),
        parts=read.either("parts", lambda name: read.entries(name, canonical.octets)),
        reason=read.word("reason", _GONE_BY),
    )


def erased_read(value: object, path: str) -> Erased:
    read = Fields(value, _ERASED_FIELDS, within=path)
    return Erased(
        edge=read.octets("edge"),
        keys=read.entries("keys", canonical.octets),
        first=read.either("first", read.whole),
        last=read.either("last", read.whole),
        before=read.either("before", read.octets),
        hash=read.either("hash", read.octets),
        count=read.either("count", read.whole),
    )


def head_object(head: Head) -> dict[str, object]:
    said: dict[str, object] = {name: getattr(head, name) for name in _HEAD_NAMES}
    # Not `asdict` of the whole: it copies deeply, and every record that is taken comes by here.
    return {**said, "v": canonical.VERSION, "gone": head.gone and asdict(head.gone)}


def _check_type(head: Head) -> None:
    if head.type == "event":
        if head.kind is None or head.camera is None:
            raise Malformed("kind or camera is missing from an event")
    elif (head.revision, head.final, head.kind, head.lane) != (1, True, None, None):
        raise Malformed("only an event has revisions, a kind or a lane")
    elif (head.camera is None) == (head.type == "blind"):
        raise Malformed("of all but events, blind time has a camera and it alone")
    if head.type == "tombstone":
        if not isinstance(head.gone, Tombstone) or head.gone.of >= head.sequence:
            raise Malformed("a tombstone names no earlier record in gone")
    elif head.type == "erased":
        if not isinstance(head.gone, Erased):
            raise Malformed("an erasure names nothing in gone")
    elif head.gone is not None:
        raise Malformed("gone is for tombstones and erasures")


def _names(kind: type[Tombstone | Erased | Head]) -> frozenset[str]:
    return frozenset(one.name for one in fields(kind))


_HEAD_NAMES = _names(Head)
HEAD_FIELDS = _HEAD_NAMES | {"v"}
_TOMBSTONE_FIELDS = _names(Tombstone)
_ERASED_FIELDS = _names(Erased)
