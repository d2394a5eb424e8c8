"""Who this edge is, and whom it believes: made by enrolment, read by whatever seals or sends."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import canonical, signature
from contract.canonical import Fields, Malformed
from contract.event import CAMERA_OR_LANE
from contract.trust import Certificate, Statement, certificate_read, statement_renewed
from lot.errors import Refused, Unreadable
from lot.files import write_private

ENROLLED_BYTES_MAX = 128 * 1024

_FIELDS = ("v", "name", "server", "root", "vault_sign", "certificate")


@dataclass(frozen=True, slots=True)
class Places:
    """What lies where in the edge's own folder."""

    folder: Path

    @property
    def signing_key(self) -> Path:
        return self.folder / "signing.key"

    @property
    def enrolled(self) -> Path:
        """Written last of all, so what stands here was enrolled whole."""
        return self.folder / "enrolled.json"

    @property
    def pack(self) -> Path:
        """The newest trust pack: of it only the key statement is believed."""
        return self.folder / "trust.json"

    @property
    def outbox(self) -> Path:
        return self.folder / "outbox.sqlite3"

    @property
    def api_certificate(self) -> Path:
        """Certificate and key of the edge's own API, which the server learned at enrolment."""
        return self.folder / "api.pem"


@dataclass(frozen=True, slots=True)
class Identity:
    """The keys and pins of an enrolled edge."""

    name: str
    key: Ed25519PrivateKey = field(repr=False)
    root: bytes  # DER: TLS is believed under it alone
    vault_sign: bytes
    certificate: Certificate

    @property
    def edge(self) -> bytes:
        return self.certificate.writer

    @property
    def public(self) -> bytes:
        return self.certificate.public

    @property
    def lot(self) -> bytes:
        lot = self.certificate.lot
        assert lot is not None, "an edge's certificate names a lot"
        return lot


def keep_enrolled(
    places: Places,
    *,
    name: str,
    root: bytes,
    vault_sign: bytes,
    server: bytes,
    certificate: object,
) -> None:
    """Write what was pinned; `certificate` is {body, sig} as the vault signed it."""
    said = canonical.encoded(
        {
            "v": canonical.VERSION,
            "name": name,
            "server": server,
            "root": root,
            "vault_sign": vault_sign,
            "certificate": certificate,
        }
    )
    write_private(places.enrolled, said)


def identity_in(places: Places) -> Identity:
    """Return who this edge is; Refused where it was never enrolled."""
    if not places.enrolled.exists():
        raise Refused(
            f"this edge is not enrolled: {places.enrolled} is missing",
            then="print a code with `python -m server edge add`, then `python -m edge enrol`",
        )
    return _identity(read_private(places.enrolled), read_private(places.signing_key))


@canonical.reading("what this edge pinned when it was enrolled")
def _identity(enrolled: bytes, seed: bytes) -> Identity:
    read = Fields(canonical.decoded(enrolled, bytes_max=ENROLLED_BYTES_MAX), _FIELDS)
    read.version()
    vault_sign, server = read.octets("vault_sign"), read.octets("server")
    certificate = read.of(
        "certificate",
        lambda value, path: certificate_read(value, path, vault_sign=vault_sign, server=server),
    )
    canonical.sized("the signing key", seed, signature.KEY_BYTES)
    key = Ed25519PrivateKey.from_private_bytes(seed)
    if signature.public_half(key) != certificate.public or certificate.lot is None:
        raise Malformed("its certificate is not that of the signing key beside it")
    name = read.text("name")
    canonical.matching("name", name, CAMERA_OR_LANE)
    return Identity(name, key, read.octets("root"), vault_sign, certificate)


def statement_in(places: Places, identity: Identity) -> Statement:
    """Return the newest key statement that was accepted."""
    data = read_private(places.pack)
    return statement_renewed(data, pinned=identity.vault_sign, least=0)


def read_private(path: Path) -> bytes:
    """Return what one of our own files holds."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(
            f"cannot read {path}: {error.strerror or error}",
            then="give the folder to the user that runs this, or enrol anew",
        ) from error
