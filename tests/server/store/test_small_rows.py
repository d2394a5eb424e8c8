"""Settled sides, counts, alarms, tries and browsers that ask."""

from dataclasses import replace
from functools import partial

import pytest

from lot.errors import Refused
from server.store import alarms, attempts, counts, device_requests, settled
from server.store.alarms import Alarm
from server.store.attempts import Attempt
from server.store.database import Database
from server.store.device_requests import WAITING_MAX, WAITS_US, DeviceRequest
from server.store.settled import Side

LOT = b"\xf1" * 16
OTHER = b"\xf2" * 16
EVENTS = [f"01900000-0000-7000-8000-{n:012d}" for n in range(4)]
BLIND = Alarm(LOT, b"\x01" * 16, "blind", b"\xe1" * 16, "gate", "the camera shows nothing", 10)
TRY = Attempt("sign_in", b"\x01" * 32, b"\x01" * 16, 10)
ASKED = DeviceRequest(b"\x01" * 16, "123456", "desk", b"\x02" * 32, "10.0.0.7", WAITS_US)


def test_what_was_settled_later_stands_however_it_arrives(each_database: Database) -> None:
    def settle(event: str, side: Side, at: int) -> None:
        each_database.write(lambda c: settled.put(c, LOT, event, side, at))

    settle(EVENTS[0], "out", 9)
    settle(EVENTS[0], "in", 5)
    settle(EVENTS[1], "in", 5)
    with each_database.read() as connection:
        assert settled.newest(connection, LOT, 0, 9) == [(EVENTS[0], "out"), (EVENTS[1], "in")]
        assert settled.newest(connection, OTHER, 0, 9) == []


def test_an_ack_carries_the_newest_by_id(each_database: Database) -> None:
    times = dict(zip(EVENTS, (40, 10, 30, 20), strict=True))
    for event, at in times.items():
        each_database.write(partial(settled.put, lot=LOT, event=event, side="in", at=at))
    with each_database.read() as connection:
        newest = settled.newest(connection, LOT, 20, 2)
        assert [event for event, _ in newest] == [EVENTS[0], EVENTS[2]]
        assert len(settled.newest(connection, LOT, 20, 9)) == 3


def test_counts_are_summed_and_each_id_counts_once(each_database: Database) -> None:
    for number in (1, 2, 2, 3):
        id_ = bytes([number]) * 16
        each_database.write(partial(counts.add, lot=LOT, id_=id_, more=1, at=number))
    each_database.write(lambda c: counts.add(c, LOT, bytes([9]) * 16, -1, 2))
    with each_database.read() as connection:
        assert counts.total(connection, LOT, 0, 99) == 2
        assert counts.total(connection, LOT, 2, 3) == 0
        assert counts.total(connection, LOT, 3, 99) == 1
        assert counts.total(connection, OTHER, 0, 99) == 0


def test_an_alarm_that_stands_is_not_given_again(each_database: Database) -> None:
    again = replace(BLIND, id=b"\x02" * 16, at=20)
    elsewhere = replace(BLIND, id=b"\x03" * 16, camera=None, at=15)
    assert each_database.write(lambda c: alarms.add(c, BLIND))
    assert not each_database.write(lambda c: alarms.add(c, again))
    assert each_database.write(lambda c: alarms.add(c, elsewhere))
    each_database.write(lambda c: alarms.end(c, LOT, BLIND.id, 18))
    each_database.write(lambda c: alarms.end(c, LOT, BLIND.id, 19))
    assert each_database.write(lambda c: alarms.add(c, again))
    with each_database.read() as connection:
        assert alarms.standing(connection, LOT) == [again, elsewhere]
        ended = replace(BLIND, ended=18)
        assert alarms.page(connection, LOT, most=9) == [again, elsewhere, ended]


def test_pages_of_alarms_hold_each_once_newest_first(each_database: Database) -> None:
    all_of_them = [
        replace(BLIND, id=bytes([n]) * 16, camera=str(n), at=n // 2) for n in (250, 130, 9, 8, 3)
    ]
    each_database.write(lambda c: [alarms.add(c, one) for one in reversed(all_of_them)])
    seen: list[Alarm] = []
    with each_database.read() as connection:
        while page := alarms.page(connection, LOT, behind=seen[-1] if seen else None, most=2):
            seen += page
    assert seen == all_of_them


def test_tries_are_counted_by_door_and_person_since_a_time(each_database: Database) -> None:
    def noted(attempt: Attempt, since: int) -> int:
        return each_database.write(lambda c: attempts.noted(c, attempt, since))

    assert noted(TRY, 0) == 1
    assert noted(TRY, 0) == 1
    assert noted(replace(TRY, id=b"\x02" * 16, at=20), 0) == 2
    assert noted(replace(TRY, id=b"\x03" * 16, at=30), 11) == 2
    assert noted(replace(TRY, who=bytes(32)), 0) == 1
    assert noted(replace(TRY, door="enrol"), 0) == 1
    each_database.write(lambda c: attempts.trim(c, 20))
    assert noted(replace(TRY, id=b"\x04" * 16, at=31), 0) == 3


def test_a_browser_waits_ten_minutes(each_database: Database) -> None:
    each_database.write(lambda c: device_requests.add(c, ASKED))
    with each_database.read() as connection:
        last = ASKED.asked + WAITS_US - 1
        assert device_requests.waiting(connection, last) == [ASKED]
        assert device_requests.found(connection, ASKED.id, last) == ASKED
        assert device_requests.found(connection, ASKED.id, last + 1) is None
    each_database.write(lambda c: device_requests.drop(c, ASKED.id))
    with each_database.read() as connection:
        assert device_requests.waiting(connection, ASKED.asked) == []


def test_ten_browsers_wait_and_no_more(each_database: Database) -> None:
    def ask(number: int, asked: int = ASKED.asked) -> None:
        one = replace(ASKED, id=bytes([number]) * 16, number=f"{number:06d}", asked=asked)
        each_database.write(lambda c: device_requests.add(c, one))

    for number in range(WAITING_MAX):
        ask(number)
    ask(WAITING_MAX - 1)
    with pytest.raises(Refused, match="wait"):
        ask(WAITING_MAX)
    ask(WAITING_MAX, ASKED.asked + WAITS_US)
    with each_database.read() as connection:
        assert len(device_requests.waiting(connection, ASKED.asked + WAITS_US)) == 1


def test_two_browsers_never_show_one_number(each_database: Database) -> None:
    each_database.write(lambda c: device_requests.add(c, ASKED))
    with pytest.raises(Refused):
        each_database.write(lambda c: device_requests.add(c, replace(ASKED, id=bytes(16))))
