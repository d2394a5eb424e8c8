"""Wraps: a file each, because a database forgets badly, and a row to find it by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from sqlalchemy import Connection, insert, select

from contract.wrap import Wrap
from server.store.files import HashedFiles
from server.store.tables import wraps


def wrap_folder(folder: Path) -> HashedFiles:
    return HashedFiles(folder, digits=0)


def files_of(these: Iterable[Wrap]) -> Mapping[bytes, bytes]:
    """Return the wraps' bytes by the names of their files."""
    return {one.key_id: one.data for one in these}


def there(read: Connection, lot: bytes, keys: Collection[bytes]) -> set[bytes]:
    """Return those of the keys whose wraps are stored."""
    if not keys:
        return set()
    mine = (wraps.c.lot == lot, wraps.c.key.in_(list(keys)))
    return set(read.scalars(select(wraps.c.key).where(*mine)))


def knows_rsa(read: Connection, rsa: bytes) -> bool:
    """Say whether a wrap under this RSA key was stored: a statement of ours named it then."""
    return read.scalar(select(wraps.c.key).where(wraps.c.rsa == rsa).limit(1)) is not None


def add(write: Connection, lot: bytes, these: Iterable[Wrap], received: int) -> None:
    """Add the rows of wraps whose files are on the disk."""
    rows = [
        {
            "lot": lot,
            "key": one.key_id,
            "writer": one.writer,
            "key_class": one.key_class,
            "rsa": one.rsa,
            "made": one.made,
            "received": received,
        }
        for one in these
    ]
    if rows:
        write.execute(insert(wraps), rows)
