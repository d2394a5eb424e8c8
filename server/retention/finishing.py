"""What a signed erasure names is brought about: keys destroyed, then rows and files removed.

Every step can be done again, so a start ends what a power cut broke off. The erasure itself is
committed before: from then on what it names counts as gone, and is never stored again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from sqlalchemy import Connection, and_, delete, select

from contract import sealing
from contract.head import Erased
from server.retention.plan import held_events
from server.store.tables import parts, pictures, records, texts, wraps

_AT_ONCE = 500


class Wraps(Protocol):
    """The files of the wraps."""

    def destroy(self, lot: bytes, key: bytes, /) -> None:
        """Overwrite, sync and unlink; one that is gone already is no fault."""


class Pictures(Protocol):
    """The sealed pictures."""

    def delete(self, lot: bytes, name: bytes, /) -> None: ...


def destroy_keys(lot: bytes, gone: Erased, files: Wraps) -> None:
    """Destroy the wraps that an erasure names: from here on nobody reads what lay under them."""
    for key in gone.keys:
        files.destroy(lot, key)


def remove_rows(write: Connection, lot: bytes, gone: Erased) -> list[bytes]:
    """Remove the rows of what is gone; return which pictures have no row any more.

    Held events keep everything but their wraps: their PRKs lie with the hold.
    """
    held = held_events(write, lot)
    left: list[bytes] = []
    for key in gone.keys:
        left += _pictures_under(write, lot, gone.edge, key, held)
        write.execute(delete(wraps).where(wraps.c.lot == lot, wraps.c.key == key))
    if gone.first is not None and gone.last is not None:
        left += _remove_run(write, lot, gone.edge, range(gone.first, gone.last + 1))
    for chunk in _chunks(left):
        mine = (pictures.c.lot == lot, pictures.c.hash.in_(chunk))
        write.execute(delete(pictures).where(*mine))
    return left


def remove_files(lot: bytes, hashes: Collection[bytes], files: Pictures) -> None:
    """Remove the pictures whose rows are gone."""
    for name in hashes:
        files.delete(lot, name)


def _pictures_under(
    read: Connection, lot: bytes, writer: bytes, key: bytes, held: frozenset[str]
) -> list[bytes]:
    """Return the pictures that lie under a key, but not those of held events."""
    on = and_(
        records.c.lot == parts.c.lot,
        records.c.writer == parts.c.writer,
        records.c.sequence == parts.c.sequence,
    )
    wanted = select(parts.c.hash, records.c.id).select_from(parts.outerjoin(records, on))
    wanted = wanted.where(parts.c.lot == lot, parts.c.key == key, parts.c.writer == writer)
    named = read.execute(wanted.where(parts.c.name.like("picture/%"))).all()
    kept = {row.hash for row in named if row.id in held}
    return sorted({row.hash for row in named} - kept)


def _remove_run(write: Connection, lot: bytes, writer: bytes, run: range) -> list[bytes]:
    """Remove records with their parts; what another record names as well stays with it."""
    left: list[bytes] = []
    while names := _some_parts(write, lot, writer, run):
        hashes = list(names)
        mine = (parts.c.lot == lot, parts.c.writer == writer, parts.c.hash.in_(hashes))
        in_run = parts.c.sequence.between(run.start, run.stop - 1)
        write.execute(delete(parts).where(*mine, in_run))
        named = select(parts.c.hash).where(parts.c.lot == lot, parts.c.hash.in_(hashes))
        still = set(write.scalars(named))
        free = [one for one in hashes if one not in still]
        left += [one for one in free if sealing.pictured(names[one]) is not None]
        write.execute(delete(texts).where(texts.c.lot == lot, texts.c.hash.in_(free)))
    c = records.c
    in_run = c.sequence.between(run.start, run.stop - 1)
    write.execute(delete(records).where(c.lot == lot, c.writer == writer, in_run))
    return left


def _some_parts(read: Connection, lot: bytes, writer: bytes, run: range) -> dict[bytes, str]:
    """Return a few parts of a run, name by hash."""
    wanted = select(parts.c.hash, parts.c.name).where(parts.c.lot == lot, parts.c.writer == writer)
    wanted = wanted.where(parts.c.sequence.between(run.start, run.stop - 1)).limit(_AT_ONCE)
    return {row.hash: row.name for row in read.execute(wanted)}


def _chunks(names: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for at in range(0, len(names), _AT_ONCE):
        yield names[at : at + _AT_ONCE]
