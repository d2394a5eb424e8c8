"""What the server does by itself: when it is due, once, and never on a clock that is behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from contract import audit
from contract.audit import Low
from lot.clock import State
from lot.errors import Unreachable
from server.keys.holder.client import Keyholder
from server.records.statements import Noted
from server.retention.leave import Moment
from server.running import chores
from server.running.chores import DAY_US, HOUR_US, Chore, Ground, Rota
from server.settings import Places
from server.store import alarms, attempts, device_requests
from server.store.attempts import Attempt
from server.store.database import Database
from server.store.device_requests import DeviceRequest
from server.store.tables import attempts as attempt_rows
from server.store.tables import audit_lines, records
from server.store.tables import device_requests as request_rows
from tests.contract.writers import LOT, NOON
from tests.server.records.test_writing import ADA, RIGHTS, Office, an_event


@dataclass
class Process:
    """A process with a clock of its own and chores in a folder that others share."""

    folder: Path
    now: int = NOON
    clock: State = "ntp"
    done: list[int | None] = field(default_factory=list)
    work: Callable[[Moment], None] | None = None

    def __post_init__(self) -> None:
        chore = Chore("one", HOUR_US, self._work)
        self.rota = Rota(self.folder, lambda: Moment(self.now, self.clock, None), [chore])

    def at(self, now: int) -> bool:
        self.now = now
        return bool(self.rota.round())

    def _work(self, at: Moment) -> None:
        if self.work is not None:
            self.work(at)
        self.done.append(at.last)


def test_a_chore_is_done_when_it_is_due(tmp_path: Path) -> None:
    one = Process(tmp_path / "chores")
    assert one.at(NOON)
    assert not one.at(NOON + HOUR_US - 1)
    assert one.at(NOON + HOUR_US)
    assert one.done == [None, NOON]


def test_several_processes_and_a_restart_do_it_once(tmp_path: Path) -> None:
    one, other = Process(tmp_path), Process(tmp_path)
    assert (one.at(NOON), other.at(NOON + 1)) == (True, False)
    assert other.at(NOON + HOUR_US)
    assert not Process(tmp_path).at(NOON + HOUR_US + 1)


def test_what_another_process_does_now_is_left_to_it(tmp_path: Path) -> None:
    one, other, met = Process(tmp_path), Process(tmp_path), []
    one.work = lambda _: met.append(other.at(NOON))
    assert one.at(NOON)
    assert met == [False]


def test_nothing_is_done_on_a_clock_that_is_behind(tmp_path: Path) -> None:
    one = Process(tmp_path, clock="behind")
    assert not one.at(NOON)
    one.clock = "hand"
    assert one.at(NOON)


def test_a_clock_that_is_put_back_a_year_does_not_stop_a_chore_for_a_year(tmp_path: Path) -> None:
    one = Process(tmp_path)
    assert one.at(NOON)
    assert one.at(NOON - 365 * DAY_US)


def test_what_failed_is_done_the_next_hour(tmp_path: Path) -> None:
    def away(_: Moment) -> None:
        raise Unreachable("the database is away", then="see")

    one = Process(tmp_path, work=away)
    assert not one.at(NOON)
    one.work = None
    assert not one.at(NOON + HOUR_US - 1)
    assert one.at(NOON + HOUR_US)


def test_a_file_that_was_cut_counts_as_never_done(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"\x00\x00")
    assert Process(tmp_path).at(NOON)


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path / "state")


def ground(office: Office) -> Ground:
    of, places = office.served, Places(office.served.folder, office.served.folder / "keys")
    away = Keyholder(places.socket)
    return Ground(
        places,
        of.database,
        away,
        of.wraps,
        of.pictures,
        of.clock,
        lambda: of.ingest,
        lambda: office.writing,
    )


def lows(office: Office) -> dict[bytes, Low]:
    with office.served.database.read() as read:
        rows = read.execute(select(audit_lines).where(audit_lines.c.act == "low")).all()
    found = [audit.detail_decoded(row.act, row.detail) for row in rows]
    return {one.writer: one for one in found if isinstance(one, Low)}


def test_each_writer_s_low_is_told_the_server_s_own_too(office: Office) -> None:
    office.writing.said(LOT, ADA, Noted(an_event(office), "a dent"))
    chores.rota(ground(office)).round()
    found = lows(office)
    assert {writer: one.low for writer, one in found.items()} == {
        office.served.edge.id: 1,
        RIGHTS.writer: 1,
    }
    assert office.faults() == []


def test_old_tries_and_requests_are_forgotten(office: Office) -> None:
    database = office.served.database
    old, new = NOON - DAY_US - 1, NOON - 1

    def keep(write: Connection) -> None:
        for at in (old, new):
            id_ = at.to_bytes(16, "big")
            attempts.noted(write, Attempt("door", b"\x01" * 32, id_, at), 0)
            device_requests.add(
                write, DeviceRequest(id_, "123456", "desk", b"\x02" * 32, "::1", at)
            )

    database.write(keep)
    chores.rota(ground(office)).round()
    with database.read() as read:
        assert read.scalars(select(attempt_rows.c.at)).all() == [new]
        assert read.scalars(select(request_rows.c.asked)).all() == [new]


def test_retention_forgets_what_is_due_while_locked(office: Office) -> None:
    clock = office.served.clock
    an_event(office)
    work = chores.rota(ground(office))
    work.round()
    clock.now += 93 * DAY_US
    (office.served.folder / "chores" / "retention").write_text(str(clock.now - DAY_US))
    assert "retention" in work.round()
    with office.served.database.read() as read:
        assert read.scalars(select(records.c.type)).all() == ["erased"]
    assert office.faults() == []


def test_retention_that_waits_for_a_person_says_so_once(office: Office) -> None:
    clock = office.served.clock
    an_event(office)
    work = chores.rota(ground(office))
    for days in (0, 93, 94):
        clock.now = NOON + days * DAY_US
        assert ("retention" in work.round()) is (days == 0)
    with office.served.database.read() as read:
        assert [one.kind for one in alarms.standing(read, LOT)] == ["retention"]
        assert "event" in read.scalars(select(records.c.type)).all()
