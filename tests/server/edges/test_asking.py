"""Where edges are, as far as they said it themselves; and a view that follows another."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Semaphore

import pytest

from contract.grant import LIVE_S
from server.edges.asking import Stream, View, Whereabouts
from server.keys.holder.refusals import Locked

EDGE = b"\x07" * 16


def test_an_edge_is_where_it_was_last_heard() -> None:
    known = Whereabouts()
    assert known.of(EDGE) is None
    known.heard(EDGE, "192.168.1.7", "8444")
    known.heard(EDGE, "192.168.1.8", "8445")
    assert known.of(EDGE) == ("192.168.1.8", 8445)


@pytest.mark.parametrize("port", [None, "", "0", "70000", "-1", "8444; rm", "8 444"])
def test_what_is_no_port_changes_nothing(port: str | None) -> None:
    known = Whereabouts()
    known.heard(EDGE, "192.168.1.7", "8444")
    known.heard(EDGE, "10.0.0.1", port)
    assert known.of(EDGE) == ("192.168.1.7", 8444)


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Seen:
    """A view of a few pieces that lasts so long."""

    content_type = "multipart/x-mixed-replace"

    def __init__(self, clock: Clock, lasts_s: float, *pieces: bytes) -> None:
        self._clock, self._lasts_s, self._pieces = clock, lasts_s, pieces
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        self._clock.now_s += self._lasts_s

    def close(self) -> None:
        self.closed += 1


class Asking:
    """Gives one view after the other, and then that the vault is locked."""

    def __init__(self, *views: Seen) -> None:
        self.left = list(views)

    def __call__(self) -> View:
        if not self.left:
            raise Locked("the vault is locked", then="unlock it")
        return self.left.pop(0)


def test_a_view_whose_time_is_over_is_followed_by_the_next_until_it_is_refused() -> None:
    clock, left = Clock(), Semaphore(0)
    views = [Seen(clock, LIVE_S, b"one"), Seen(clock, LIVE_S - 1, b"two", b"three")]
    stream = Stream(Asking(*views), left, clock)
    assert b"".join(stream) == b"onetwothree"
    stream.close()
    stream.close()
    assert all(view.closed for view in views)
    assert left.acquire(blocking=False)  # and once only
    assert not left.acquire(blocking=False)


def test_a_view_that_ends_early_is_not_asked_for_again() -> None:
    clock = Clock()
    asking = Asking(Seen(clock, LIVE_S / 2, b"one"), Seen(clock, LIVE_S, b"two"))
    assert b"".join(Stream(asking, Semaphore(0), clock)) == b"one"
    assert len(asking.left) == 1
