"""Sealed rows keep their newest version and no older one."""

from dataclasses import replace

from server.store import private_rows
from server.store.database import Database
from server.store.private_rows import PrivateRow

LOT = b"\xf1" * 16
HOLD = PrivateRow(LOT, "hold", b"\x01" * 16, 1, b"first")


def put(database: Database, row: PrivateRow) -> bool:
    return database.write(lambda c: private_rows.put(c, row))


def found(database: Database) -> PrivateRow | None:
    with database.read() as connection:
        return private_rows.found(connection, LOT, "hold", HOLD.id)


def test_the_newest_version_stands(each_database: Database) -> None:
    newer = replace(HOLD, version=2, box=b"second")
    assert put(each_database, HOLD)
    assert put(each_database, newer)
    assert not put(each_database, HOLD)
    assert found(each_database) == newer


def test_the_same_again_is_done_and_another_of_its_version_is_not(each_database: Database) -> None:
    assert put(each_database, HOLD)
    assert put(each_database, HOLD)
    assert not put(each_database, replace(HOLD, box=b"another"))
    assert found(each_database) == HOLD


def test_pages_of_a_kind_hold_each_row_once(each_database: Database) -> None:
    rows = [replace(HOLD, id=bytes([n]) * 16) for n in (0, 7, 128, 200, 255)]
    others = [replace(HOLD, kind="seed"), replace(HOLD, lot=bytes(16))]
    each_database.write(lambda c: [private_rows.put(c, row) for row in (*reversed(rows), *others)])
    seen: list[PrivateRow] = []
    with each_database.read() as connection:
        while page := private_rows.page(
            connection, LOT, "hold", after=seen[-1].id if seen else b"", most=2
        ):
            seen += page
    assert seen == rows


def test_a_dropped_row_is_gone_alone(each_database: Database) -> None:
    other = replace(HOLD, id=bytes(16))
    for row in (HOLD, other):
        put(each_database, row)
    each_database.write(lambda c: private_rows.drop(c, LOT, "hold", other.id))
    with each_database.read() as connection:
        assert private_rows.page(connection, LOT, "hold", most=9) == [HOLD]
