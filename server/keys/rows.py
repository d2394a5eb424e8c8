"""Rows under the people key: what is changed in place, and read only while unlocked.

A row is bound to its table, its id and its version, so that none can be moved or put back.
"""

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contract import canonical
from contract.canonical import Malformed, sized, within
from contract.head import ID_BYTES

NONCE_BYTES = 12
TAG_BYTES = 16
CONTENT_BYTES_MAX = 256 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands, and the how manieth it is there."""

    table: str
    row: bytes
    version: int

    def __post_init__(self) -> None:
        sized("row", self.row, ID_BYTES)
        within("version", self.version, 0)
        if not 0 < len(self.table.encode()) <= 255:
            raise Malformed("a table's name has from 1 to 255 bytes")


def sealed(content: dict[str, object], people: bytes, place: Place) -> bytes:
    """Return a row's bytes: nonce, then what is sealed."""
    plain = canonical.encoded(content)
    if len(plain) > CONTENT_BYTES_MAX:
        raise Malformed(f"a row has more than {CONTENT_BYTES_MAX} bytes")
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(people).encrypt(nonce, plain, _bound(place))


@canonical.reading("a row of this place and version")
def opened(data: bytes, people: bytes, place: Place) -> dict[str, object]:
    """Return a row's content; Damaged where it was altered, moved or put back."""
    if not NONCE_BYTES + TAG_BYTES < len(data) <= NONCE_BYTES + CONTENT_BYTES_MAX + TAG_BYTES:
        raise Malformed("it has a size that no row has")
    try:
        plain = AESGCM(people).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], _bound(place))
    except InvalidTag:
        raise Malformed("it was altered, moved or put back") from None
    return canonical.decoded(plain, bytes_max=CONTENT_BYTES_MAX)


def _bound(place: Place) -> bytes:
    table = place.table.encode()
    number = place.version.to_bytes(8, "big")
    return b"lot/row/1" + bytes([len(table)]) + table + place.row + number
