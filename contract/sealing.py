"""Sealed parts: AES-256-GCM under a key of its own, which comes from a day key.

The day key lies in the memory of the process that drew it, and wrapped under the vault's RSA key:
so a writer can seal at any hour, and nobody can read who has not unlocked the vault. A part's
PRK opens that part and no other. Unlike its part key it proves what it opens, since the
commitment follows from it: a part can be made that two part keys open to two texts.
"""

import hmac
import os
import threading
from dataclasses import dataclass, field
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from contract import canonical
from contract.canonical import Malformed, sized
from contract.digest import DIGEST_BYTES
from contract.layout import Layout

KeyClass = Literal["T", "P", "A"]

MARK = b"LKP1"
NONCE_BYTES = 12
HEADER_BYTES = len(MARK) + DIGEST_BYTES + NONCE_BYTES + DIGEST_BYTES
TAG_BYTES = 16
LENGTH_BYTES = 4
DAY_KEY_BYTES = 32
PART_BYTES_MAX = 4 * 1024 * 1024

# How far GCM's proofs reach under one key of ours, with room to spare.
PARTS_MAX = 2**32
BYTES_MAX = 64 * 1024**3

# Pictures differ by more than text does, so they are made alike in larger steps.
_PADDED_TO: dict[KeyClass, int] = {"T": 1024, "A": 1024, "P": 4096}
_PICTURE = "picture/"
_CLASSES: dict[str, KeyClass] = {"event": "T", "note": "T", "hello": "T", "audit": "A"}


class Spent(Exception):
    """The day key has sealed as much as one key may, or belongs to another process."""


def class_of(name: str) -> KeyClass:
    """Return the class of day key that seals a part of this name."""
    if name.startswith(_PICTURE):
        return "P"
    if name not in _CLASSES:
        raise Malformed("no part has such a name")
    return _CLASSES[name]


def picture(name: str) -> str:
    """Return the name of the part that holds an Event's picture."""
    return _PICTURE + name


def pictured(part: str) -> str | None:
    """Return the name that a part's picture has in its Event, None where it is no picture."""
    return part.removeprefix(_PICTURE) if part.startswith(_PICTURE) else None


def check_size(name: str, size: int) -> None:
    """Refuse a size that no sealed part of this name has."""
    padded = size - HEADER_BYTES - TAG_BYTES
    if padded <= 0 or padded % _PADDED_TO[class_of(name)] or size > PART_BYTES_MAX:
        raise Malformed("a part has a size that no part of its name has")


def sealed_size(name: str, content_bytes: int) -> int:
    """Return how many bytes the sealed part of so much content has."""
    step = _PADDED_TO[class_of(name)]
    padded = -(-(LENGTH_BYTES + content_bytes) // step) * step
    return HEADER_BYTES + padded + TAG_BYTES


@dataclass(slots=True, eq=False)
class DayKey:
    """A key that seals parts until it is spent; it lives in this process and nowhere else."""

    key_id: bytes  # of its wrap
    key_class: KeyClass
    _key: bytes = field(repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _parts: int = 0
    _bytes: int = 0
    _process: int = field(default_factory=os.getpid)

    def __post_init__(self) -> None:
        sized("a key id", self.key_id, DIGEST_BYTES)
        sized("a day key", self._key, DAY_KEY_BYTES)

    def sealed(self, content: bytes, *, head_hash: bytes, name: str) -> bytes:
        """Return the sealed part; Spent where another day key must be drawn first."""
        if class_of(name) != self.key_class:
            raise ValueError(f"a day key of class {self.key_class} seals no part named {name}")
        size = sealed_size(name, len(content))
        if size > PART_BYTES_MAX:
            raise Malformed(f"a part would have more than {PART_BYTES_MAX} bytes")
        nonce = self._next_nonce(size)
        bound = _bound(self.key_id, head_hash, name)
        part_key, commitment = _expanded(prk_of(self._key, nonce), bound)
        part = bytearray(size)
        part[:HEADER_BYTES] = MARK + self.key_id + nonce + commitment
        plain = bytearray(size - HEADER_BYTES - TAG_BYTES)
        plain[:LENGTH_BYTES] = len(content).to_bytes(LENGTH_BYTES, "big")
        plain[LENGTH_BYTES : LENGTH_BYTES + len(content)] = content
        AESGCM(part_key).encrypt_into(nonce, plain, bound, memoryview(part)[HEADER_BYTES:])
        return bytes(part)

    def _next_nonce(self, size: int) -> bytes:
        """Draw a nonce that never comes again, whatever becomes of what it seals."""
        # A forked process has this counter too: both would seal under the same nonces.
        if self._process != os.getpid():
            raise Spent
        with self._lock:
            if self._parts >= PARTS_MAX or self._bytes + size > BYTES_MAX:
                raise Spent
            drawn = self._parts
            self._parts += 1
            self._bytes += size
        return drawn.to_bytes(NONCE_BYTES, "big")


@dataclass(frozen=True, slots=True)
class SealedPart:
    """What stands in clear in a sealed part."""

    key_id: bytes
    nonce: bytes
    commitment: bytes


@canonical.reading("a sealed part")
def read(part: bytes, *, name: str) -> SealedPart:
    """Return what stands in clear in a part; Malformed for what is no part of this name."""
    check_size(name, len(part))
    layout = Layout(part)
    layout.mark(MARK)
    return SealedPart(
        layout.take(DIGEST_BYTES), layout.take(NONCE_BYTES), layout.take(DIGEST_BYTES)
    )


def prk_of(day_key: bytes, nonce: bytes) -> bytes:
    """Return what opens one part alone: for a hold to keep, or an auditor to be handed."""
    return HKDF.extract(SHA256(), nonce, day_key)


@canonical.reading("a sealed part")
def opened(part: bytes, prk: bytes, *, head_hash: bytes, name: str) -> bytes:
    """Return a part's content; Malformed where anything at all is not as it was sealed."""
    clear = read(part, name=name)
    bound = _bound(clear.key_id, head_hash, name)
    part_key, commitment = _expanded(prk, bound)
    if not hmac.compare_digest(commitment, clear.commitment):
        raise Malformed("a part's commitment is not that of its key")
    try:
        padded = AESGCM(part_key).decrypt(clear.nonce, memoryview(part)[HEADER_BYTES:], bound)
    except InvalidTag:
        raise Malformed("a part was altered") from None
    end = LENGTH_BYTES + int.from_bytes(padded[:LENGTH_BYTES], "big")
    zeros = len(padded) - end
    if not 0 <= zeros < _PADDED_TO[class_of(name)] or padded[end:] != bytes(zeros):
        raise Malformed("a part is not filled up as it must be")
    return padded[LENGTH_BYTES:end]


def _bound(key_id: bytes, head_hash: bytes, name: str) -> bytes:
    """Return what a part is bound to: its key, its record's head and its name."""
    sized("the hash of a head", head_hash, DIGEST_BYTES)
    spelled = name.encode()
    if len(spelled) > 255:
        raise Malformed("a part's name is too long")
    return b"lot/part/1" + key_id + head_hash + bytes([len(spelled)]) + spelled


def _expanded(prk: bytes, bound: bytes) -> tuple[bytes, bytes]:
    """Return part key and commitment."""
    sized("a PRK", prk, DIGEST_BYTES)
    expanded = HKDFExpand(SHA256(), 2 * DIGEST_BYTES, bound).derive(prk)
    return expanded[:DIGEST_BYTES], expanded[DIGEST_BYTES:]
