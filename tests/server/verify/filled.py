"""A server's rows and files as ingest leaves them, filled by writers of the tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from sqlalchemy import Connection, Engine, create_engine, insert

from contract import audit, opening, sealing, trust
from contract.audit import AuditHead, ClearDetail, Line
from contract.digest import H
from contract.head import Erased
from contract.record import Record
from contract.sealing import DayKey
from contract.trust import Certificate, RsaKey, Statement, TrustPack
from contract.wrap import Wrap, spki_of, wrapped
from server.store import tables
from server.store.tables import SERVER
from server.verify.report import NOTHING_EARLIER, Earlier, Report
from server.verify.whole import Ground, verified
from tests.contract import golden
from tests.contract.writers import LOT, NOON, Writer

VAULT = Ed25519PrivateKey.from_private_bytes(golden.key("vault_sign_seed"))
SERVER_ID = golden.key("server")
NODE = golden.key("node")
DAY = 86_400_000_000
HOUR = DAY // 24
TEXT_DAYS, PICTURE_DAYS = 90, 30


def pack() -> TrustPack:
    key = RsaKey(spki_of(golden.rsa().public_key()), "current")
    return TrustPack(b"root", golden.key("vault_public"), Statement(SERVER_ID, 1, (key,)))


@dataclass
class Kept:
    """Files in memory."""

    files: dict[tuple[bytes, bytes], bytes] = field(default_factory=dict)

    def get(self, lot: bytes, name: bytes) -> bytes | None:
        return self.files.get((lot, name))

    def put(self, lot: bytes, name: bytes, data: bytes) -> None:
        self.files[lot, name] = data

    def delete(self, lot: bytes, name: bytes) -> None:
        self.files.pop((lot, name), None)

    destroy = delete


@dataclass
class Audit:
    """A node's chain in the making."""

    node: bytes = NODE
    seq: int = 0
    head: bytes = b""

    def __post_init__(self) -> None:
        self.head = audit.chain_start(self.node)

    def line(
        self, act: str, detail: ClearDetail | bytes | None = None, at: int = NOON
    ) -> dict[str, Any]:
        data = detail if isinstance(detail, bytes | None) else audit.detail_encoded(detail)
        hashed = None if data is None else H(data)
        self.seq += 1
        made = Line(
            self.node, self.seq, at, "ntp", bytes(16), None, bytes(16), act, hashed, self.head
        )
        spelled = audit.encoded(made)
        self.head = audit.chain_next(spelled)
        return {
            "node": self.node,
            "seq": self.seq,
            "lot": SERVER,
            "actor": bytes(16),
            "act": act,
            "time": at,
            "head": self.head,
            "line": spelled,
            "detail": data,
        }

    @property
    def told(self) -> AuditHead:
        return AuditHead(self.node, self.seq, self.head)


class Filled:
    """A server that one edge and its own writer wrote to."""

    def __init__(self, engine: Engine | None = None) -> None:
        self.engine = engine or create_engine("sqlite://")
        tables.tables.create_all(self.engine)
        self.db: Connection = self.engine.connect()
        self.edge, self.server = Writer(), Writer(b"\x22" * 32, "server")
        self.pictures, self.wraps = Kept(), Kept()
        self.audit = Audit()
        self.add(
            tables.lots,
            lot=LOT,
            name="north",
            timezone="UTC",
            text_days=TEXT_DAYS,
            picture_days=PICTURE_DAYS,
            made=NOON,
        )
        for name, writer in (("gate", self.edge), ("office", self.server)):
            self.certify(name, writer)

    def add(self, table: Any, **row: Any) -> None:
        self.db.execute(insert(table).values(**row))

    def certify(self, name: str, writer: Writer, rights: Certificate | None = None) -> None:
        rights = rights or writer.rights
        self.add(
            tables.writers,
            lot=rights.lot or SERVER,
            writer=writer.id,
            name=name,
            role=rights.role,
            certificate=trust.certificate_encoded(rights, VAULT),
            n=rights.n,
            closed=False,
            day_bytes_max=0,
            made=NOON,
        )
        for wrap in writer.wraps.values():
            self.keep(wrap)

    def keep(self, wrap: Wrap) -> None:
        """Store a wrap, as a file and its row."""
        if (LOT, wrap.key_id) in self.wraps.files:
            return
        self.wraps.files[LOT, wrap.key_id] = wrap.data
        self.add(
            tables.wraps,
            lot=LOT,
            key=wrap.key_id,
            writer=wrap.writer,
            key_class=wrap.key_class,
            rsa=wrap.rsa,
            made=wrap.made,
            received=wrap.made,
        )

    def new_day(self, writer: Writer, made: int, under: RSAPublicKey | None = None) -> None:
        """Let a writer draw its day keys anew."""
        under = under or golden.rsa().public_key()
        for key_class in ("T", "P"):
            secret = H(writer.seed, key_class.encode(), made.to_bytes(8, "big"))
            wrap = wrapped(secret, under, writer=writer.id, key_class=key_class, made=made)
            writer.wraps[key_class] = wrap
            writer.day_keys[key_class] = DayKey(wrap.key_id, key_class, secret)
            writer.found[wrap.key_id] = opening.DayKeyFound(wrap, secret)
            self.keep(wrap)

    def put(self, made: Record, writer: Writer) -> Record:
        """Store a record and those of its parts that are not there yet."""
        head, envelope = made.head, made.envelope
        self.add(
            tables.records,
            lot=head.lot,
            writer=head.edge,
            sequence=head.sequence,
            c=made.c,
            prev=envelope.prev,
            type=head.type,
            id=head.id,
            revision=head.revision,
            camera=head.camera,
            lane=head.lane,
            kind=head.kind,
            at=head.at,
            final=head.final,
            waiting=envelope.waiting,
            envelope=made.data,
            signature=made.signature,
            received=head.at,
            bytes=len(made.data),
        )
        for part in envelope.parts:
            self.add(
                tables.parts,
                lot=head.lot,
                writer=head.edge,
                sequence=head.sequence,
                name=part.name,
                key=part.key,
                size=part.size,
                hash=part.hash,
                head=part.head,
            )
            if (head.lot, part.hash) in self.pictures.files:
                continue
            if sealing.class_of(part.name) == "P":
                self.pictures.files[head.lot, part.hash] = writer.parts[part.hash]
                row = {"lot": head.lot, "hash": part.hash, "size": part.size}
                self.add(tables.pictures, **row, received=head.at)
            else:
                self.add(tables.texts, lot=head.lot, hash=part.hash, sealed=writer.parts[part.hash])
        return made

    def events(self, count: int, apart: int = HOUR) -> list[Record]:
        """Let the edge write events, every second with a picture."""
        made = []
        for n in range(count):
            pictures = {"plate": b"jpeg %d" % n} if n % 2 else {}
            event = self.edge.an_event(pictures, at=NOON + n * apart)
            made.append(self.put(event, self.edge))
        return made

    def erased(self, gone: Erased, at: int) -> Record:
        """Let the server sign that something is gone."""
        head = self.server.head("erased", at=at, gone=gone)
        return self.put(self.server.signed(head), self.server)

    def line(self, act: str, detail: ClearDetail | bytes | None = None, at: int = NOON) -> None:
        self.add(tables.audit_lines, **self.audit.line(act, detail, at))

    def marked(self) -> None:
        """Let the vault sign the newest line."""
        self.line("mark", audit.marked(VAULT, self.audit.told))

    def verified(self, earlier: Earlier = NOTHING_EARLIER) -> Report:
        ground = Ground(self.db, self.pictures, self.wraps, pack())
        return verified(ground, made=NOON + 100 * DAY, earlier=earlier)


def whats(report: Report) -> list[str]:
    """Return every finding, without its place."""
    chains: Sequence[Any] = [*report.writers, *report.nodes]
    return [one.what for chain in chains for one in chain.findings] + list(report.rows)


def edge_of(report: Report) -> Any:
    return next(one for one in report.writers if one.role == "edge")


def erasure_of(made: Sequence[Record], first: int, last: int, *keys: bytes) -> Erased:
    """Return the erasure of a run of these records."""
    run = made[first - 1 : last]
    before = run[0].envelope.prev
    return Erased(run[0].head.edge, keys, first, last, before, run[-1].c, len(run))


def with_seen(writer: Writer, told: AuditHead) -> Record:
    """Let a writer witness a head in its next event."""
    head = writer.head()
    part = writer.part("event", b"{}", head)
    return writer.signed(head, part, seen=told)
