"""The vault file: every private key of the server, under the vault key that the slots open."""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contract import canonical
from contract.canonical import Fields, Malformed, at_most, sized, within
from contract.digest import DIGEST_BYTES
from contract.head import ID_BYTES
from contract.layout import Layout
from lot.errors import Damaged

MARK = b"LKV1"
KEY_BYTES = 32
NONCE_BYTES = 12
FILE_BYTES_MAX = 1024 * 1024
RSA_KEYS_MAX = 64  # a rotation a month for five years; each is 2 kB

_FIELDS = ("v", "rsa", "sign", "issuing", "people", "index")


@dataclass(frozen=True, slots=True)
class RsaPair:
    """A pair that edges sealed under, or do; old ones stay for old records."""

    id: bytes  # H of the public half
    pkcs8: bytes = field(repr=False)

    def __post_init__(self) -> None:
        sized("an RSA key's id", self.id, DIGEST_BYTES)


@dataclass(frozen=True, slots=True)
class Vault:
    """What lies in the vault."""

    rsa: tuple[RsaPair, ...]
    sign: bytes = field(repr=False)  # the seed of the vault signing key
    issuing: bytes = field(repr=False)  # PKCS8 of the issuing CA's key
    people: bytes = field(repr=False)
    index: bytes = field(repr=False)

    def __post_init__(self) -> None:
        at_most("rsa", self.rsa, RSA_KEYS_MAX)
        for name in ("sign", "people", "index"):
            sized(name, getattr(self, name), KEY_BYTES)
        if len({pair.id for pair in self.rsa}) != len(self.rsa):
            raise Malformed("an RSA key stands twice")


def sealed(vault: Vault, vault_key: bytes, *, server: bytes, generation: int) -> bytes:
    """Return the file; its generation must be above every one written before."""
    within("generation", generation, 0)
    nonce = os.urandom(NONCE_BYTES)
    plain = canonical.encoded(
        {
            "v": canonical.VERSION,
            "rsa": [{"id": pair.id, "pkcs8": pair.pkcs8} for pair in vault.rsa],
            "sign": vault.sign,
            "issuing": vault.issuing,
            "people": vault.people,
            "index": vault.index,
        }
    )
    number = _number(generation)
    ciphertext = AESGCM(vault_key).encrypt(nonce, plain, _bound(server, number))
    return MARK + number + nonce + ciphertext


@canonical.reading("the vault file")
def generation_of(data: bytes) -> int:
    """Return the number that stands in clear; only opening says whether it is true."""
    layout = Layout(data)
    layout.mark(MARK)
    return layout.number(8)


@canonical.reading("the vault file")
def opened(data: bytes, vault_key: bytes, *, server: bytes) -> Vault:
    """Return what lies in the vault; Damaged where file, key or server are not its own."""
    at_most("it", data, FILE_BYTES_MAX)
    layout = Layout(data)
    layout.mark(MARK)
    number, nonce = layout.take(8), layout.take(NONCE_BYTES)
    try:
        plain = AESGCM(vault_key).decrypt(nonce, layout.rest(), _bound(server, number))
    except InvalidTag:
        raise Damaged(
            "the vault file does not open with the vault key",
            then="it was altered or is another server's: restore it from the keys part of a backup",
        ) from None
    return _vault(plain)


def _vault(plain: bytes) -> Vault:
    read = Fields(canonical.decoded(plain, bytes_max=FILE_BYTES_MAX), _FIELDS)
    read.version()
    return Vault(
        rsa=read.entries("rsa", _rsa_pair),
        sign=read.octets("sign"),
        issuing=read.octets("issuing"),
        people=read.octets("people"),
        index=read.octets("index"),
    )


def _rsa_pair(value: object, path: str) -> RsaPair:
    read = Fields(value, ("id", "pkcs8"), within=path)
    return RsaPair(read.octets("id"), read.octets("pkcs8"))


def _number(generation: int) -> bytes:
    return generation.to_bytes(8, "big")


def _bound(server: bytes, number: bytes) -> bytes:
    sized("server", server, ID_BYTES)
    return b"lot/vault/1" + server + number
