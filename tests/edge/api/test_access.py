"""Who may call, and how often, told from headers alone."""

from __future__ import annotations

import pytest

from contract.digest import H
from edge.api.access import WORK, WRONG, Bucket, By, Door, Doorkeeper, Pace
from edge.api.grants import Grants
from lot.web.problems import Problem

TOKEN = "a-token-of-twenty-characters"  # noqa: S105 - the tests' own
RIGHT, NOT_RIGHT = {"Authorization": f"Token {TOKEN}"}, {"Authorization": "Token another"}


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_a_bucket_gives_its_burst_and_then_its_pace() -> None:
    clock = Clock()
    bucket = Bucket(Pace(2, 0.5), clock)
    assert [bucket.wait_s("one") for _ in range(3)] == [0.0, 0.0, 2.0]
    assert bucket.wait_s("other") == 0.0
    clock.now_s = 2.0
    assert [bucket.wait_s("one"), bucket.wait_s("one")] == [0.0, 2.0]


def test_who_guesses_is_slowed_down_and_keeps_nobody_out() -> None:
    keeper = Doorkeeper([H(TOKEN.encode())], Grants(None), Clock())
    codes = []
    for _ in range(int(WRONG.burst) + 1):
        with pytest.raises(Problem) as refused:
            keeper.let_in(Door.TOKEN, NOT_RIGHT, "192.168.1.9")
        codes.append(refused.value.code)
    assert (codes[0], codes[-1]) == ("unauthenticated", "too_fast")
    keeper.let_in(Door.TOKEN, RIGHT, "192.168.1.9")


def test_who_works_too_fast_waits() -> None:
    keeper = Doorkeeper([H(TOKEN.encode())], Grants(None), Clock())
    for _ in range(int(WORK.burst)):
        keeper.let_in(Door.TOKEN, RIGHT, "192.168.1.9")
    with pytest.raises(Problem) as refused:
        keeper.let_in(Door.TOKEN, RIGHT, "192.168.1.9")
    assert (refused.value.code, refused.value.retry_s) == ("too_fast", 1)


def test_figures_are_for_this_machine_or_the_token() -> None:
    keeper = Doorkeeper([H(TOKEN.encode())], Grants(None), Clock())
    keeper.let_in(Door.HERE, {}, "127.0.0.1")
    keeper.let_in(Door.HERE, RIGHT, "192.168.1.9")
    with pytest.raises(Problem):
        keeper.let_in(Door.HERE, {}, "192.168.1.9")
    keeper.let_in(Door.ANYBODY, {}, "192.168.1.9")


def test_the_token_opens_what_a_grant_opens() -> None:
    keeper = Doorkeeper([H(TOKEN.encode())], Grants(None), Clock())
    for door in (Door.TOKEN, Door.LIVE, Door.READ):
        assert keeper.let_in(door, RIGHT, "192.168.1.9") is By.TOKEN


def test_without_a_known_hash_nothing_opens() -> None:
    keeper = Doorkeeper([], Grants(None), Clock())
    with pytest.raises(Problem):
        keeper.let_in(Door.TOKEN, {"Authorization": "Token "}, "192.168.1.9")
