"""A run signs first and forgets then; broken off anywhere, the next start ends it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from contract.audit import Low
from lot.errors import Refused
from server.retention.leave import Moment
from server.retention.running import Forgetting, Gone
from server.store.database import Database
from server.store.tables import records
from tests.contract.writers import NOON
from tests.server.verify.filled import DAY, HOUR, TEXT_DAYS, Filled, Kept, edge_of, whats

NOW = NOON + (TEXT_DAYS + 1) * DAY
AT = Moment(NOW, "ntp", NOW - DAY)


class PowerCut(Exception):
    """Stands for the plug being pulled."""


@dataclass
class Signer:
    """The server's writer of the tests, in the transaction it is given."""

    house: Filled

    def erasures(self, write: Connection, gone: Sequence[Gone]) -> None:
        self.house.db = write
        for one in gone:
            self.house.erased(one.erased, at=NOW)


@dataclass
class Cut(Kept):
    """Files that stand until the plug is pulled at the nth."""

    left: int = 10**9
    days: list[int] = field(default_factory=list)

    def _one_less(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise PowerCut

    def destroy(self, lot: bytes, name: bytes) -> None:
        self._one_less()
        self.files.pop((lot, name), None)

    def delete(self, lot: bytes, name: bytes) -> None:
        self.destroy(lot, name)

    def forget(self, lot: bytes, day: int) -> None:
        self._one_less()
        self.days.append(day)

    def forget_records(self, lot: bytes, days: Iterable[int], ids: Sequence[str]) -> None:
        raise AssertionError("whole days go here")


def filled(database: Database) -> Filled:
    house = Filled(database.engine)
    for day in range(2):
        house.new_day(house.edge, NOON + day * DAY)
        for n in range(2):
            at = NOON + day * DAY + n * HOUR
            house.put(house.edge.an_event({"plate": b"%d" % at}, at=at), house.edge)
    house.line("low", Low(house.edge.id, 4, house.edge.prev), at=NOON + 2 * DAY)
    house.db.commit()
    house.db.close()
    return house


def forgetting(house: Filled, database: Database, tmp_path: Path, cut: int = 10**9) -> Forgetting:
    wraps, pictures = Cut(house.wraps.files, cut), Cut(house.pictures.files, cut)
    days = Cut({}, cut)
    return Forgetting(database, wraps, pictures, days, Signer(house), tmp_path / "erasing")


def whole(house: Filled, database: Database) -> list[str]:
    with database.read() as read:
        house.db = read
        report = house.verified()
    assert not any(one.early for one in edge_of(report).erasures)
    return whats(report)


def test_a_run_leaves_nothing_missing_and_no_mark(database: Database, tmp_path: Path) -> None:
    house = filled(database)
    run = forgetting(house, database, tmp_path)
    plan = run.run(AT, confirmed=False)
    assert [one.count for going in plan.going for one in going.runs] == [2]
    assert whole(house, database) == []
    assert not run.mark.exists()
    assert isinstance(run.days, Cut)
    assert set(run.days.days) == {NOON // DAY}
    assert run.run(AT, confirmed=False).going == ()


@pytest.mark.parametrize("cut", range(6))
def test_what_a_power_cut_broke_off_the_next_start_ends(
    database: Database, tmp_path: Path, cut: int
) -> None:
    house = filled(database)
    with pytest.raises(PowerCut):
        for less in (cut, 0):
            forgetting(house, database, tmp_path, less).run(AT, confirmed=False)
    again = forgetting(house, database, tmp_path)
    again.finish()
    assert not again.mark.exists()
    assert whole(house, database) == []
    with database.read() as read:
        mine = records.c.writer == house.edge.id
        there = read.scalar(select(func.count()).select_from(records).where(mine))
    assert there in (2, 4)  # all of the day went, or nothing was signed yet


def test_a_run_that_must_be_asked_for_changes_nothing(database: Database, tmp_path: Path) -> None:
    house = filled(database)
    run = forgetting(house, database, tmp_path)
    with pytest.raises(Refused):
        run.run(Moment(NOW, "behind", None), confirmed=True)
    assert whole(house, database) == []
    assert run.finish() == 0
    with database.read() as read:
        assert read.scalar(select(func.count()).select_from(records)) == 4
