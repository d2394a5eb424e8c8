"""Every value of the golden vectors: read, and made again where nothing is drawn by chance."""

import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import audit, canonical, event, grant, manifest, opening, record, sealing, wire, wrap
from contract import signature as signatures
from contract.chain import Chain, Link, Point, link
from contract.digest import H
from contract.head import Erased, erased_read
from contract.record import Record
from contract.trust import Certificate, certificate_decoded
from tests.contract import golden
from tests.contract.golden import Vector


def each(*kinds: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", golden.of(*kinds), ids=lambda vector: vector.name)


def certified(given: dict[str, Any]) -> Certificate:
    data, vault, server = (
        bytes.fromhex(given[name]) for name in ("certificate", "vault_public", "server")
    )
    return certificate_decoded(data, vault_sign=vault, server=server)


def erasures(given: list[dict[str, Any]]) -> list[Erased]:
    return [erased_read(one, "erased") for one in given]


@each("event")
def test_an_event(vector: Vector) -> None:
    found = event.decoded(vector.data)
    assert found.at == vector.means["at"]
    assert event.encoded(found) == vector.data


@each("wrap")
def test_a_wrap(vector: Vector) -> None:
    found = wrap.decoded(vector.data)
    assert {
        "class": found.key_class,
        "writer": found.writer.hex(),
        "made": found.made,
        "key_id": found.key_id.hex(),
        "day_key": wrap.unwrapped(found, golden.rsa()).hex(),
    } == vector.means


@each("part")
def test_a_part_opens_by_its_prk_and_is_sealed_again_to_the_same_bytes(vector: Vector) -> None:
    name, given = vector.context["name"], vector.context
    head_hash, day_key = bytes.fromhex(given["head_hash"]), bytes.fromhex(given["day_key"])
    clear = sealing.read(vector.data, name=name)
    prk = sealing.prk_of(day_key, clear.nonce)
    content = sealing.opened(vector.data, prk, head_hash=head_hash, name=name)
    assert content.hex() == vector.means["content"]
    again = sealing.DayKey(clear.key_id, sealing.class_of(name), day_key)
    again._parts = int.from_bytes(clear.nonce, "big")
    assert again.sealed(content, head_hash=head_hash, name=name) == vector.data


@each("record")
def test_a_record(vector: Vector) -> None:
    public = bytes.fromhex(vector.context["public"])
    prev = vector.context.get("prev")
    found = record.opened(vector.data, public, prev=bytes.fromhex(prev) if prev else None)
    assert found.head.sequence == vector.means["sequence"]
    assert found.c.hex() == vector.means["c"]
    assert record.encoded(found.envelope) == found.data
    assert found.signed == vector.data


@pytest.mark.parametrize(
    ("seed", "names"),
    [
        ("edge_seed", [f"record {n}" for n in range(1, 7)]),
        (
            "server_writer_seed",
            ["server's note", "server's erased run", "server's erased pictures"],
        ),
    ],
)
def test_records_are_signed_again_to_the_same_bytes(seed: str, names: list[str]) -> None:
    key = Ed25519PrivateKey.from_private_bytes(golden.key(seed))
    prev = signatures.chain_start(signatures.public_half(key))
    for name in names:
        data = golden.named(name).data
        found = record.opened(data, signatures.public_half(key), prev=prev)
        assert record.signed(found.envelope, key).signed == data
        prev = found.c


def test_vector_0_of_the_page() -> None:
    key = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
    public = signatures.public_half(key)
    data = golden.named("vector 0: record").data
    found = record.opened(data, public)
    part = sealing.DayKey(b"\x02" * 32, "T", b"\x01" * 32).sealed(
        b"{}", head_hash=found.head.hash, name="event"
    )
    assert part == golden.named("vector 0: part").data
    assert found.envelope.parts == (record.part_named("event", found.head.hash, part),)
    assert found.head.edge.hex().startswith("a8f0af10")
    assert found.head.hash.hex().startswith("059d92fd")
    assert len(part) == 1120
    assert H(part).hex().startswith("85085682")
    assert signatures.chain_start(public).hex().startswith("4d6d806b")
    assert found.c.hex().startswith("a632c53b")
    assert found.signature.hex().startswith("b5086707")
    assert found.envelope.seen == audit.NOTHING_SEEN
    assert record.signed(found.envelope, key).signed == data


@each("opened")
def test_a_record_is_opened(vector: Vector) -> None:
    given = vector.context
    rights = certified(given)
    wraps = [wrap.decoded(bytes.fromhex(one)) for one in given["wraps"]]
    sealed = {H(data): data for data in map(bytes.fromhex, given["parts"])}
    named = opening.admitted(vector.data, rights).envelope.parts
    found = opening.opened(
        vector.data,
        rights,
        {part.name: sealed[part.hash] for part in named},
        opening.by_day_keys(
            rights.writer,
            {
                one.key_id: opening.DayKeyFound(one, wrap.unwrapped(one, golden.rsa()))
                for one in wraps
            },
        ),
    )
    plain = {name: hashlib.sha256(content).hexdigest() for name, content in found.contents.items()}
    assert plain == vector.means


@each("chain")
def test_a_chain(vector: Vector) -> None:
    given = vector.context
    public = bytes.fromhex(given["public"])
    chain = Chain(
        public,
        [link(record.opened(bytes.fromhex(one), public)) for one in given["records"]],
        erased=erasures(given.get("erased", [])),
        missing=[bytes.fromhex(one) for one in given.get("missing", [])],
        until=point(given["until"]["sequence"], given["until"]["hash"])
        if "until" in given
        else None,
    )
    found = chain.findings([point(*low) for low in given.get("lows", [])])
    assert [[one.first, one.what] for one in found] == vector.means["found"]
    assert all(one.first == one.last for one in found)


def point(sequence: int, hashed: str) -> Point:
    return Point(sequence, bytes.fromhex(hashed))


class Receiver:
    """A server without a disk: it keeps what came, and says what is whole."""

    def __init__(self, rights: Certificate, erased: list[Erased]) -> None:
        self.rights, self.erased = rights, erased
        self.wraps: set[bytes] = {key for one in erased for key in one.keys}
        self.records: dict[bytes, Record] = {}
        self.parts: set[bytes] = set()

    def take(self, data: bytes) -> None:
        batch = wire.batch_decoded(data)
        assert wire.batch_encoded(batch) == data
        records = [opening.admitted(one, self.rights) for one in batch.records]
        named = [part for one in self.records.values() for part in one.envelope.parts]
        wire.check_batch(
            batch,
            records,
            edge=self.rights.writer,
            rsa_ids={wrap.rsa_id(golden.rsa().public_key())},
            there=wire.There(
                wrap=self.wraps.__contains__,
                names_wrap=lambda key: any(part.key == key for part in named),
                names_part=lambda sealed: any(part.hash == sealed for part in named),
            ),
        )
        self.wraps.update(one.key_id for one in batch.wraps)
        self.records.update((one.c, one) for one in records)
        self.parts.update(map(H, batch.parts))

    def chain(self) -> Chain:
        links: list[Link] = [link(one) for one in self.records.values()]
        named = {part.hash for one in links for part in one.parts}
        return Chain(self.rights.public, links, erased=self.erased, missing=named - self.parts)


@each("batch")
def test_a_batch_after_those_before_it(vector: Vector) -> None:
    given = vector.context
    rights = certified(given)
    receiver = Receiver(rights, erasures(given.get("erased", [])))
    for before in given.get("before", []):
        receiver.take(bytes.fromhex(before))
    receiver.take(vector.data)
    chain = receiver.chain()
    low = wire.low_of(chain.have())
    known = chain.c(low)
    assert known is not None
    assert {
        "have": [list(run) for run in chain.have()],
        "low": low,
        "low_hash": known.hex(),
    } == vector.means


@each("ack")
def test_an_acknowledgement(vector: Vector) -> None:
    found = wire.ack_decoded(vector.data, edge=bytes.fromhex(vector.context["edge"]))
    assert found.low == vector.means["low"]
    assert wire.ack_encoded(found) == vector.data


@each("start")
def test_a_start(vector: Vector) -> None:
    found = wire.start_opened(vector.data, bytes.fromhex(vector.context["public"]))
    assert found.edge.hex() == vector.means["edge"]
    key = Ed25519PrivateKey.from_private_bytes(golden.key("edge_seed"))
    assert wire.start_signed(found, key) == vector.data


@each("started")
def test_the_answer_to_a_start(vector: Vector) -> None:
    given = vector.context
    ask, edge = wire.asked(bytes.fromhex(given["asked"])), bytes.fromhex(given["edge"])
    found = wire.started_decoded(vector.data, ask=ask, edge=edge)
    assert found.keep_days == vector.means["keep_days"]
    assert wire.started_encoded(found) == vector.data


@each("audit")
def test_an_audit_chain(vector: Vector) -> None:
    given = vector.context
    lines = vector.data.split(b"\n")
    found = audit.walked(
        lines,
        node=audit.decoded(lines[0]).node,
        clear={H(detail): detail for detail in map(bytes.fromhex, given["clear"])},
        vault_public=bytes.fromhex(given["vault_public"]),
        witnesses=[audit.audit_head(one, "witness") for one in given["witnesses"]],
    )
    assert found.faults == ()
    assert found.head.head.hex() == vector.means["head"]
    assert found.head.seq == len(lines) == vector.means["lines"]
    assert [audit.encoded(audit.decoded(line)) for line in lines] == lines


@each("detail")
def test_an_audit_detail(vector: Vector) -> None:
    line = audit.decoded(bytes.fromhex(vector.context["line"]))
    assert line.detail == H(vector.data)
    if line.act in audit.CLEAR_ACTS:
        found = audit.detail_decoded(line.act, vector.data)
        assert audit.detail_encoded(found) == vector.data == bytes.fromhex(vector.means["content"])
        return
    clear = sealing.read(vector.data, name="audit")
    prk = sealing.prk_of(bytes.fromhex(vector.context["day_key"]), clear.nonce)
    content = sealing.opened(vector.data, prk, head_hash=line.head_hash, name="audit")
    assert content.hex() == vector.means["content"]


def test_the_vault_marks_again_with_the_same_signature() -> None:
    key = Ed25519PrivateKey.from_private_bytes(golden.key("vault_sign_seed"))
    line = audit.decoded(golden.named("audit").data.split(b"\n")[2])
    mark = audit.marked(key, audit.AuditHead(line.node, line.seq - 1, line.prev))
    assert audit.detail_encoded(mark) == golden.named("detail of mark, in clear").data


@each("manifest")
def test_a_manifest(vector: Vector) -> None:
    found = manifest.opened(vector.data, bytes.fromhex(vector.context["vault_public"]))
    assert found.rows == vector.means["rows"]
    files = {
        name: manifest.export_file(name, bytes.fromhex(content))
        for name, content in vector.context["files"].items()
    }
    manifest.check_files(found, files)
    key = Ed25519PrivateKey.from_private_bytes(golden.key("vault_sign_seed"))
    assert manifest.signed(found, key) == vector.data


@each("grant")
def test_a_grant(vector: Vector) -> None:
    given, work = vector.context, vector.means["work"]
    public, server, edge = (
        bytes.fromhex(given[name]) for name in ("vault_public", "server", "edge")
    )
    found = grant.opened(vector.data, public, server=server, edge=edge, work=work)
    assert found.nonce.hex() == vector.means["nonce"]
    key = Ed25519PrivateKey.from_private_bytes(golden.key("vault_sign_seed"))
    assert grant.signed(found, key) == vector.data


@pytest.mark.parametrize("writer", ["edge", "edge2", "server_writer"])
def test_the_printed_keys_have_the_printed_halves_and_ids(writer: str) -> None:
    key = Ed25519PrivateKey.from_private_bytes(golden.key(f"{writer}_seed"))
    assert signatures.public_half(key) == golden.key(f"{writer}_public")
    assert signatures.writer_id(golden.key(f"{writer}_public")) == golden.key(writer)


def test_the_printed_rsa_keys_are_such_as_the_vault_makes() -> None:
    for name in ("rsa", "rsa2"):
        spki = wrap.spki_of(golden.rsa(name).public_key())
        assert wrap.rsa_id(wrap.rsa_public(spki)) == H(spki)


def test_every_kind_of_the_files_is_checked() -> None:
    ours = {"event", "wrap", "part", "record", "opened", "chain"}
    ours |= {"batch", "ack", "start", "started", "audit", "detail", "manifest", "grant"}
    files = ("event", "sealing", "record", "wire", "audit", "grant")
    kinds = {
        one["kind"]
        for f in files
        for one in json.loads((golden.VECTORS / f"{f}.json").read_bytes())
    }
    assert kinds == ours
    assert canonical.VERSION == 1
