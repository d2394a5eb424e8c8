"""Sealed texts: parts small enough to be rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, insert, select

from server.store.tables import texts


def sealed(read: Connection, lot: bytes, hashes: Collection[bytes]) -> Mapping[bytes, bytes]:
    """Return the sealed bytes of those that are stored."""
    if not hashes:
        return {}
    mine = (texts.c.lot == lot, texts.c.hash.in_(list(hashes)))
    found = read.execute(select(texts.c.hash, texts.c.sealed).where(*mine))
    return {row.hash: row.sealed for row in found}


def add(write: Connection, lot: bytes, these: Mapping[bytes, bytes]) -> None:
    rows = [{"lot": lot, "hash": name, "sealed": data} for name, data in these.items()]
    if rows:
        write.execute(_ADD, rows)


_ADD = insert(texts)
