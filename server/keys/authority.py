"""The server's own certificate authority, so narrow that a stolen box cannot pose as a bank.

A root signs one issuing CA and is thrown away; both may speak for the lot's own network alone.
The issuing key lies in the vault.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lot.errors import WrongUsage

AUTHORITY_DAYS = 20 * 365
LEAF_DAYS = 397  # browsers take no longer one
RENEW_DAYS = 90
NAMES_MAX = 32

_DOMAINS = ("local", "home.arpa")
_NETWORKS = tuple(
    ipaddress.ip_network(one)
    for one in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8"),
        *("fc00::/7", "fe80::/10", "::1/128"),
    )
)
_BACKDATED = timedelta(days=1)  # a phone's clock may be a little behind


@dataclass(frozen=True, slots=True)
class Authority:
    """The two certificates (DER), and the issuing key (PKCS8)."""

    root: bytes
    issuing: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Issued:
    """A leaf (DER), and from when on it should be renewed."""

    leaf: bytes
    renew_at: datetime


def authority_made(server: bytes, now: datetime) -> Authority:
    """Return a new authority; nobody has the root's key when this returns."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = _name(f"Lotkeeper root {server.hex()[:8]}")
    name = _name(f"Lotkeeper issuing {server.hex()[:8]}")
    root = _authority(root_name, root_name, root_key, root_key, now, path_length=1)
    issuing = _authority(name, root_name, key, root_key, now, path_length=0)
    pkcs8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return Authority(root.public_bytes(Encoding.DER), issuing.public_bytes(Encoding.DER), pkcs8)


def leaf_issued(csr: bytes, issuing: bytes, key: bytes, now: datetime) -> Issued:
    """Return a leaf for the names a request asks for; WrongUsage for names beyond the lot's."""
    request = _request(csr)
    issuer, private = x509.load_der_x509_certificate(issuing), _private(key)
    names = _names(request)
    check_names(names)
    builder = _begun(request.subject, issuer.subject, request.public_key(), now, LEAF_DAYS)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    leaf = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(usage, critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(_key_id_of(private.public_key()), critical=False)
        .sign(private, SHA256())
    )
    renew_at = leaf.not_valid_after_utc - timedelta(days=RENEW_DAYS)
    return Issued(leaf.public_bytes(Encoding.DER), renew_at)


def is_of(issuing: bytes, key: bytes) -> bool:
    """Say whether this is the certificate of this issuing key."""
    public = x509.load_der_x509_certificate(issuing).public_key()
    return public == _private(key).public_key()


def _request(csr: bytes) -> x509.CertificateSigningRequest:
    try:
        request = x509.load_der_x509_csr(csr)
    except ValueError:
        request = None
    is_p256 = request is not None and isinstance(request.public_key(), ec.EllipticCurvePublicKey)
    if request is None or not request.is_signature_valid or not is_p256:
        raise WrongUsage(
            "this is no request for a certificate of a P-256 key", then="make the key anew"
        )
    return request


def _names(request: x509.CertificateSigningRequest) -> list[x509.GeneralName]:
    try:
        return list(request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except (x509.ExtensionNotFound, ValueError):
        return []


def check_names(names: Sequence[x509.GeneralName]) -> None:
    """Raise WrongUsage for names that the authority may not speak for."""
    if not 0 < len(names) <= NAMES_MAX:
        raise WrongUsage(
            f"a certificate has from 1 to {NAMES_MAX} names", then="set LOT_SERVER_NAMES"
        )
    for name in names:
        if not is_ours(name):
            raise WrongUsage(
                f"{name.value} lies outside the lot's own network",
                then="name hosts under .local or .home.arpa, and private addresses",
            )


def is_ours(name: x509.GeneralName) -> bool:
    """Say whether a name lies in the lot's own network."""
    if isinstance(name, x509.DNSName):
        host = name.value.lower()
        return any(host == domain or host.endswith(f".{domain}") for domain in _DOMAINS)
    if isinstance(name, x509.IPAddress):
        address = ipaddress.ip_address(str(name.value))
        return any(address in network for network in _NETWORKS)
    return False


def _authority(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    now: datetime,
    *,
    path_length: int,
) -> x509.Certificate:
    constraints = x509.NameConstraints(
        [*(x509.DNSName(one) for one in _DOMAINS), *(x509.IPAddress(one) for one in _NETWORKS)],
        None,
    )
    basic = x509.BasicConstraints(ca=True, path_length=path_length)
    return (
        _begun(name, issuer, key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(basic, critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(_key_id_of(signer.public_key()), critical=False)
        .sign(signer, SHA256())
    )


def _begun(
    name: x509.Name, issuer: x509.Name, key: CertificatePublicKeyTypes, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_id_of(key: ec.EllipticCurvePublicKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _private(pkcs8: bytes) -> ec.EllipticCurvePrivateKey:
    key = load_der_private_key(pkcs8, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # the vault holds no other
    return key


def utc(now_us: int) -> datetime:
    """Return a time in microseconds as certificates bear it."""
    return datetime.fromtimestamp(now_us // 1_000_000, timezone.utc)
