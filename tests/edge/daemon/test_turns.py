"""Turns at several cameras: side by side with eyes of their own, told in the cameras' order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Barrier, get_ident

import numpy as np
import pytest

from edge.daemon.lookout import Lookout, News
from edge.daemon.turns import Turns
from edge.values import Frame

NOW = datetime.fromisoformat("2026-03-02T08:00:00+00:00")
PATIENCE_S = 20


class Toy(Lookout):
    """A camera whose turn does what it is told to, and brings one picture."""

    def __init__(self, called: str, does: Callable[[], object] = int) -> None:
        self._called = called
        self._does = does
        self.thread = 0

    @property
    def name(self) -> str:
        return self._called

    def turn(self) -> News:
        self.thread = get_ident()
        self._does()
        return News(frame=Frame(self._called, 1, NOW, np.zeros((1, 1, 3), np.uint8)))


@contextmanager
def turns(*lookouts: Lookout, eyes: int) -> Iterator[Turns]:
    taken = Turns(lookouts, eyes=eyes)
    try:
        yield taken
    finally:
        taken.close()


@pytest.mark.parametrize("eyes", [1, 2, 3, 5])
def test_news_come_in_the_order_of_the_cameras(eyes: int) -> None:
    toys = [Toy(name) for name in "abcde"]
    with turns(*toys, eyes=eyes) as taken:
        frames = [one.frame for one in taken.take()]
    assert [frame.camera for frame in frames if frame is not None] == list("abcde")


def test_two_cameras_with_eyes_of_their_own_look_at_once() -> None:
    both = Barrier(2)
    toys = [Toy(name, lambda: both.wait(PATIENCE_S)) for name in "ab"]
    with turns(*toys, eyes=2) as taken:
        assert len(taken.take()) == 2


def test_cameras_that_share_eyes_never_look_at_once() -> None:
    toys = [Toy(name) for name in "abcd"]
    with turns(*toys, eyes=2) as taken:
        taken.take()
    a, b, c, d = (toy.thread for toy in toys)
    assert (a, b) == (c, d)  # one after the other in one thread
    with turns(*toys, eyes=1) as taken:
        taken.take()
    assert {toy.thread for toy in toys} == {get_ident()}


def test_what_one_turn_raises_is_raised() -> None:
    def broken() -> None:
        raise RuntimeError("of the second camera")

    with (
        turns(Toy("a"), Toy("b", broken), eyes=2) as taken,
        pytest.raises(RuntimeError, match="second"),
    ):
        taken.take()
