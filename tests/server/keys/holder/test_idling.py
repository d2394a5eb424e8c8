"""The vault locks itself so long after a person did something, whatever pages ask by themselves."""

from __future__ import annotations

import time
from pathlib import Path

from server.keys.holder.idling import DESK_S, Idling
from tests.server.keys.holder.running import house

IDLE_S = 900
SESSION = b"s" * 16


class Steady:
    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        return self.now


def test_it_stays_open_from_the_last_thing_that_somebody_did() -> None:
    steady = Steady()
    idling = Idling(IDLE_S, steady)
    steady.now += IDLE_S - 1
    assert idling.left_s() == 1
    idling.acted()
    assert idling.left_s() == IDLE_S
    steady.now += IDLE_S
    assert idling.left_s() <= 0


def test_a_desk_keeps_it_open_over_a_working_day_until_it_is_signed_out() -> None:
    steady = Steady()
    idling = Idling(IDLE_S, steady)
    idling.acted(SESSION)
    steady.now += DESK_S - 1
    assert idling.left_s() == 1
    idling.acted(SESSION)
    idling.left(SESSION)
    assert idling.left_s() == IDLE_S


def test_what_a_page_asks_by_itself_keeps_no_vault_open(tmp_path: Path) -> None:
    with house(tmp_path, idle_s=1) as home:
        owner = home.owner()
        until = time.monotonic() + 20
        while home.keyholder.who_am_i(owner).unlocked:
            assert time.monotonic() < until


def test_who_does_something_has_the_whole_time_again(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        owner = home.owner()
        until = time.monotonic() + 20
        while home.keyholder.status().locks_in_s == 3600:
            assert time.monotonic() < until
        while _left(home.keyholder.status().locks_in_s) >= 3599:
            assert time.monotonic() < until
        home.keyholder.who_am_i(owner, acts=True)
        assert _left(home.keyholder.status().locks_in_s) >= 3599


def _left(seconds: int | None) -> int:
    assert seconds is not None
    return seconds
