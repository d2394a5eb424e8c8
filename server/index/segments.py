"""A day of a lot on disk: its rows, what people said, its blind time, under a key of its own.

    key      LKK1, 12 nonce, then the segment key (32 random bytes) under the index key
    segment  LKS1, 12 nonce, then the rows under the segment key

Both are bound to the lot, the day and the segment's generation (which rises with each writing),
so that no segment can be taken for that of another day or put back unseen. The key lies apart
from the segment, beside the wraps: who destroys it has forgotten the day in every copy.

    lessons  LKL1, 12 nonce, then a lot's lessons under the index key: they are of no day
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contract import canonical
from contract.canonical import Malformed, sized, within

KEY_MARK, SEGMENT_MARK, LESSONS_MARK = b"LKK1", b"LKS1", b"LKL1"
NONCE_BYTES, TAG_BYTES, KEY_BYTES, LOT_BYTES = 12, 16, 32, 16
BYTES_MAX = 64 * 1024 * 1024  # half a million rows: more than any lot has in a day
COVERING_BYTES = 24
_OF_NO_DAY = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Which segment it is, and the how manieth writing of it."""

    lot: bytes
    day: int
    generation: int

    def __post_init__(self) -> None:
        sized("lot", self.lot, LOT_BYTES)
        within("day", self.day, 0, 2**32 - 1)
        within("generation", self.generation, 0)

    def bound(self, mark: bytes) -> bytes:
        day, generation = self.day.to_bytes(4, "big"), self.generation.to_bytes(8, "big")
        return b"lot/segment/1" + mark + self.lot + day + generation


@dataclass(frozen=True, slots=True)
class Coverage:
    """What records a segment is of: how many, and a digest of their ids and revisions."""

    count: int
    digest: bytes


def coverage(records: Iterable[tuple[bytes, int]]) -> Coverage:
    """Return the coverage of records (16 bytes of id, highest revision), in any order."""
    return covered(covering(record_id, revision) for record_id, revision in records)


def covering(record_id: bytes, revision: int) -> bytes:
    """Return how a record is spelt where it is covered."""
    return record_id + revision.to_bytes(8, "big")


def covered(spelt: Iterable[bytes]) -> Coverage:
    """Return the coverage of records that are spelt, in any order."""
    rising = sorted(spelt)
    return Coverage(len(rising), hashlib.sha256(b"lot/covers/1" + b"".join(rising)).digest())


@dataclass(frozen=True, slots=True)
class SealedSegment:
    """A segment and its key, each a file."""

    key: bytes
    segment: bytes


def sealed(plain: bytes, index_key: bytes, place: Place) -> SealedSegment:
    """Seal a segment under a fresh key."""
    if len(plain) > BYTES_MAX:
        raise Malformed(f"a segment has more than {BYTES_MAX} bytes")
    own = os.urandom(KEY_BYTES)
    return SealedSegment(
        _sealed(own, index_key, KEY_MARK, place), _sealed(plain, own, SEGMENT_MARK, place)
    )


@canonical.reading("a segment of this lot, day and generation")
def opened(data: SealedSegment, index_key: bytes, place: Place) -> bytes:
    """Return what a segment holds; Damaged where it was altered, exchanged or put back."""
    own = _opened(data.key, index_key, KEY_MARK, place)
    sized("the segment key", own, KEY_BYTES)
    return _opened(data.segment, own, SEGMENT_MARK, place)


def lessons_sealed(plain: bytes, index_key: bytes, lot: bytes, generation: int) -> bytes:
    """Seal a lot's lessons."""
    return _sealed(plain, index_key, LESSONS_MARK, Place(lot, _OF_NO_DAY, generation))


@canonical.reading("the lessons of this lot and generation")
def lessons_opened(data: bytes, index_key: bytes, lot: bytes, generation: int) -> bytes:
    """Return a lot's lessons; Damaged where they were altered, exchanged or put back."""
    return _opened(data, index_key, LESSONS_MARK, Place(lot, _OF_NO_DAY, generation))


def _sealed(plain: bytes, key: bytes, mark: bytes, place: Place) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return mark + nonce + AESGCM(key).encrypt(nonce, plain, place.bound(mark))


def _opened(data: bytes, key: bytes, mark: bytes, place: Place) -> bytes:
    begin = len(mark) + NONCE_BYTES
    if not begin + TAG_BYTES <= len(data) <= begin + BYTES_MAX + TAG_BYTES:
        raise Malformed("it has a size that no segment has")
    if data[: len(mark)] != mark:
        raise Malformed("it does not begin as one")
    try:
        box = memoryview(data)[begin:]  # a copy of each would be a year's segments once more
        return AESGCM(key).decrypt(data[len(mark) : begin], box, place.bound(mark))
    except InvalidTag:
        raise Malformed("it was altered, exchanged or put back") from None
