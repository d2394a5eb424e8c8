"""What a ticket's link shows: sealed under the link itself, so that it needs no open vault.

A link bears 128 random bits. Their hash finds the face, a key made of them opens it; neither gives
them back. So whoever has the card reads no ticket, and whoever holds a ticket reads that one. The
desk changes a face by the key, which lies in the ticket's row under the people key.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from contract import canonical
from contract.canonical import Fields, Malformed
from contract.digest import H
from contract.head import ID_BYTES

TOKEN_BYTES = 16
TOKEN_CHARACTERS = 22  # as base64url spells them
LASTS_US = 24 * 3_600_000_000  # a link is good for so long after the car was handed out
BYTES_MAX = 4096
_NONCE_BYTES = 12
_TAIL = 3  # as many of a plate's letters as a ticket shows


@dataclass(frozen=True, slots=True)
class Face:
    """What a ticket shows: where the car stands and since when, and the end of its plate."""

    bay: str | None
    came: int
    called: int | None
    handed: int | None
    tail: str | None  # shown while the vault is open

    def is_over(self, now: int) -> bool:
        return self.handed is not None and now >= self.handed + LASTS_US


def token(once: bytes) -> str:
    """Return the link's token that a form asked for: the same for the same form sent twice."""
    return base64.urlsafe_b64encode(H(b"lot/ticket/1" + once)[:TOKEN_BYTES]).decode().rstrip("=")


def id_of(token: str) -> bytes:
    """Return by what a ticket's row and face are found."""
    return H(token.encode())[:ID_BYTES]


def key_of(token: str) -> bytes:
    """Return what a ticket's face lies under."""
    return HKDF(SHA256(), 32, salt=None, info=b"lot/face/1").derive(token.encode())


def tail(plate: str | None) -> str | None:
    """Return as much of a plate as a ticket shows."""
    return plate[-_TAIL:] if plate else None


def sealed(face: Face, key: bytes, lot: bytes, id_: bytes) -> bytes:
    """Return a face's bytes: nonce, then what is sealed."""
    plain = canonical.encoded(
        {
            "v": canonical.VERSION,
            "bay": face.bay,
            "came": face.came,
            "called": face.called,
            "handed": face.handed,
            "tail": face.tail,
        }
    )
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, _bound(lot, id_))


@canonical.reading("a ticket's face")
def opened(data: bytes, key: bytes, lot: bytes, id_: bytes) -> Face:
    """Return a face; Damaged where it was altered or is another's."""
    try:
        plain = AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], _bound(lot, id_))
    except (InvalidTag, ValueError):
        raise Malformed("it was altered, or is another's") from None
    value = canonical.decoded(plain, bytes_max=BYTES_MAX)
    read = Fields(value, ("v", "bay", "came", "called", "handed", "tail"))
    read.version()
    return Face(
        bay=read.either("bay", read.text),
        came=read.whole("came"),
        called=read.either("called", read.whole),
        handed=read.either("handed", read.whole),
        tail=read.either("tail", read.text),
    )


def _bound(lot: bytes, id_: bytes) -> bytes:
    return b"lot/face/1" + lot + id_
