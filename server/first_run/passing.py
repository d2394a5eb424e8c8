"""A certificate for one walk: only the terminal vouches for it, by printing its fingerprint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from server.running import tls_leaf

_LASTS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Passing:
    """The certificate and its key as PEM, and what a browser shows of it."""

    chain: bytes
    key: bytes = field(repr=False)
    fingerprint: bytes


def certificate(further: Sequence[str]) -> Passing:
    """Make one for what this machine is called."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = tls_leaf.names_here(further)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Lotkeeper, first run")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _LASTS)
        .not_valid_after(now + _LASTS)
        .add_extension(
            x509.SubjectAlternativeName([tls_leaf.general_name(one) for one in names]),
            critical=False,
        )
        .sign(key, SHA256())
    )
    return Passing(
        made.public_bytes(Encoding.PEM),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        made.fingerprint(SHA256()),
    )
