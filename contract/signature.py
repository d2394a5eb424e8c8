"""Ed25519: who wrote it. The chain: in which order, and what stood before.

Every signature is over a purpose and a message, so that none made for one thing holds for
another. A writer's id follows from its key: nobody can lie about whose key it is.
"""

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contract.canonical import Malformed, sized
from contract.digest import H

KEY_BYTES = 32
WRITER_BYTES = 16
SIGNATURE_BYTES = 64

RECORD = b"lot/sign/1"
START = b"lot/start/1"
MARK = b"lot/mark/1"
EXPORT = b"lot/export/1"
GRANT = b"lot/grant/1"

# Keys of small order, for which one signature can be made to hold for any message: libsodium's
# list, with the sign bit cleared.
_SMALL_ORDER = frozenset(
    bytes.fromhex(key)
    for key in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)


def check_key(public: bytes) -> None:
    """Refuse a public key of another size or of small order."""
    sized("a public key", public, KEY_BYTES)
    if public[:-1] + bytes([public[-1] & 0x7F]) in _SMALL_ORDER:
        raise Malformed("a public key is of small order")


@lru_cache(maxsize=64)
def writer_id(public: bytes) -> bytes:
    """Return the id of the writer that signs with this key."""
    check_key(public)
    return H(b"lot/writer/1", public)[:WRITER_BYTES]


def public_half(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def signature(key: Ed25519PrivateKey, purpose: bytes, message: bytes) -> bytes:
    return key.sign(purpose + message)


def check(public: bytes, given: bytes, purpose: bytes, message: bytes) -> None:
    """Refuse a signature that the key's owner did not make for this purpose and message."""
    sized("a signature", given, SIGNATURE_BYTES)
    try:
        _verifier(public).verify(given, purpose + message)
    except Malformed:
        raise
    except (InvalidSignature, ValueError):  # ValueError: 32 bytes that are no point
        raise Malformed("its signature does not hold") from None


@lru_cache(maxsize=64)
def _verifier(public: bytes) -> Ed25519PublicKey:
    """Return a public key made ready; a batch's twenty signatures are by one."""
    check_key(public)
    return Ed25519PublicKey.from_public_bytes(public)


def signed(key: Ed25519PrivateKey, purpose: bytes, message: bytes) -> bytes:
    """Return message ‖ signature."""
    return message + signature(key, purpose, message)


def unsigned(public: bytes, data: bytes, purpose: bytes) -> bytes:
    """Return the message of message ‖ signature; not a byte of it is parsed before."""
    message, given = parted(data)
    check(public, given, purpose, message)
    return message


def parted(data: bytes) -> tuple[bytes, bytes]:
    """Return message and signature, unchecked."""
    if len(data) <= SIGNATURE_BYTES:
        raise Malformed("it is cut")
    return data[:-SIGNATURE_BYTES], data[-SIGNATURE_BYTES:]


def chain_start(public: bytes) -> bytes:
    """Return c_0 of the writer with this key."""
    return H(b"lot/chain/0", writer_id(public), public)


def chain_next(envelope: bytes) -> bytes:
    """Return c_n of a record; the c before it stands in the envelope."""
    return H(b"lot/chain/1", envelope)
