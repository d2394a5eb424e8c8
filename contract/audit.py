"""The audit: who did what at the server, one chain a node, each line bound to the one before.

The chain alone stops nobody who writes all of it anew. What does are the heads that edges were
told and that stand in what they sign: each is a witness.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Literal, get_args

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import canonical, signature
from contract.canonical import Fields, Malformed, matching, sized, within
from contract.digest import DIGEST_BYTES, H
from contract.head import ID_BYTES
from lot.errors import Damaged

ServerClock = Literal["ntp", "rtc", "hand", "behind"]

LINE_BYTES_MAX = 4 * 1024
DETAIL_BYTES_MAX = 4 * 1024  # of those in clear
SERVER_CLOCKS: tuple[ServerClock, ...] = get_args(ServerClock)

Act = Literal[  # what is done; a later version may know more, so that a line's may be any word
    "alarm",
    "alarm_ended",
    "audit_read",
    "backup",
    "confirm",
    "count",
    "customer_told",
    "device_approved",
    "device_refused",
    "device_revoked",
    "edge_cameras",
    "edge_enrolled",
    "edge_invited",
    "edge_revoked",
    "erased",
    "export",
    "held",
    "keeper_paired",
    "keeper_unpaired",
    "live",
    "lock",
    "look",
    "lot_added",
    "lot_changed",
    "low",
    "mark",
    "notify_added",
    "notify_changed",
    "notify_dropped",
    "notify_tested",
    "notify_told",
    "passphrase_changed",
    "photo_read",
    "plate_erased",
    "recover",
    "refused",
    "restore",
    "retention_confirmed",
    "row",
    "rows_read",
    "rsa_announced",
    "rsa_rotated",
    "search",
    "set_up",
    "shares_forgotten",
    "sheet_renewed",
    "sign_in",
    "sign_in_refused",
    "sign_out",
    "slot_made",
    "slot_taken",
    "statement",
    "token_revoked",
    "token_rotated",
    "typed",
    "unlock",
    "user_added",
    "user_changed",
    "vault_rotated",
    "verify",
    "verify_opened",
]
ACTS: tuple[Act, ...] = get_args(Act)

_ACT = re.compile(r"[a-z_]{1,24}")
_TABLE = re.compile(r"[a-z_]{1,64}")


@dataclass(frozen=True, slots=True)
class AuditHead:
    """How far a node's chain goes: a head that was told is a witness."""

    node: bytes
    seq: int
    head: bytes

    def __post_init__(self) -> None:
        sized("node", self.node, ID_BYTES)
        within("seq", self.seq, 0)
        sized("head", self.head, DIGEST_BYTES)


NOTHING_SEEN = AuditHead(bytes(ID_BYTES), 0, bytes(DIGEST_BYTES))  # before the first


@dataclass(frozen=True, slots=True)
class Line:
    """One act, in clear; what it was about lies in the sealed detail."""

    node: bytes
    seq: int
    time: int  # µs UTC
    clock: ServerClock
    boot: bytes
    lot: bytes | None
    actor: bytes  # the server's writer where nobody asked
    act: str
    detail: bytes | None  # H of the detail
    prev: bytes

    def __post_init__(self) -> None:
        within("seq", self.seq, 1)
        within("time", self.time, 0)
        matching("act", self.act, _ACT)
        for name in ("node", "boot", "lot", "actor"):
            sized(name, getattr(self, name), ID_BYTES)
        sized("detail", self.detail, DIGEST_BYTES)
        sized("prev", self.prev, DIGEST_BYTES)

    @property
    def head_hash(self) -> bytes:
        """Return what the sealed detail is bound to: the line without detail and prev."""
        line = _object(self)
        del line["detail"], line["prev"]
        return H(canonical.encoded(line))


@dataclass(frozen=True, slots=True)
class Low:
    """How far a writer's records were whole: what was there then cannot be cut unseen."""

    writer: bytes
    low: int
    low_hash: bytes

    def __post_init__(self) -> None:
        sized("writer", self.writer, ID_BYTES)
        within("low", self.low, 0)
        sized("low_hash", self.low_hash, DIGEST_BYTES)


@dataclass(frozen=True, slots=True)
class Mark:
    """The vault's signature over the line before."""

    seq: int
    sig: bytes

    def __post_init__(self) -> None:
        within("seq", self.seq, 1)
        sized("sig", self.sig, signature.SIGNATURE_BYTES)


@dataclass(frozen=True, slots=True)
class Row:
    """A row under the people key as it lies now: putting an older one back shows."""

    table: str
    row: bytes
    version: int
    hash: bytes | None  # None: deleted

    def __post_init__(self) -> None:
        matching("table", self.table, _TABLE)
        sized("row", self.row, ID_BYTES)
        within("version", self.version, 0)
        sized("hash", self.hash, DIGEST_BYTES)


@dataclass(frozen=True, slots=True)
class Restore:
    """The first line of a node that was made from a backup, and where the old node stood."""

    backup: bytes
    node: bytes
    seq: int
    head: bytes

    def __post_init__(self) -> None:
        sized("backup", self.backup, ID_BYTES)
        AuditHead(self.node, self.seq, self.head)


ClearDetail = Low | Mark | Row | Restore
CLEAR_ACTS = frozenset({"low", "mark", "row", "restore"})  # they name no event


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a chain, at which line."""

    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Walked:
    """A chain that was walked to its end."""

    head: AuditHead
    faults: tuple[Fault, ...]


def chain_start(node: bytes) -> bytes:
    """Return a_0."""
    sized("node", node, ID_BYTES)
    return H(b"lot/audit/0", node)


def chain_next(line: bytes) -> bytes:
    """Return a_n of a line's bytes; the head before it stands in the line."""
    return H(b"lot/audit/1", line)


def encoded(line: Line) -> bytes:
    return canonical.encoded(_object(line))


@canonical.reading("an audit line")
def decoded(data: bytes) -> Line:
    """Return the line that canonical bytes spell; Damaged for all other bytes."""
    read = Fields(canonical.decoded(data, bytes_max=LINE_BYTES_MAX), _LINE_FIELDS)
    read.version()
    return Line(
        node=read.octets("node"),
        seq=read.whole("seq"),
        time=read.whole("time"),
        clock=read.word("clock", SERVER_CLOCKS),
        boot=read.octets("boot"),
        lot=read.either("lot", read.octets),
        actor=read.octets("actor"),
        act=read.text("act"),
        detail=read.either("detail", read.octets),
        prev=read.octets("prev"),
    )


def audit_head(value: object, path: str) -> AuditHead:
    """Read {node, seq, head}, wherever it stands."""
    read = Fields(value, ("node", "seq", "head"), within=path)
    return AuditHead(read.octets("node"), read.whole("seq"), read.octets("head"))


def detail_encoded(detail: ClearDetail) -> bytes:
    """Return the bytes of a detail in clear, whose hash its line bears."""
    return canonical.encoded({"v": canonical.VERSION, **asdict(detail)})


@canonical.reading("an audit detail")
def detail_decoded(act: str, data: bytes) -> ClearDetail:
    """Return the detail in clear of one of the four acts; Damaged for all other bytes."""
    value = canonical.decoded(data, bytes_max=DETAIL_BYTES_MAX)
    if act == "low":
        read = Fields(value, ("v", "writer", "low", "low_hash"))
        read.version()
        return Low(read.octets("writer"), read.whole("low"), read.octets("low_hash"))
    if act == "mark":
        read = Fields(value, ("v", "seq", "sig"))
        read.version()
        return Mark(read.whole("seq"), read.octets("sig"))
    if act == "row":
        read = Fields(value, ("v", "table", "row", "version", "hash"))
        read.version()
        row_hash = read.either("hash", read.octets)
        return Row(read.text("table"), read.octets("row"), read.whole("version"), row_hash)
    if act == "restore":
        read = Fields(value, ("v", "backup", "node", "seq", "head"))
        read.version()
        return Restore(
            read.octets("backup"), read.octets("node"), read.whole("seq"), read.octets("head")
        )
    raise Malformed("such an act has no detail in clear")


def marked(key: Ed25519PrivateKey, head: AuditHead) -> Mark:
    """Return the vault's mark over the newest line; the next line keeps it."""
    return Mark(head.seq, signature.signature(key, signature.MARK, head.head))


def walked(
    lines: Iterable[bytes],
    *,
    node: bytes,
    clear: Mapping[bytes, bytes],
    vault_public: bytes,
    witnesses: Sequence[AuditHead] = (),
) -> Walked:
    """Walk a node's lines in their order, the details in clear by their hashes beside them.

    It needs no unlocking. A line that no longer says what was written shows at the next one, at a
    mark or at a witness; the newest lines are held by nothing but a witness.
    """
    told = _told(node, witnesses)
    seq, head = 0, chain_start(node)
    faults: list[Fault] = []
    for data in lines:
        try:
            line = decoded(data)
        except Damaged as fault:
            faults.append(Fault(seq + 1, fault.what))
            seq, head = seq + 1, chain_next(data)
            continue
        faults += [Fault(line.seq, what) for what in _line_faults(line, node, seq, head)]
        faults += [Fault(line.seq, what) for what in _detail_faults(line, clear, vault_public)]
        seq, head = line.seq, chain_next(data)
        if told.pop(seq, {head}) != {head}:
            faults.append(Fault(seq, "fork: a witness was told another line"))
    faults += [
        Fault(beyond, "rollback: a witness was told of it" if beyond > seq else "a line is missing")
        for beyond in sorted(told)
    ]
    return Walked(AuditHead(node, seq, head), tuple(faults))


def _told(node: bytes, witnesses: Sequence[AuditHead]) -> dict[int, set[bytes]]:
    told: dict[int, set[bytes]] = {}
    for witness in witnesses:
        if witness.node == node and witness.seq > 0:
            told.setdefault(witness.seq, set()).add(witness.head)
    return told


def _line_faults(line: Line, node: bytes, seq: int, head: bytes) -> Iterable[str]:
    if line.node != node:
        yield "a line of another node"
    if line.seq != seq + 1:
        yield "lines are missing before it" if line.seq > seq else "a line stands twice"
    if line.prev != head:
        yield "prev is not the hash of the line before"


def _detail_faults(line: Line, clear: Mapping[bytes, bytes], vault_public: bytes) -> Iterable[str]:
    if line.act not in CLEAR_ACTS:
        return
    data = clear.get(line.detail) if line.detail is not None else None
    if data is None or H(data) != line.detail:
        yield "its detail in clear is missing"
        return
    try:
        detail = detail_decoded(line.act, data)
        if isinstance(detail, Mark):
            _check_mark(line, detail, vault_public)
    except Damaged as fault:
        yield fault.what


@canonical.reading("a mark of the vault")
def _check_mark(line: Line, mark: Mark, vault_public: bytes) -> None:
    if mark.seq != line.seq - 1:
        raise Malformed("it is not over the line before")
    signature.check(vault_public, mark.sig, signature.MARK, line.prev)


def _object(line: Line) -> dict[str, object]:
    return {"v": canonical.VERSION, **asdict(line)}


_LINE_FIELDS = frozenset(one.name for one in fields(Line)) | {"v"}
