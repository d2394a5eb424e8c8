"""Writers: edges and the server's own, each with its newest certificate."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, insert, select, update

from server.keys.holder.calls import Version
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

    @property
    def as_version(self) -> Version:
        """Return how the keyholder knows its certificate."""
        return Version.of("writers", self.writer, self.n, self.certificate)


def found(read: Connection, writer: bytes) -> WriterRow | None:
    """Return the writer of an id, whichever lot it is of."""
    row = read.execute(_FOUND, {"of": writer}).first()
    return None if row is None else WriterRow(*row)


def every(read: Connection) -> list[WriterRow]:
    """Return all writers, the oldest first."""
    wanted = _ALL.order_by(writers.c.made, writers.c.writer)
    return [WriterRow(*row) for row in read.execute(wanted)]


@dataclass(frozen=True, slots=True)
class ApiRow:
    """An edge with what its own API is asked by, sealed under the people key."""

    writer: bytes
    certificate: bytes
    api: bytes = field(repr=False)


def with_api(read: Connection, lot: bytes) -> list[ApiRow]:
    """Return the edges of a lot that said how they may be asked, the newest first."""
    c = writers.c
    wanted = (
        select(c.writer, c.certificate, c.api)
        .where(c.lot == lot, c.role == "edge", c.closed.is_(False), c.api.is_not(None))
        .order_by(c.made.desc(), c.writer)
    )
    return [ApiRow(*row) for row in read.execute(wanted)]


def api_of(read: Connection, writer: bytes) -> bytes | None:
    """Return what an edge's own API is asked by, as it is sealed; None where it said nothing."""
    return read.scalar(select(writers.c.api).where(writers.c.writer == writer))


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
    mine = {"of_lot": was.lot, "of_writer": was.writer, "of_n": was.n, "drawn": stamp}
    if was.stamp is None:
        changed = write.execute(_STAMP, mine)
    else:
        changed = write.execute(_RESTAMP, {**mine, "was": was.stamp})
    return changed.rowcount == 1


# Made once: a batch passes here, and to make a statement takes longer than to ask it.
_ALL = select(*(writers.c[name] for name in WriterRow.__slots__))
_FOUND = _ALL.where(writers.c.writer == bindparam("of"))
_DRAWN = (
    update(writers)
    .where(
        writers.c.lot == bindparam("of_lot"),
        writers.c.writer == bindparam("of_writer"),
        writers.c.n == bindparam("of_n"),
    )
    .values(stamp=bindparam("drawn"))
)
_STAMP = _DRAWN.where(writers.c.stamp.is_(None))
_RESTAMP = _DRAWN.where(writers.c.stamp == bindparam("was"))
