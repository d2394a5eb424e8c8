"""Those who ask at once are answered at once, each for themselves, and none with an old answer."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from lot.errors import Refused
from server.api.together import Together

LONG_S = 30.0


class Work:
    """Work whose first doing lasts until it is let go; says who was answered together."""

    def __init__(self) -> None:
        self.together: Together[str, int, tuple[int, int]] = Together(self)
        self.begun, self.let_go = threading.Event(), threading.Event()
        self.done: list[list[int]] = []
        self.fails: BaseException | None = None

    def __call__(self, key: str, askers: Sequence[int]) -> list[tuple[int, int]]:
        self.done.append([*askers])
        number = len(self.done)
        self.begun.set()
        assert self.let_go.wait(LONG_S)
        if self.fails is not None:
            raise self.fails
        return [(number, asker) for asker in askers]

    def wait_for(self, people: int, key: str = "k") -> None:
        pause = threading.Event()
        while key not in self.together._lines or self.together._lines[key].people < people:
            pause.wait(0.001)


def test_who_asks_while_it_is_done_for_others_waits_for_the_next_time_with_all_who_do() -> None:
    work = Work()
    with ThreadPoolExecutor(20) as pool:
        first = pool.submit(work.together.answer, "k", 0)
        assert work.begun.wait(LONG_S)
        others = [pool.submit(work.together.answer, "k", number) for number in range(1, 20)]
        work.wait_for(20)
        work.let_go.set()
        assert first.result() == (1, 0)
        assert [one.result() for one in others] == [(2, number) for number in range(1, 20)]
    assert [len(one) for one in work.done] == [1, 19]
    assert not work.together._lines  # nothing is kept


def test_who_asks_by_another_key_waits_for_nobody() -> None:
    work = Work()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(work.together.answer, "k", 0)
        assert work.begun.wait(LONG_S)
        other = pool.submit(work.together.answer, "another", 1)
        work.wait_for(1, "another")
        work.let_go.set()
        assert {first.result()[1], other.result()[1]} == {0, 1}
    assert sorted(work.done) == [[0], [1]]


def test_what_the_work_refuses_is_refused_to_each() -> None:
    work = Work()
    work.fails = Refused("no", then="ask another")
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(work.together.answer, "k", 0)]
        assert work.begun.wait(LONG_S)
        asked += [pool.submit(work.together.answer, "k", number) for number in (1, 2)]
        work.wait_for(3)
        work.let_go.set()
        for one in asked:
            with pytest.raises(Refused):
                one.result()
    assert len(work.done) == 2


def test_where_one_falls_over_a_bug_each_of_the_others_does_it_alone() -> None:
    work = Work()
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(work.together.answer, "k", 0)]
        assert work.begun.wait(LONG_S)
        asked += [pool.submit(work.together.answer, "k", number) for number in (1, 2)]
        work.wait_for(3)
        work.fails = KeyError("a bug")
        work.let_go.set()
        for one in asked:
            with pytest.raises(KeyError):
                one.result()
    assert sorted(map(len, work.done)) == [1, 1, 2]
    work.fails = None
    assert work.together.answer("k", 3)[1] == 3
