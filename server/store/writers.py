"""Writers: edges and the server's own, each with its newest certificate."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from server.store.tables import writers


@dataclass(frozen=True, slots=True)
class WriterRow:
    """What stands of a writer; the certificate decides, all else is beside it."""

    lot: bytes
    writer: bytes
    name: str
    role: str
    certificate: bytes
    n: int
    state_key: bytes | None
    closed: bool
    day_bytes_max: int
    stamp: bytes | None  # drawn anew by whoever changes what is stored of the writer


def found(read: Connection, writer: bytes) -> WriterRow | None:
    """Return the writer of an id, whichever lot it is of."""
    row = read.execute(_ALL.where(writers.c.writer == writer)).first()
    return None if row is None else WriterRow(*row)


def every(read: Connection) -> list[WriterRow]:
    """Return all writers, the oldest first."""
    wanted = _ALL.order_by(writers.c.made, writers.c.writer)
    return [WriterRow(*row) for row in read.execute(wanted)]


def add(write: Connection, row: WriterRow, made: int, api: bytes | None = None) -> None:
    values = {one: getattr(row, one) for one in WriterRow.__slots__}
    write.execute(insert(writers).values(**values, api=api, made=made))


def certify(write: Connection, lot: bytes, writer: bytes, certificate: bytes, n: int) -> bool:
    """Put a newer certificate; False where one as new is there."""
    mine = (writers.c.lot == lot, writers.c.writer == writer, writers.c.n < n)
    changed = write.execute(update(writers).where(*mine).values(certificate=certificate, n=n))
    return changed.rowcount == 1


def close(write: Connection, lot: bytes, writer: bytes, stamp: bytes) -> None:
    """End a chain that was forked: nothing more of it is taken."""
    mine = (writers.c.lot == lot, writers.c.writer == writer)
    write.execute(update(writers).where(*mine).values(closed=True, stamp=stamp))


def restamp(write: Connection, was: WriterRow, stamp: bytes) -> bool:
    """Say that a writer's records change now; False where they, or its rights, changed meanwhile.

    Whoever looked before, and finds its own stamp gone, looks again.
    """
    c = writers.c
    old = c.stamp.is_(None) if was.stamp is None else c.stamp == was.stamp
    mine = (c.lot == was.lot, c.writer == was.writer, c.n == was.n, old)
    changed = write.execute(update(writers).where(*mine).values(stamp=stamp))
    return changed.rowcount == 1


_ALL = select(*(writers.c[name] for name in WriterRow.__slots__))
