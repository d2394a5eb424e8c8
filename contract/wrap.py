"""A wrap: a day key under the vault's RSA key, in a file that can be destroyed.

Wraps are files and never rows, because a database forgets badly.
"""

from dataclasses import dataclass, field
from typing import get_args

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from contract import canonical
from contract.canonical import Malformed, sized, within
from contract.digest import DIGEST_BYTES, H
from contract.layout import Layout
from contract.sealing import DAY_KEY_BYTES, KeyClass
from contract.signature import WRITER_BYTES

MARK = b"LKW1"
RSA_BITS = 3072
RSA_EXPONENT = 65537
CLEAR_BYTES = len(MARK) + DIGEST_BYTES + WRITER_BYTES + 1 + 8
WRAP_BYTES = CLEAR_BYTES + RSA_BITS // 8

_CLASSES: tuple[KeyClass, ...] = get_args(KeyClass)


@dataclass(frozen=True, slots=True)
class Wrap:
    """What a wrap says in clear, and its whole bytes."""

    rsa: bytes  # the id of the key that opens it
    writer: bytes
    key_class: KeyClass
    made: int  # µs UTC
    data: bytes = field(repr=False)

    @property
    def key_id(self) -> bytes:
        """Return what envelopes and parts call this day key."""
        return H(b"lot/key/1", self.data)


@canonical.reading("a wrap")
def decoded(data: bytes) -> Wrap:
    """Return the wrap that these bytes are; Damaged for all others."""
    sized("it", data, WRAP_BYTES)
    layout = Layout(data)
    layout.mark(MARK)
    rsa_id, writer = layout.take(DIGEST_BYTES), layout.take(WRITER_BYTES)
    letter, made = layout.take(1), layout.number(8)
    for key_class in _CLASSES:
        if letter == key_class.encode():
            within("made", made, 0)
            return Wrap(rsa_id, writer, key_class, made, data)
    raise Malformed("its class is unknown")


def rsa_public(spki: bytes) -> rsa.RSAPublicKey:
    """Return the key of a SubjectPublicKeyInfo; Malformed for one that the vault never makes."""
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        raise Malformed("it holds no public key") from None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size != RSA_BITS:
        raise Malformed(f"its key is no RSA key of {RSA_BITS} bits")
    if key.public_numbers().e != RSA_EXPONENT or spki_of(key) != spki:
        raise Malformed("its RSA key is not as the vault makes them")
    return key


def rsa_id(key: rsa.RSAPublicKey) -> bytes:
    """Return what wraps and key statements call an RSA key."""
    return H(spki_of(key))


def wrapped(
    day_key: bytes, key: rsa.RSAPublicKey, *, writer: bytes, key_class: KeyClass, made: int
) -> Wrap:
    """Return a day key's wrap under the vault's RSA key."""
    sized("a writer's id", writer, WRITER_BYTES)
    within("made", made, 0)
    clear = MARK + rsa_id(key) + writer + key_class.encode() + made.to_bytes(8, "big")
    return decoded(clear + key.encrypt(day_key, _oaep(clear)))


@canonical.reading("a wrap of this key")
def unwrapped(wrap: Wrap, key: rsa.RSAPrivateKey) -> bytes:
    """Return the day key; Malformed where it lies under another RSA key or was altered."""
    if wrap.rsa != rsa_id(key.public_key()):
        raise Malformed("it lies under another RSA key")
    clear, sealed = wrap.data[:CLEAR_BYTES], wrap.data[CLEAR_BYTES:]
    try:
        secret = key.decrypt(sealed, _oaep(clear))
    except ValueError:
        raise Malformed("a wrap was altered") from None
    sized("its day key", secret, DAY_KEY_BYTES)
    return secret


def _oaep(clear: bytes) -> padding.OAEP:
    """Bind what stands in clear, or a wrap could be given to another writer or class."""
    return padding.OAEP(padding.MGF1(SHA256()), SHA256(), label=b"lot/wrap/1" + clear)


def spki_of(key: rsa.RSAPublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
