"""The server's TLS key and certificate: which names it bears, and its renewal in good time."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from lot.addresses import Address
from lot.errors import Unreadable, WrongUsage
from lot.files import write_private
from server.keys import authority
from server.keys.authority import RENEW_DAYS
from server.settings import Places

_PORT = 8443
_ELSEWHERE = ("10.255.255.255", "192.168.255.255", "172.31.255.255")


def names_here(further: Sequence[str]) -> tuple[str, ...]:
    """Return what this machine is called in its own network, and the further names of settings."""
    host = socket.gethostname().split(".")[0]
    found = [f"{host}.local", "127.0.0.1", "::1", *_addresses(), *further]
    return tuple(dict.fromkeys(found))


def found_at(further: Sequence[str]) -> Address:
    """Return where an edge finds this server, if nobody says otherwise."""
    return Address(names_here(further)[0], _PORT)


def check_names(names: Sequence[str]) -> None:
    """Raise WrongUsage where no certificate can be made for these."""
    authority.check_names([general_name(one) for one in names])


def request_made(names: Sequence[str]) -> tuple[bytes, bytes]:
    """Return a new key (PEM) and the request for its certificate (DER)."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem, _request(key, names)


def request_again(places: Places, names: Sequence[str]) -> bytes:
    """Return a request for the key that is there: phones that know it see no change."""
    key = load_pem_private_key(_read(places), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise WrongUsage(
            f"{places.tls_key} is no key of ours", then="renew an own certificate where it is from"
        )
    return _request(key, names)


def keep(places: Places, leaf: bytes, issuing: bytes, key: bytes | None = None) -> None:
    """Keep the chain (DER) as PEM, the key before it: a chain without its key serves nobody."""
    if key is not None:
        write_private(places.tls_key, key)
    certificates = [x509.load_der_x509_certificate(one) for one in (leaf, issuing)]
    write_private(places.chain, b"".join(one.public_bytes(Encoding.PEM) for one in certificates))


def is_due(places: Places, issuing: bytes, now: datetime) -> bool:
    """Say whether our own leaf should be renewed; an own certificate of the owner's is theirs."""
    try:
        leaf, *above = x509.load_pem_x509_certificates(places.chain.read_bytes())
    except (OSError, ValueError):
        return False
    if [one.public_bytes(Encoding.DER) for one in above] != [issuing]:
        return False
    return leaf.not_valid_after_utc - now < timedelta(days=RENEW_DAYS)


def _request(key: ec.EllipticCurvePrivateKey, names: Sequence[str]) -> bytes:
    common = x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0][:64])
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([common]))
        .add_extension(x509.SubjectAlternativeName(list(map(general_name, names))), critical=False)
        .sign(key, SHA256())
        .public_bytes(Encoding.DER)
    )


def general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        pass
    try:
        return x509.DNSName(text)
    except ValueError:
        raise WrongUsage(f"{text} is no name of a host", then="look at LOT_SERVER_NAMES") from None


def _addresses() -> Iterator[str]:
    """Yield the addresses that others in the lot's network find this machine at."""
    for elsewhere in _ELSEWHERE:
        # Nothing is sent: connecting a datagram socket only looks up the route.
        with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as looked:
            looked.connect((elsewhere, 9))
            address = str(looked.getsockname()[0])
            if authority.is_ours(general_name(address)):
                yield address


def _read(places: Places) -> bytes:
    try:
        return places.tls_key.read_bytes()
    except OSError as error:
        raise Unreadable(
            f"cannot read {places.tls_key}: {error.strerror or error}",
            then="give it to the user that serves",
        ) from error
