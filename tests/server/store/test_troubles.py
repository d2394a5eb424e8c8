"""What each database's complaint asks for."""

import sqlite3

import pytest
from mysql.connector import errors as mariadb
from psycopg import errors as postgresql
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.exc import TimeoutError as NoneFree

from server.store.troubles import Trouble, trouble


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        (mariadb.InternalError("deadlock", errno=1213), Trouble.CONFLICT),
        (mariadb.DatabaseError("lock wait", errno=1205), Trouble.CONFLICT),
        (mariadb.DatabaseError("changed since last read", errno=1020), Trouble.CONFLICT),
        (mariadb.IntegrityError("duplicate", errno=1062), Trouble.DUPLICATE),
        (mariadb.DatabaseError("table is full", errno=1114), Trouble.FULL),
        (mariadb.DatabaseError("Got error 28 from engine", errno=1030), Trouble.FULL),
        (mariadb.DatabaseError("Got error 150 from engine", errno=1030), None),
        (mariadb.OperationalError("lost", errno=2013), Trouble.AWAY),
        (mariadb.OperationalError("no node", errno=1047), Trouble.AWAY),
        (mariadb.ProgrammingError("syntax", errno=1064), None),
        (postgresql.SerializationFailure("changed"), Trouble.CONFLICT),
        (postgresql.DeadlockDetected("deadlock"), Trouble.CONFLICT),
        (postgresql.LockNotAvailable("lock timeout"), Trouble.CONFLICT),
        (postgresql.UniqueViolation("duplicate"), Trouble.DUPLICATE),
        (postgresql.DiskFull("full"), Trouble.FULL),
        (postgresql.AdminShutdown("shut down"), Trouble.AWAY),
        (postgresql.TooManyConnections("too many"), Trouble.AWAY),
        (postgresql.OperationalError("no server"), Trouble.AWAY),
        (postgresql.UndefinedTable("no table"), None),
        (sqlite3.OperationalError("database is locked"), Trouble.CONFLICT),
        (sqlite3.IntegrityError("UNIQUE constraint failed: a.b"), Trouble.DUPLICATE),
        (sqlite3.IntegrityError("NOT NULL constraint failed: a.b"), None),
        (sqlite3.OperationalError("database or disk is full"), Trouble.FULL),
        (sqlite3.OperationalError("unable to open database file"), Trouble.AWAY),
    ],
    ids=str,
)
def test_a_complaint_asks_for(said: Exception, asks: Trouble | None) -> None:
    assert trouble(DBAPIError("statement", None, said)) is asks


def test_no_free_connection_is_a_conflict_and_a_wrong_call_a_bug() -> None:
    assert trouble(NoneFree("pool")) is Trouble.CONFLICT
    assert trouble(InvalidRequestError("wrong")) is None
