"""A server that takes what a test's edge sends, and what the tests ask of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import signature, trust, wire
from contract.record import Record
from contract.trust import Certificate, RsaKey, Statement
from contract.wire import Ack, Batch
from contract.wrap import Wrap, spki_of
from lot.clock import State
from server.audit.lines import Audit
from server.ingest.taking import House, Ingest
from server.store import lots, writers
from server.store.database import Database
from server.store.lots import Lot
from server.store.pictures import picture_folder
from server.store.wraps import wrap_folder
from server.store.writers import WriterRow
from server.trust_file import TrustFile
from tests.contract import golden
from tests.contract.writers import LOT, NOON, Writer

VAULT = Ed25519PrivateKey.from_private_bytes(golden.key("vault_sign_seed"))
SERVER_ID, NODE = golden.key("server"), golden.key("node")
STATE_KEY = b"\x05" * 32
QUOTA = 1 << 30


@dataclass
class Clock:
    """A clock that stands where a test puts it."""

    now: int = NOON
    stands_on: State = "ntp"

    def now_us(self) -> int:
        return self.now

    def state(self, _: int) -> State:
        return self.stands_on


@dataclass
class Served:
    """An ingest over real rows and files, and the edge that it certified."""

    database: Database
    folder: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.edge = Writer()
        self.folder.mkdir(exist_ok=True)
        key = RsaKey(spki_of(golden.rsa().public_key()), "current")
        pack = trust.pack_encoded(b"root", Statement(SERVER_ID, 1, (key,)), VAULT)
        (self.folder / "trust.json").write_bytes(pack)
        self.wraps = wrap_folder(self.folder / "wraps")
        self.pictures = picture_folder(self.folder / "pictures")
        self.ingest = self.another()

    def another(self) -> Ingest:
        """Return the ingest of another process over the same rows and files."""
        known = TrustFile(self.folder / "trust.json")
        audit = Audit(NODE, bytes(16), known, self.wraps, self.clock)
        house = House(self.database, self.wraps, self.pictures, known, audit, self.clock)
        return Ingest(house)

    def enrol(self, rights: Certificate | None = None, quota: int = QUOTA) -> None:
        rights = rights or self.edge.rights
        lot = Lot(LOT, "north", "UTC", None, 90, 30, NOON)
        row = WriterRow(
            LOT,
            rights.writer,
            "gate",
            "edge",
            trust.certificate_encoded(rights, VAULT),
            rights.n,
            STATE_KEY,
            closed=False,
            day_bytes_max=quota,
            stamp=None,
        )
        self.database.write(lambda write: lots.add(write, lot))
        self.database.write(lambda write: writers.add(write, row, NOON))

    def certify(self, rights: Certificate) -> None:
        spelled = trust.certificate_encoded(rights, VAULT)
        self.database.write(
            lambda write: writers.certify(write, LOT, rights.writer, spelled, rights.n)
        )

    def send(
        self, *made: Record, parts: bool = True, wraps: bool = True, ingest: Ingest | None = None
    ) -> Ack:
        """Send records with all that belongs to them."""
        carried = [data for one in made for data in self.sealed(one)] if parts else []
        keys = {part.key for one in made for part in one.envelope.parts}
        named = [one for one in self.edge.wraps.values() if one.key_id in keys] if wraps else []
        return self.batch(list(made), carried, named, ingest)

    def sealed(self, one: Record) -> list[bytes]:
        """Return the parts of a record, but those that an earlier revision brought."""
        own = [part for part in one.envelope.parts if part.head == one.head.hash]
        return [self.edge.parts[part.hash] for part in own]

    def batch(
        self,
        made: list[Record],
        parts: list[bytes],
        wraps: list[Wrap] | None = None,
        ingest: Ingest | None = None,
    ) -> Ack:
        batch = Batch(tuple(wraps or ()), tuple(one.signed for one in made), tuple(parts))
        answer = (ingest or self.ingest).batch(self.edge.id, wire.batch_encoded(batch))
        return wire.ack_decoded(answer, edge=self.edge.id)

    @property
    def start_c(self) -> bytes:
        return signature.chain_start(self.edge.public)
