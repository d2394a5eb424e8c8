"""Whoever watches is told of every change, also of those that come while no stream is open."""

from __future__ import annotations

import queue
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager

import pytest

from gui.live import ASK, BEGIN, CHANGE, LASTS_S, Fan, Waits, pieces
from gui.server_api import Holder, Problem

MANY = 100  # more than a stream has beats
SAID = b"event: entry\ndata: {}\n\n"

Watch = Generator[bytes, None, None]


class Vault:
    """A server whose stream says what a test has it say."""

    def __init__(self) -> None:
        self.says: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()  # None: it ends
        self.refuses = False

    @contextmanager
    def stream(self, path: str, holder: Holder) -> Iterator[Iterator[bytes]]:
        if self.refuses:
            raise Problem(503, "busy", "eight watch already")
        yield iter(self.says.get, None)


@pytest.fixture
def vault() -> Iterator[Vault]:
    found = Vault()
    yield found
    found.says.put(SAID)  # whoever listens looks for watchers, and ends


@pytest.fixture
def fan() -> Fan:
    return Fan()


def _watch(fan: Fan, vault: Vault) -> Watch:
    joined = fan.watch(vault, Holder())
    assert joined is not None
    found = pieces(fan, *joined)
    assert next(found) == BEGIN
    return found


def test_a_stream_lasts_by_the_clock_however_much_is_told(fan: Fan, vault: Vault) -> None:
    now = [0.0]
    joined = fan.watch(vault, Holder())
    assert joined is not None
    stream = pieces(fan, *joined, steady=lambda: now[0])
    assert [next(stream), next(stream)] == [BEGIN, CHANGE]
    for _ in range(MANY):
        vault.says.put(SAID)
        assert next(stream) == CHANGE
    now[0] = LASTS_S
    assert next(stream, None) is None


def test_who_joins_looks_at_what_came_since_their_page_was_made(fan: Fan, vault: Vault) -> None:
    with closing(_watch(fan, vault)) as first, closing(_watch(fan, vault)) as second:
        assert next(first) == CHANGE
        assert next(second) == CHANGE
        with closing(_watch(fan, vault)) as third:
            assert next(third) == CHANGE


def test_when_the_server_begins_a_new_stream_all_look_at_what_came_between(
    fan: Fan, vault: Vault
) -> None:
    with closing(_watch(fan, vault)) as first, closing(_watch(fan, vault)) as second:
        assert [next(first), next(second)] == [CHANGE, CHANGE]
        vault.says.put(None)
        assert [next(first), next(second)] == [CHANGE, CHANGE]


def test_who_is_sent_away_is_told_so_also_where_a_change_waits(fan: Fan) -> None:
    waits: Waits = queue.SimpleQueue()
    for more in (True, False):
        waits.put(more)
    assert [*pieces(fan, 1, waits)] == [BEGIN, ASK]


def test_where_the_server_gives_no_stream_all_are_sent_away(fan: Fan, vault: Vault) -> None:
    with closing(_watch(fan, vault)) as stream:
        assert next(stream) == CHANGE
        vault.refuses = True
        vault.says.put(None)
        assert next(stream) == ASK
    assert fan.watch(vault, Holder()) is None
