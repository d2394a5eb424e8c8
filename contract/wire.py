"""What edge and server say to each other: a batch, its acknowledgement, and the start.

A batch holds bytes that anyone with a token may have sent: lengths are compared with limits before
anything is taken, and envelopes stay closed until their signatures hold.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import pairwise
from typing import Literal, get_args

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import canonical, sealing, signature, wrap
from contract.audit import SERVER_CLOCKS, AuditHead, ServerClock, audit_head
from contract.canonical import Fields, Malformed, at_most, matching, sized, within
from contract.digest import DIGEST_BYTES, H
from contract.head import ID_BYTES
from contract.ids import EVENT_ID
from contract.layout import Layout, measured
from contract.record import ENVELOPE_BYTES_MAX, Record
from contract.wrap import WRAP_BYTES, Wrap

Side = Literal["in", "out"]

MARK = b"LKB1"
RECORDS_MAX = 20
FULL_BYTES = 4 * 1024 * 1024  # a sender adds no further record beyond
BATCH_BYTES_MAX = 5 * 1024 * 1024
RANGES_MAX = 1000
SETTLED_MAX = 1000
KEEP_DAYS_MAX = 7
START_BYTES_MAX = 1024
ACK_BYTES_MAX = 256 * 1024  # with every list full it has less than half of it

_SIDES: tuple[Side, ...] = get_args(Side)


@dataclass(frozen=True, slots=True)
class Batch:
    """Wraps, records and sealed parts on their way to the server."""

    wraps: tuple[Wrap, ...] = ()
    records: tuple[bytes, ...] = ()  # envelope ‖ signature each, a contiguous run or none
    parts: tuple[bytes, ...] = ()
    hashes: tuple[bytes, ...] = field(init=False, repr=False, compare=False)  # of the parts

    def __post_init__(self) -> None:
        object.__setattr__(self, "hashes", tuple(map(H, self.parts)))


@dataclass(frozen=True, slots=True)
class There:
    """What the server has of a writer already, each asked by a hash."""

    wrap: Callable[[bytes], bool]  # this wrap is stored, or an erasure names it
    names_wrap: Callable[[bytes], bool]  # a stored record names this wrap
    names_part: Callable[[bytes], bool]  # a stored record names this sealed part


@dataclass(frozen=True, slots=True)
class Ack:
    """What the server has, after it is durable."""

    edge: bytes
    have: tuple[tuple[int, int], ...]  # first and last of runs that are whole
    low: int  # end of the run from 1
    low_hash: bytes  # c_low
    audit: AuditHead
    settled: tuple[tuple[str, Side], ...]
    statement: int
    time: int  # µs UTC
    clock: ServerClock

    def __post_init__(self) -> None:
        sized("edge", self.edge, ID_BYTES)
        at_most("have", self.have, RANGES_MAX)
        for first, last in self.have:
            within("the first of a range", first, 1)
            within("the last of a range", last, first)
        if any(a[1] + 1 >= b[0] for a, b in pairwise(self.have)):
            raise Malformed("have does not rise, with a hole between any two")
        if self.low != low_of(self.have):
            raise Malformed("low is not the end of the range from 1")
        sized("low_hash", self.low_hash, DIGEST_BYTES)
        at_most("settled", self.settled, SETTLED_MAX)
        for event_id, _ in self.settled:
            matching("an id in settled", event_id, EVENT_ID)
        if any(a[0] >= b[0] for a, b in pairwise(self.settled)):
            raise Malformed("settled is not by id, each once")
        within("statement", self.statement, 0)
        within("time", self.time, 0)


@dataclass(frozen=True, slots=True)
class Start:
    """An edge that began anew, and asks for the key of its state."""

    edge: bytes
    time: int  # µs UTC, by the edge's clock

    def __post_init__(self) -> None:
        sized("edge", self.edge, ID_BYTES)
        within("time", self.time, 0)


@dataclass(frozen=True, slots=True)
class Started:
    """The answer to a start."""

    ask: bytes  # H of the start's JSON
    state_key: bytes = field(repr=False)
    keep_days: int
    ack: Ack

    def __post_init__(self) -> None:
        sized("ask", self.ask, DIGEST_BYTES)
        sized("state_key", self.state_key, sealing.DAY_KEY_BYTES)
        within("keep_days", self.keep_days, 0, KEEP_DAYS_MAX)


def batch_encoded(batch: Batch) -> bytes:
    """Return the bytes of a batch; Malformed for one that no server takes."""
    at_most("a batch's records", batch.records, RECORDS_MAX)
    pieces = [MARK, _count(batch.wraps)]
    pieces += [measured(one.data) for one in batch.wraps]
    pieces.append(_count(batch.records))
    for one in batch.records:
        envelope, given = signature.parted(one)
        pieces += [measured(envelope), given]
    pieces.append(_count(batch.parts))
    for named, part in zip(batch.hashes, batch.parts, strict=True):
        pieces += [named, measured(part)]
    data = b"".join(pieces)
    at_most("a batch's bytes", data, BATCH_BYTES_MAX)
    return data


@canonical.reading("a batch")
def batch_decoded(data: bytes) -> Batch:
    """Return the batch that these bytes are, its envelopes unread; Damaged for all others."""
    at_most("its bytes", data, BATCH_BYTES_MAX)
    layout = Layout(data)
    layout.mark(MARK)
    wraps = tuple(
        wrap.decoded(layout.measured("a wrap", bytes_max=WRAP_BYTES))
        for _ in range(layout.number(4))
    )
    count = layout.number(4)
    within("the number of its records", count, 0, RECORDS_MAX)
    records = tuple(
        layout.measured("an envelope", bytes_max=ENVELOPE_BYTES_MAX)
        + layout.take(signature.SIGNATURE_BYTES)
        for _ in range(count)
    )
    parts = tuple(_part(layout) for _ in range(layout.number(4)))
    layout.end()
    batch = Batch(wraps, records, tuple(part for _, part in parts))
    if batch.hashes != tuple(named for named, _ in parts):
        raise Malformed("a part is not the one that its hash names")
    if len({one.data for one in wraps}) < len(wraps) or len(set(batch.hashes)) < len(parts):
        raise Malformed("a wrap or part stands twice in it")
    return batch


@canonical.reading("a batch to be stored")
def check_batch(
    batch: Batch,
    records: Sequence[Record],
    *,
    edge: bytes,
    rsa_ids: Collection[bytes],
    there: There,
) -> None:
    """Refuse a batch whose pieces do not belong together; `records` are its own, opened.

    So nothing can be left at the server that no signed record answers for.
    """
    if any(one.head.edge != edge for one in records) or any(
        one.writer != edge for one in batch.wraps
    ):
        raise Malformed("it holds what another writer made")
    sequences = [one.head.sequence for one in records]
    if any(a + 1 != b for a, b in pairwise(sequences)):
        raise Malformed("its records are no contiguous run")
    if any(b.envelope.prev != a.c for a, b in pairwise(records)):
        raise Malformed("its records do not follow one another")
    if any(one.rsa not in rsa_ids for one in batch.wraps):
        raise Malformed("a wrap lies under an RSA key that is not the vault's")
    named = [part for one in records for part in one.envelope.parts]
    keys, hashes = {part.key for part in named}, {part.hash for part in named}
    brought = {one.key_id for one in batch.wraps}
    if not all(key in brought or there.wrap(key) for key in keys):
        raise Malformed("a record comes without its wraps")
    if not all(key in keys or there.names_wrap(key) for key in brought):
        raise Malformed("no record names a wrap of it")
    if not all(part in hashes or there.names_part(part) for part in batch.hashes):
        raise Malformed("no record names a part of it")


def low_of(have: Sequence[tuple[int, int]]) -> int:
    """Return the end of the range from 1, 0 where there is none."""
    return have[0][1] if have and have[0][0] == 1 else 0


def ack_encoded(ack: Ack) -> bytes:
    return canonical.encoded(_ack_object(ack))


@canonical.reading("an acknowledgement")
def ack_decoded(data: bytes, *, edge: bytes) -> Ack:
    """Return the acknowledgement for this edge; Damaged for all other bytes."""
    return _ack(canonical.decoded(data, bytes_max=ACK_BYTES_MAX), "", edge)


def start_signed(start: Start, key: Ed25519PrivateKey) -> bytes:
    """Return the start's JSON ‖ signature."""
    data = canonical.encoded({"v": canonical.VERSION, **asdict(start)})
    return signature.signed(key, signature.START, data)


@canonical.reading("a start")
def start_opened(data: bytes, public: bytes) -> Start:
    """Return the start that the writer with this key signed; Damaged for all other bytes."""
    message = signature.unsigned(public, data, signature.START)
    read = Fields(canonical.decoded(message, bytes_max=START_BYTES_MAX), ("v", "edge", "time"))
    read.version()
    start = Start(read.octets("edge"), read.whole("time"))
    if start.edge != signature.writer_id(public):
        raise Malformed("its edge is not the writer that signed it")
    return start


def asked(start: bytes) -> bytes:
    """Return what the answer to a start (JSON ‖ signature) calls it."""
    return H(start[: -signature.SIGNATURE_BYTES])


def started_encoded(started: Started) -> bytes:
    return canonical.encoded(
        {
            "v": canonical.VERSION,
            "ask": started.ask,
            "state_key": started.state_key,
            "keep_days": started.keep_days,
            "ack": _ack_object(started.ack),
        }
    )


@canonical.reading("the answer to a start")
def started_decoded(data: bytes, *, ask: bytes, edge: bytes) -> Started:
    """Return the answer to this start of this edge; Damaged for all other bytes."""
    value = canonical.decoded(data, bytes_max=ACK_BYTES_MAX)
    read = Fields(value, ("v", "ask", "state_key", "keep_days", "ack"))
    read.version()
    if read.octets("ask") != ask:
        raise Malformed("it answers another start")
    return Started(
        ask=ask,
        state_key=read.octets("state_key"),
        keep_days=read.whole("keep_days"),
        ack=read.of("ack", lambda inner, path: _ack(inner, path, edge)),
    )


def _count(pieces: Sequence[object]) -> bytes:
    return len(pieces).to_bytes(4, "big")


def _part(layout: Layout) -> tuple[bytes, bytes]:
    """Take a part after the hash that it is said to have."""
    named = layout.take(DIGEST_BYTES)
    return named, layout.measured("a part", bytes_max=sealing.PART_BYTES_MAX)


def _ack(value: object, path: str, edge: bytes) -> Ack:
    read = Fields(value, _ACK_FIELDS, within=path)
    read.version()
    if read.octets("edge") != edge:
        raise Malformed("it is another edge's")
    return Ack(
        edge=edge,
        have=read.entries("have", _range),
        low=read.whole("low"),
        low_hash=read.octets("low_hash"),
        audit=read.of("audit", audit_head),
        settled=read.entries("settled", _settled),
        statement=read.whole("statement"),
        time=read.whole("time"),
        clock=read.word("clock", SERVER_CLOCKS),
    )


def _range(value: object, path: str) -> tuple[int, int]:
    first, last = canonical.pair(value, path)
    return canonical.whole(first, path), canonical.whole(last, path)


def _settled(value: object, path: str) -> tuple[str, Side]:
    event_id, side = canonical.pair(value, path)
    for one in _SIDES:
        if side == one:
            return canonical.text(event_id, path), one
    raise Malformed(f"{path} is neither in nor out")


def _ack_object(ack: Ack) -> dict[str, object]:
    return {"v": canonical.VERSION, **asdict(ack)}


_ACK_FIELDS = frozenset(one.name for one in fields(Ack)) | {"v"}
