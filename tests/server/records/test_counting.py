"""What is counted in clear: the newest revision of each event, and what people add."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection, insert

from server.records import counting
from server.records.counting import HOUR_US, Hour
from server.store import counts
from server.store.database import Database
from server.store.tables import records

LOT, OTHER, WRITER = b"l" * 16, b"o" * 16, b"w" * 16
NOW = 500 * HOUR_US


def _put(
    connection: Connection, sequence: int, id_: str, kind: str, *, revision: int = 1, at: int = NOW
) -> None:
    connection.execute(
        insert(records).values(
            lot=LOT,
            writer=WRITER,
            sequence=sequence,
            c=bytes(32),
            prev=bytes(32),
            type="event",
            id=id_,
            revision=revision,
            camera="gate",
            lane=None,
            kind=kind,
            at=at,
            final=True,
            waiting=sequence,
            envelope=b"",
            signature=bytes(64),
            received=at,
            bytes=0,
        )
    )


def _filled(connection: Connection) -> None:
    _put(connection, 1, "a", "entry")
    _put(connection, 2, "b", "entry")
    _put(connection, 3, "b", "void", revision=2)
    _put(connection, 4, "c", "seen")
    _put(connection, 5, "d", "exit", at=NOW + HOUR_US)
    _put(connection, 6, "e", "seen")
    _put(connection, 7, "e", "entry", revision=2, at=NOW + HOUR_US - 1)


def _count(database: Database, id_: bytes, more: Literal[1, -1]) -> None:
    database.write(lambda connection: counts.add(connection, LOT, id_, more, NOW))


def test_only_the_newest_revision_of_an_event_is_counted(each_database: Database) -> None:
    each_database.write(_filled)
    with each_database.read() as connection:
        assert counting.inside(connection, LOT, NOW) == 1
        assert counting.inside(connection, OTHER, NOW) == 0


def test_people_add_and_take_away_and_nothing_is_below_none(each_database: Database) -> None:
    each_database.write(_filled)
    _count(each_database, b"1" * 16, 1)
    with each_database.read() as connection:
        assert counting.inside(connection, LOT, NOW) == 2
    for number in range(3):
        _count(each_database, bytes([number]) * 16, -1)
    with each_database.read() as connection:
        assert counting.inside(connection, LOT, NOW) == 0


def test_hours_are_those_of_the_events_and_the_range_is_half_open(
    each_database: Database,
) -> None:
    each_database.write(_filled)
    with each_database.read() as connection:
        found = counting.hours(connection, LOT, NOW, NOW + 2 * HOUR_US)
        assert found == [
            Hour(NOW, "gate", "entry", 2),
            Hour(NOW + HOUR_US, "gate", "exit", 1),
        ]
        assert counting.hours(connection, LOT, NOW, NOW + HOUR_US) == found[:1]
