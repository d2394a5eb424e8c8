"""A stolen disk searched as a thief would: for what is known to have been on it, however spelt."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
_KEY = 8  # bytes that are compared at once; whatever is looked for has as many


@dataclass(frozen=True)
class Found:
    """What was found on a disk."""

    size: int  # bytes that were searched
    known: frozenset[str | bytes]
    pictures: int
    where: tuple[str, ...]  # files that something was found in

    @property
    def is_clean(self) -> bool:
        return not self.known and not self.pictures


def searched(folder: Path, known: Sequence[str | bytes]) -> Found:
    """Look for everything known in every spelling, in all files of a folder and in their names."""
    spellings = _Spellings(known)
    size, pictures = 0, 0
    found: set[str | bytes] = set()
    where: list[str] = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_symlink():
            continue
        data, name = path.read_bytes(), str(path.relative_to(folder))
        here = spellings.within(data) | spellings.within(name.encode())
        seen = data.count(JPEG)
        if here or seen:
            where.append(name)
        found |= here
        pictures += seen
        size += len(data)
    return Found(size, frozenset(found), pictures, tuple(where))


class _Spellings:
    """Everything known as software leaves it behind, compared eight bytes at a time."""

    def __init__(self, known: Sequence[str | bytes]) -> None:
        pairs = [(spelt, one) for one in known for spelt in _spelt(one)]
        keys = [int.from_bytes(spelt[:_KEY], "little") for spelt, _ in pairs]
        order = np.argsort(np.array(keys, np.uint64), kind="stable")
        self._keys: NDArray[np.uint64] = np.array(keys, np.uint64)[order]
        self._pairs = [pairs[n] for n in order]

    def within(self, data: bytes) -> set[str | bytes]:
        found: set[str | bytes] = set()
        for shift in range(min(_KEY, max(0, len(data) - _KEY + 1))):
            words = np.frombuffer(data, "<u8", (len(data) - shift) // _KEY, shift)
            at = np.searchsorted(self._keys, words)
            hits = np.flatnonzero(self._keys[np.minimum(at, len(self._keys) - 1)] == words)
            for hit in hits:
                found |= set(self._at(data, shift + int(hit) * _KEY, int(at[hit])))
        return found

    def _at(self, data: bytes, place: int, first: int) -> Iterator[str | bytes]:
        for number in range(first, len(self._pairs)):
            spelt, known = self._pairs[number]
            if spelt[:_KEY] != data[place : place + _KEY]:
                return
            if data.startswith(spelt, place):
                yield known


def _spelt(known: str | bytes) -> Iterator[bytes]:
    if isinstance(known, bytes):
        yield from _in_bytes(known)
        return
    for case in (known, known.lower()):
        yield from _in_bytes(case.encode())
        yield case.encode("utf-16-le")
        yield case.encode("utf-16-be")


def _in_bytes(plain: bytes) -> Iterator[bytes]:
    yield plain
    yield plain[::-1]
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    for shift in range(3):  # in base64 a text looks different at each of three places
        whole = base64.b64encode(b"\0" * shift + plain)
        yield whole[4 if shift else 0 : -4 if (len(plain) + shift) % 3 else None]
