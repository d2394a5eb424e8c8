"""The edges' tokens, as hashes. An old and a new one stand together until the new is used.

An edge that is away while its token is rotated so comes back with the old one; seven days later
it must be enrolled anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from contract.tokens import Token
from server.store.adding import added
from server.store.tables import tokens

OVERLAP_US_MAX = 7 * 24 * 3600 * 1_000_000


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a good token is."""

    lot: bytes
    writer: bytes
    hash: bytes
    used: int | None  # when first; who sees none calls `note_use`


def add(connection: Connection, lot: bytes, token: Token, now: int) -> bool:
    """Keep a new token's hash; those the edge had end in seven days at the latest.

    False where it is there already: a commit whose answer was lost.
    """
    return add_hashed(connection, lot, token.edge, token.hash, now)


def add_hashed(connection: Connection, lot: bytes, writer: bytes, hashed: bytes, now: int) -> bool:
    """Keep a new token that only its edge will know, as `add` does."""
    theirs = (tokens.c.lot == lot) & (tokens.c.writer == writer)
    end = now + OVERLAP_US_MAX
    row = {"lot": lot, "writer": writer, "hash": hashed, "made": now}
    if not added(connection, tokens, {**row, "used": None, "until": None}):
        return False
    later = or_(tokens.c.until.is_(None), tokens.c.until > end)
    others = theirs & (tokens.c.hash != hashed) & later
    connection.execute(update(tokens).where(others).values(until=end))
    return True


def holder(connection: Connection, token: Token, now: int) -> Holder | None:
    """Return whose token this is; None for one that is unknown or has ended."""
    rows = connection.execute(_OF_EDGE, {"of": token.edge}).all()
    # Each is compared, so that the time taken does not say which of them is near.
    good = [row for row in rows if token.has(row.hash)]
    if not good or (good[0].until is not None and good[0].until <= now):
        return None
    return Holder(good[0].lot, token.edge, good[0].hash, good[0].used)


def has_any(connection: Connection, lot: bytes, writer: bytes) -> bool:
    """Say whether an edge has a token, so that it can still call."""
    theirs = (tokens.c.lot == lot) & (tokens.c.writer == writer)
    return connection.execute(select(tokens.c.hash).where(theirs)).first() is not None


def note_use(connection: Connection, used: Holder, now: int) -> None:
    """Note that a token is used for the first time, which ends those made before it."""
    theirs = (tokens.c.lot == used.lot) & (tokens.c.writer == used.writer)
    this = theirs & (tokens.c.hash == used.hash)
    made = connection.execute(select(tokens.c.made).where(this)).scalar_one_or_none()
    if made is None:
        return
    older = theirs & (tokens.c.hash != used.hash) & (tokens.c.made <= made)
    connection.execute(delete(tokens).where(older))
    first = this & tokens.c.used.is_(None)
    connection.execute(update(tokens).where(first).values(used=now))


def revoke(connection: Connection, lot: bytes, writer: bytes) -> None:
    """Let every token of an edge go."""
    theirs = (tokens.c.lot == lot) & (tokens.c.writer == writer)
    connection.execute(delete(tokens).where(theirs))


_OF_EDGE = select(tokens.c.lot, tokens.c.hash, tokens.c.used, tokens.c.until).where(
    tokens.c.writer == bindparam("of")
)
