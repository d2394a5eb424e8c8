"""Lots by id and by name."""

from dataclasses import replace
from functools import partial

import pytest

from lot.errors import WrongUsage
from server.store import lots
from server.store.database import Database
from server.store.lots import Lot

NORTH = Lot(b"\xf0" * 16, "North", "America/Chicago", 400, 365, 30, 1)
SOUTH = replace(NORTH, lot=b"\x0f" * 16, name="South", capacity=None, made=2)


def add(database: Database, *given: Lot) -> None:
    for lot in given:
        database.write(partial(lots.add, lot=lot))


def test_lots_come_back_by_id_and_by_name(each_database: Database) -> None:
    add(each_database, SOUTH, NORTH, NORTH)
    with each_database.read() as connection:
        assert lots.found(connection, NORTH.lot) == NORTH
        assert lots.named(connection, "South") == SOUTH
        assert lots.named(connection, "south") is None
        assert lots.every(connection) == [NORTH, SOUTH]


def test_a_name_is_given_once(each_database: Database) -> None:
    add(each_database, NORTH, SOUTH)
    with pytest.raises(WrongUsage, match="name"):
        each_database.write(lambda c: lots.add(c, replace(NORTH, lot=bytes(16))))
    with pytest.raises(WrongUsage, match="name"):
        each_database.write(lambda c: lots.change(c, replace(SOUTH, name="North")))


def test_a_lot_is_changed_in_place(each_database: Database) -> None:
    other = replace(NORTH, capacity=10, picture_days=3)
    each_database.write(lambda c: lots.add(c, NORTH))
    each_database.write(lambda c: lots.change(c, other))
    with each_database.read() as connection:
        assert lots.every(connection) == [other]
