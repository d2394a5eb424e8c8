"""A lot for the tests: a root and a leaf, a vault, an edge that is enrolled there, its events."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from contract import event, signature, tokens
from contract.event import Event
from contract.ids import uuid7
from contract.trust import (
    Certificate,
    RsaKey,
    Statement,
    certificate_object,
    pack_encoded,
)
from contract.wrap import spki_of
from edge.delivery.delivering import Asked
from edge.delivery.identity import Identity, Places, identity_in, keep_enrolled
from lot.addresses import Address
from lot.files import write_private
from tests.contract import golden

NOON = 1_800_000_000_000_000
VAULT = Ed25519PrivateKey.from_private_bytes(golden.key("vault_sign_seed"))
SERVER = golden.key("server")
LOT = golden.key("lot")
SEED = b"\x21" * 32
KEY = Ed25519PrivateKey.from_private_bytes(SEED)
PUBLIC = signature.public_half(KEY)
EDGE = signature.writer_id(PUBLIC)
TOKEN = tokens.token(f"lk1_{EDGE.hex()}_{'A' * 43}")  # the same in every process
AN_EVENT = event.decoded(golden.named("event 1").data)
# Long over, as for a Jetson whose clock is wrong: delivery does not look.
_BEGAN, _ENDED = (
    datetime(2020, 1, 1, tzinfo=timezone.utc),
    datetime(2021, 1, 1, tzinfo=timezone.utc),
)


@dataclass(frozen=True, slots=True)
class Tls:
    """A root, and a leaf for loopback with its key, in one PEM."""

    root: bytes
    leaf_pem: bytes


def tls(*, began: datetime = _BEGAN, ended: datetime = _ENDED) -> Tls:
    root_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a lot's root")])
    root = (
        _certificate(name, name, root_key.public_key(), began, ended)
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .sign(root_key, SHA256())
    )
    leaf_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the server")])
    leaf = (
        _certificate(leaf_name, name, leaf_key.public_key(), began, ended)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(root_key, SHA256())
    )
    key_pem = leaf_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Tls(root.public_bytes(Encoding.DER), leaf.public_bytes(Encoding.PEM) + key_pem)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    began: datetime,
    ended: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(ended)
    )


def statement(n: int = NOON, *, current: str = "rsa", old: tuple[str, ...] = ()) -> Statement:
    keys = [RsaKey(spki_of(golden.rsa(current).public_key()), "current")]
    keys += [RsaKey(spki_of(golden.rsa(one).public_key()), "old") for one in old]
    return Statement(SERVER, n, tuple(keys))


def pack(root: bytes, stated: Statement | None = None) -> bytes:
    return pack_encoded(root, stated or statement(), VAULT)


def rights(*cameras: str) -> Certificate:
    return Certificate(SERVER, LOT, PUBLIC, "edge", cameras or ("gate",), NOON)


def enrolled(folder: Path, root: bytes = b"a root") -> tuple[Places, Identity]:
    """Write what enrolment would, where it is not there yet, and read it back."""
    places = Places(folder)
    if places.enrolled.exists():
        return places, identity_in(places)
    write_private(places.signing_key, SEED)
    write_private(places.pack, pack(root))
    keep_enrolled(
        places,
        name="gate box",
        root=root,
        vault_sign=signature.public_half(VAULT),
        server=SERVER,
        certificate=certificate_object(rights(), VAULT),
    )
    return places, identity_in(places)


def asked(places: Places, port: int = 1, bytes_max: int = 1 << 30) -> Asked:
    return Asked(places, Address("127.0.0.1", port), TOKEN, bytes_max, timezone.utc)


def an_event(number: int, pictures: Mapping[str, bytes] | None = None, revision: int = 1) -> Event:
    """Return the event with this number, as the gate would put it."""
    at = NOON + number * 1_000_000
    return replace(
        AN_EVENT,
        id=uuid7(at, number),
        camera="gate",
        revision=revision,
        first_seen=at,
        best_at=at,
        last_seen=at,
        pictures={name: hashlib.sha256(p).hexdigest() for name, p in (pictures or {}).items()},
    )


def picture(number: int, size: int = 200_000) -> bytes:
    """Return bytes that no other number has and that nothing makes smaller."""
    return hashlib.shake_256(str(number).encode()).digest(size)
