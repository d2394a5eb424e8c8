"""Who watches is told what came, of their own lots, and never what a plate says."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterator

import pytest

from lot.clock import now_us
from server.access.roles import Role
from server.api import live_room
from server.keys.holder.refusals import KeyholderAway
from server.records.live import OF_A_SESSION_MAX, WATCHERS_MAX, Happened, Live, Watching
from server.refusals import TooMany
from server.store import alarms, counts
from server.store.alarms import Alarm
from tests.contract.writers import LOT
from tests.server.api.vaulted import Vaulted

SOON = 10.0  # seconds, in which a thread that looks twice a second surely looked


@pytest.fixture
def live(vault: Vaulted) -> Live:
    return Live(vault.database, lambda: vault.home.keyholder.status().state != "unlocked")


def _everything(_: bytes) -> bool:
    return True


Watch = Callable[..., Watching]


@pytest.fixture
def watch(live: Live) -> Iterator[Watch]:
    """Joins, and leaves when the test ends."""
    joined: list[Watching] = []

    def join(sees: Callable[[bytes], bool] = _everything, session: bytes | None = None) -> Watching:
        joined.append(live.watch(session or secrets.token_bytes(16), sees))
        return joined[-1]

    yield join
    for one in joined:
        live.leave(one)


def test_an_entry_an_alarm_a_count_and_a_lock_are_told(vault: Vaulted, watch: Watch) -> None:
    vault.keep(vault.edge.an_event())
    watching = watch()
    came = vault.edge.an_event()
    vault.keep(came)
    assert watching.next(SOON) == Happened("entry", LOT, came.head.id, "gate", came.head.at)

    alarm = Alarm(LOT, b"a" * 16, "blind", None, "gate", "the camera is blind", now_us())
    vault.database.write(lambda write: alarms.add(write, alarm))
    assert watching.next(SOON) == Happened("alarm", LOT, alarm.id.hex(), said="blind")

    id_ = secrets.token_bytes(16)
    vault.database.write(lambda write: counts.add(write, LOT, id_, 1, now_us()))
    assert watching.next(SOON) == Happened("change", LOT)

    vault.home.keyholder.lock(vault.owner)
    assert watching.next(SOON) == Happened("vault", None, said="locked")


def test_who_asked_before_the_index_knew_is_told_again(
    vault: Vaulted, live: Live, watch: Watch
) -> None:
    watching = watch()
    came = vault.edge.an_event()
    vault.keep(came)
    assert watching.next(SOON) == Happened("entry", LOT, came.head.id, "gate", came.head.at)
    live.fed(0)
    live.fed(1)
    assert watching.next(SOON) == Happened("change", None)


def test_what_the_index_learned_is_told_also_after_a_look_that_failed(vault: Vaulted) -> None:
    away, failed = threading.Event(), threading.Event()

    def is_locked() -> bool:
        if away.is_set():
            failed.set()
            raise KeyholderAway("the keyholder does not answer", then="wait")
        return False

    live = Live(vault.database, is_locked)
    watching = live.watch(b"session", _everything)
    away.set()
    live.fed(1)
    assert failed.wait(SOON)
    away.clear()
    assert watching.next(SOON) == Happened("change", None)
    live.leave(watching)


def test_of_another_lot_nothing_is_told(vault: Vaulted, watch: Watch) -> None:
    theirs, ours = watch(lambda lot: lot != LOT), watch()
    vault.keep(vault.edge.an_event())
    assert ours.next(SOON) is not None
    assert theirs.next(0) is None


def test_the_ninth_asks_instead_and_whoever_leaves_makes_room(live: Live, watch: Watch) -> None:
    joined = [watch() for _ in range(WATCHERS_MAX)]
    with pytest.raises(TooMany):
        watch()
    live.leave(joined[0])
    watch()


def test_a_session_that_watches_anew_takes_nobody_elses_room(live: Live, watch: Watch) -> None:
    others = [watch() for _ in range(WATCHERS_MAX - OF_A_SESSION_MAX)]
    own = [watch(session=b"one page") for _ in range(20)]
    assert [one.is_over for one in own] == [True] * (20 - OF_A_SESSION_MAX) + [False] * 2
    assert not any(one.is_over for one in others)


def test_a_stream_that_is_over_ends_at_once(vault: Vaulted, live: Live) -> None:
    vault.serve(live_room.room(live))
    answers = [vault.ask("GET", "/stream") for _ in range(OF_A_SESSION_MAX + 1)]
    assert b"".join(answers[0].iter_encoded()) == b"retry: 3000\n\n"
    for one in answers:
        one.close()


def test_the_stream_beats_ends_and_makes_room(vault: Vaulted, live: Live, watch: Watch) -> None:
    times = iter([0.0, 0.0, 5.0, 10.0])
    vault.serve(live_room.room(live, beat_s=0.01, lasts_s=10.0, steady=lambda: next(times)))
    answer = vault.ask("GET", "/stream")
    assert answer.content_type == "text/event-stream"
    assert answer.data == b"retry: 3000\n\n" + b": still here\n\n" * 2
    answer.close()
    for _ in range(WATCHERS_MAX):
        watch()
    refused = vault.ask("GET", "/stream")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")


def test_a_viewer_does_not_watch_and_what_is_told_is_one_line(
    vault: Vaulted, live: Live, watch: Watch
) -> None:
    times = iter([0.0, 0.0, 20.0])
    vault.serve(live_room.room(live, lasts_s=10.0, steady=lambda: next(times)))
    assert vault.ask("GET", "/stream", vault.person("Vi", Role.VIEWER)).status_code == 403
    answer = vault.ask("GET", "/stream")
    stream = iter(answer.response)
    assert next(stream) == b"retry: 3000\n\n"
    came = vault.edge.an_event()
    vault.keep(came)
    said = next(stream)
    assert isinstance(said, bytes)
    event, data, *rest = said.decode().split("\n")
    assert (event, rest) == ("event: entry", ["", ""])
    assert json.loads(data.removeprefix("data: "))["id"] == came.head.id
    answer.close()
