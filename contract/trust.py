"""Whom an edge believes, and what it may testify: certificate, key statement, trust pack.

The vault signing key vouches for all of it, and no database is asked. The root in a pack is
vouched for by the code that the pack was fetched with, once: of a later pack only the key
statement is taken, because nothing but that is signed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import canonical, signature
from contract.canonical import Fields, Malformed, at_most, matching, sized, within
from contract.chain import Point
from contract.codes import Invitation
from contract.digest import DIGEST_BYTES, H
from contract.event import CAMERA_OR_LANE
from contract.head import ID_BYTES
from contract.wrap import rsa_public
from lot.errors import RolledBack

CERTIFICATE = b"lot/edge/1"
STATEMENT = b"lot/keys/1"
PACK_BYTES_MAX = 16 * 1024
CERTIFICATE_BYTES_MAX = 32 * 1024
CAMERAS_MAX = 64  # of one edge; each name at its longest, they fit the bytes above
OLD_KEYS_MAX = 2

Role = Literal["edge", "server"]
KeyState = Literal["current", "old"]

_ROLES: tuple[Role, ...] = get_args(Role)
_KEY_STATES: tuple[KeyState, ...] = get_args(KeyState)
_CERTIFICATE_FIELDS = ("body", "sig")
_BODY_FIELDS = ("v", "server", "lot", "writer", "public", "role", "cameras", "n", "until")
_PACK_FIELDS = ("v", "server", "root", "vault_sign", "statement", "statement_sig")


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a writer may testify, as the vault signed it at enrolment, change or revocation."""

    server: bytes
    lot: bytes | None  # null for the server's own
    public: bytes
    role: Role
    cameras: tuple[str, ...]
    n: int  # the highest one counts
    until: Point | None = None  # revoked: the last record that counts

    def __post_init__(self) -> None:
        sized("server", self.server, ID_BYTES)
        sized("lot", self.lot, ID_BYTES)
        signature.check_key(self.public)
        within("n", self.n, 0)
        at_most("cameras", self.cameras, CAMERAS_MAX)
        for camera in self.cameras:
            matching("a camera", camera, CAMERA_OR_LANE)
        if len(set(self.cameras)) != len(self.cameras):
            raise Malformed("a camera stands twice")
        if (self.role == "server") != (self.lot is None):
            raise Malformed("an edge has one lot, and the server's writer none")
        if self.role == "server" and self.cameras:
            raise Malformed("the server's writer has no cameras")
        if self.until is not None:
            within("until.sequence", self.until.sequence, 0)
            sized("until.hash", self.until.hash, DIGEST_BYTES)

    @property
    def writer(self) -> bytes:
        return signature.writer_id(self.public)


@dataclass(frozen=True, slots=True)
class RsaKey:
    """A public key of the vault: day keys go under the current one, old ones opened earlier."""

    spki: bytes
    state: KeyState

    def __post_init__(self) -> None:
        rsa_public(self.spki)

    @property
    def id(self) -> bytes:
        return H(self.spki)


@dataclass(frozen=True, slots=True)
class Statement:
    """The vault's RSA keys at one moment. Its number only rises, or an old key could return."""

    server: bytes
    n: int
    rsa: tuple[RsaKey, ...]

    def __post_init__(self) -> None:
        sized("server", self.server, ID_BYTES)
        within("n", self.n, 0)
        old = [key for key in self.rsa if key.state == "old"]
        at_most("the old keys", old, OLD_KEYS_MAX)
        if len(self.rsa) - len(old) != 1:
            raise Malformed("a statement has one current key")
        if len({key.id for key in self.rsa}) != len(self.rsa):
            raise Malformed("a key stands twice")

    @property
    def current(self) -> RsaKey:
        return next(key for key in self.rsa if key.state == "current")


@dataclass(frozen=True, slots=True)
class TrustPack:
    """What an edge pins when it enrols: the root of TLS and the vault signing key."""

    root: bytes  # DER
    vault_sign: bytes
    statement: Statement

    @property
    def server(self) -> bytes:
        return self.statement.server


def certificate_object(one: Certificate, vault_key: Ed25519PrivateKey) -> dict[str, object]:
    """Return {body, sig}: as a file of its own, or in the answer to an enrolment."""
    until = one.until and {"sequence": one.until.sequence, "hash": one.until.hash}
    body: dict[str, object] = {
        "v": canonical.VERSION,
        "server": one.server,
        "lot": one.lot,
        "writer": one.writer,
        "public": one.public,
        "role": one.role,
        "cameras": list(one.cameras),
        "n": one.n,
        "until": until,
    }
    signed = signature.signature(vault_key, CERTIFICATE, canonical.encoded(body))
    return {"body": body, "sig": signed}


def certificate_read(value: object, path: str, *, vault_sign: bytes, server: bytes) -> Certificate:
    """Return what {body, sig} certifies, signed by this vault and for this server."""
    outer = Fields(value, _CERTIFICATE_FIELDS, within=path)
    body = outer.of("body", _object)
    signature.check(vault_sign, outer.octets("sig"), CERTIFICATE, canonical.encoded(body))
    read = outer.inside("body", _BODY_FIELDS)
    read.version()
    found = Certificate(
        server=read.octets("server"),
        lot=read.either("lot", read.octets),
        public=read.octets("public"),
        role=read.word("role", _ROLES),
        cameras=read.entries("cameras", canonical.text),
        n=read.whole("n"),
        until=read.either("until", lambda name: _point(read, name)),
    )
    if read.octets("writer") != found.writer:
        raise Malformed("its writer is not that of its key")
    if found.server != server:
        raise Malformed("it was made for another server")
    return found


def certificate_encoded(one: Certificate, vault_key: Ed25519PrivateKey) -> bytes:
    return canonical.encoded(certificate_object(one, vault_key))


@canonical.reading("a certificate of this server")
def certificate_decoded(data: bytes, *, vault_sign: bytes, server: bytes) -> Certificate:
    """Return what the bytes certify; Damaged for all that this vault did not sign."""
    value = canonical.decoded(data, bytes_max=CERTIFICATE_BYTES_MAX)
    return certificate_read(value, "", vault_sign=vault_sign, server=server)


def pack_encoded(root: bytes, statement: Statement, vault_key: Ed25519PrivateKey) -> bytes:
    """Return the trust pack, with the statement signed by the vault."""
    stated = _statement_object(statement)
    data = canonical.encoded(
        {
            "v": canonical.VERSION,
            "server": statement.server,
            "root": root,
            "vault_sign": signature.public_half(vault_key),
            "statement": stated,
            "statement_sig": signature.signature(vault_key, STATEMENT, canonical.encoded(stated)),
        }
    )
    at_most("a trust pack", data, PACK_BYTES_MAX)
    return data


@canonical.reading("a trust pack")
def pack_invited(data: bytes, invitation: Invitation) -> TrustPack:
    """Return the pack that a code was printed over; WrongCode for any other."""
    at_most("it", data, PACK_BYTES_MAX)
    invitation.check(data, whose="server")
    return _pack(data)


@canonical.reading("the server's own trust pack")
def pack_own(data: bytes) -> TrustPack:
    """Return the pack that a server reads from its own disk: it proves no more than it signs.

    That the vault signing key in it is the owner's, the recovery sheet says and unlocking.
    """
    return _pack(data)


@canonical.reading("a key statement of the pinned vault")
def statement_renewed(data: bytes, *, pinned: bytes, least: int) -> Statement:
    """Return the statement in a later pack, signed by the pinned key; RolledBack below `least`."""
    pack = _pack(data)
    if pack.vault_sign != pinned:
        raise Malformed("it was signed by another vault")
    if pack.statement.n < least:
        raise RolledBack(
            f"the server's key statement is number {pack.statement.n}, {least} was there before",
            then="do not go on with this server until the owner knows why it was put back",
        )
    return pack.statement


def _pack(data: bytes) -> TrustPack:
    read = Fields(canonical.decoded(data, bytes_max=PACK_BYTES_MAX), _PACK_FIELDS)
    read.version()
    vault_sign, stated = read.octets("vault_sign"), read.of("statement", _object)
    signed = read.octets("statement_sig")
    signature.check(vault_sign, signed, STATEMENT, canonical.encoded(stated))
    statement = _statement(read.inside("statement", ("v", "server", "n", "rsa")))
    if read.octets("server") != statement.server:
        raise Malformed("pack and statement are of two servers")
    return TrustPack(read.octets("root"), vault_sign, statement)


def _statement_object(statement: Statement) -> dict[str, object]:
    keys = [{"id": key.id, "spki": key.spki, "state": key.state} for key in statement.rsa]
    return {
        "v": canonical.VERSION,
        "server": statement.server,
        "n": statement.n,
        "rsa": keys,
    }


def _statement(read: Fields) -> Statement:
    read.version()
    return Statement(read.octets("server"), read.whole("n"), read.entries("rsa", _rsa_key))


def _rsa_key(value: object, path: str) -> RsaKey:
    read = Fields(value, ("id", "spki", "state"), within=path)
    key = RsaKey(read.octets("spki"), read.word("state", _KEY_STATES))
    if read.octets("id") != key.id:
        raise Malformed(f"{path}.id is not that of its key")
    return key


def _point(read: Fields, name: str) -> Point:
    inner = read.inside(name, ("sequence", "hash"))
    return Point(inner.whole("sequence"), inner.octets("hash"))


def _object(value: object, path: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise Malformed(f"{path} is no object")
    return value
