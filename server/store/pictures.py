"""Sealed pictures and clips, named by the hash of their sealed bytes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, insert, select

from server.store.files import HashedFiles, Kept
from server.store.tables import pictures

_FOLDER_DIGITS = 2  # a million files in one folder make every look-up slow


class Pictures(Protocol):
    """Where sealed pictures lie: a folder here, another machine's store at need."""

    def put(self, lot: bytes, name: bytes, data: bytes) -> None:
        """Keep it if it is absent; it is on the disk when this returns."""

    def put_all(self, lot: bytes, files: Mapping[bytes, bytes]) -> None: ...

    def get(self, lot: bytes, name: bytes) -> bytes | None: ...

    def exists(self, lot: bytes, name: bytes) -> bool: ...

    def delete(self, lot: bytes, name: bytes) -> None: ...

    def walk(self) -> Iterator[Kept]: ...

    def keeping(self) -> AbstractContextManager[None]:
        """While this is held nothing that has no row yet is swept."""


def picture_folder(folder: Path) -> HashedFiles:
    return HashedFiles(folder, digits=_FOLDER_DIGITS)


def there(read: Connection, lot: bytes, hashes: Collection[bytes]) -> set[bytes]:
    """Return those of the hashes that have a row: their files are whole."""
    if not hashes:
        return set()
    mine = (pictures.c.lot == lot, pictures.c.hash.in_(list(hashes)))
    return set(read.scalars(select(pictures.c.hash).where(*mine)))


def add(write: Connection, lot: bytes, files: Mapping[bytes, bytes], received: int) -> None:
    """Add the rows of files that are on the disk."""
    rows = [
        {"lot": lot, "hash": name, "size": len(data), "received": received}
        for name, data in files.items()
    ]
    if rows:
        write.execute(_ADD, rows)


_ADD = insert(pictures)
