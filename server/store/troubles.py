"""What a database's complaint means for us, in the words of three databases.

A conflict may arrive under many names, a lost connection among them: a multi-master MariaDB
ends a transaction that lost against another node's either way. All of these are answered by
doing the whole transaction again, which is why they are told apart from everything else.
"""

from __future__ import annotations

from enum import Enum

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoneFree


class Trouble(Enum):
    """What is to be done about it."""

    CONFLICT = "the database is busy with others"  # again, from the start
    DUPLICATE = "two wrote one thing at once"  # again: the repeat sees what the other wrote
    AWAY = "the database does not answer"  # again, for a short while
    FULL = "the database's disk is full"  # not again: it would only fill faster


# Deadlock, lock wait, a row changed since it was read, and Galera's failed certification.
_MARIADB_CONFLICTS = {1213, 1205, 1020, 1180}
_MARIADB_DUPLICATE = 1062
# Disk full, error on write, a full table.
_MARIADB_FULL = {3, 1021, 1026, 1114}
_ENOSPC = "errno: 28"
_MARIADB_ENGINE_ERROR = 1030  # "Got error 28" of an engine
# The client's own, then: too many connections, shutting down, no node to write on, killed, refused.
_MARIADB_AWAY = {2002, 2003, 2006, 2013, 2014, 2055, 1040, 1053, 1047, 1927, 1290}

# 40: rolled back for another's sake. 55P03: a lock was not had in time.
_POSTGRESQL_CONFLICTS = ("40", "55P03")
_POSTGRESQL_DUPLICATE = "23505"
_POSTGRESQL_FULL = "53100"
# Broken connections, no memory or connection left, shut down, crashed, starting up.
_POSTGRESQL_AWAY = ("08", "53", "57P01", "57P02", "57P03")

_SQLITE_CONFLICTS = ("database is locked", "database table is locked", "database is busy")
_SQLITE_DUPLICATE = "UNIQUE constraint failed"
_SQLITE_FULL = "database or disk is full"
_SQLITE_AWAY = "unable to open database file"


def trouble(error: SQLAlchemyError) -> Trouble | None:
    """Return what an error asks for; None for one that is a bug of ours."""
    if isinstance(error, NoneFree):
        return Trouble.CONFLICT  # every connection of the pool is in use
    if not isinstance(error, DBAPIError) or error.orig is None:
        return None
    said = error.orig
    if hasattr(said, "sqlstate") and not hasattr(said, "errno"):
        found = _of_postgresql(said.sqlstate, error)
    elif hasattr(said, "errno"):
        found = _of_mariadb(said.errno, str(said))
    else:
        found = _of_sqlite(str(said))
    if found is None and error.connection_invalidated:
        return Trouble.AWAY
    return found


def _of_mariadb(number: int | None, words: str) -> Trouble | None:
    if number in _MARIADB_CONFLICTS:
        return Trouble.CONFLICT
    if number == _MARIADB_DUPLICATE:
        return Trouble.DUPLICATE
    if number in _MARIADB_FULL or (
        number == _MARIADB_ENGINE_ERROR and ("error 28" in words or _ENOSPC in words)
    ):
        return Trouble.FULL
    return Trouble.AWAY if number in _MARIADB_AWAY else None


def _of_postgresql(state: str | None, error: DBAPIError) -> Trouble | None:
    if state is None:  # no server said it: the connection could not be made, or broke
        return Trouble.AWAY if not isinstance(error, IntegrityError) else None
    if state.startswith(_POSTGRESQL_CONFLICTS):
        return Trouble.CONFLICT
    if state == _POSTGRESQL_DUPLICATE:
        return Trouble.DUPLICATE
    if state == _POSTGRESQL_FULL:
        return Trouble.FULL
    return Trouble.AWAY if state.startswith(_POSTGRESQL_AWAY) else None


def _of_sqlite(words: str) -> Trouble | None:
    if words.startswith(_SQLITE_CONFLICTS):
        return Trouble.CONFLICT
    if words.startswith(_SQLITE_DUPLICATE):
        return Trouble.DUPLICATE
    if words.startswith(_SQLITE_FULL):
        return Trouble.FULL
    return Trouble.AWAY if words.startswith(_SQLITE_AWAY) else None
