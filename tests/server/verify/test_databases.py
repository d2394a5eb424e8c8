"""Verify, retention and backup see the same on each of the three databases."""

import io

from sqlalchemy import update

from server.backup.rows import dump, load
from server.retention import finishing, plan
from server.store import tables
from server.store.database import Database
from server.store.tables import records
from server.verify.whole import Ground, verified
from tests.contract.writers import NOON
from tests.server.verify.filled import DAY, TEXT_DAYS, Filled, edge_of, pack, whats

ALL = tables.tables.sorted_tables


def filled(database: Database) -> Filled:
    house = Filled(database.engine)
    for day in range(3):
        house.new_day(house.edge, NOON + day * DAY)
        at = NOON + day * DAY
        house.put(house.edge.an_event({"plate": b"%d" % day}, at=at), house.edge)
    house.line("sign_in")
    house.marked()
    house.db.commit()
    return house


def test_a_walk_finds_an_altered_row(each_database: Database) -> None:
    house = filled(each_database)
    with each_database.read() as read:
        report = verified(Ground(read, house.pictures, house.wraps, pack()), made=NOON)
    assert report.is_whole
    assert edge_of(report).records == 3
    house.db.execute(update(records).where(records.c.sequence == 2).values(camera="desk"))
    assert whats(house.verified()) == ["the row's columns are not those of its record"]
    house.db.close()


def test_a_day_goes_and_nothing_is_missing(each_database: Database) -> None:
    house = filled(each_database)
    now = NOON + (TEXT_DAYS + 1) * DAY
    for going in plan.due(house.db, now).going:
        for gone in going.erasures():
            house.erased(gone, at=now)
            finishing.destroy_keys(going.lot, gone, house.wraps)
            finishing.remove_rows(house.db, going.lot, gone)
    house.db.commit()
    assert whats(house.verified()) == []
    assert edge_of(house.verified()).records == 1
    house.db.close()


def test_rows_go_from_one_database_to_another(each_database: Database, database: Database) -> None:
    house = filled(each_database)
    house.db.close()
    there, again = io.BytesIO(), io.BytesIO()
    with each_database.read() as read:
        count = dump(read, ALL, there)
    there.seek(0)
    assert database.write(lambda write: load(write, ALL, there)) == count
    with database.read() as read:
        dump(read, ALL, again)
    assert again.getvalue() == there.getvalue()
