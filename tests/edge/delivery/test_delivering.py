"""Delivery to a server that is a process of its own, over TLS: all of it arrives, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from contract.blind import Blind
from contract.event import Event
from contract.wire import Ack, Started
from edge.delivery import sender
from edge.delivery.delivering import Delivery
from edge.delivery.identity import Places, identity_in, statement_in
from edge.delivery.sender import BACKOFF_MAX_S, Backoff
from edge.delivery.server import Server, pinned
from lot.addresses import Address
from lot.errors import Unreachable, WrongCode
from tests.edge.delivery import lot
from tests.edge.delivery.fake_server import STATE_KEY
from tests.edge.delivery.serving import Serving, serving, until

TLS = lot.tls()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path / "server", TLS) as running:
        yield running


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return lot.enrolled(tmp_path / "edge", TLS.root)[0]


@contextmanager
def delivery(
    places: Places,
    server: Serving,
    *,
    started: Callable[[Started], None] = lambda _: None,
    acknowledged: Callable[[Ack], None] = lambda _: None,
) -> Iterator[Delivery]:
    made = Delivery(
        lot.asked(places, server.port),
        identity_in(places),
        started=started,
        acknowledged=acknowledged,
    )
    made.start()
    try:
        yield made
    finally:
        made.close()


def put(made: Delivery, numbers: range, *, with_picture: bool = False) -> None:
    for number in numbers:
        pictures = {"plate": lot.picture(number, 20_000)} if with_picture else {}
        made.put(lot.an_event(number, pictures), pictures)


def is_done(made: Delivery) -> bool:
    counts = made.counts()
    return not (counts.waiting or counts.pictures_waiting or counts.unfinished)


def test_what_was_put_is_opened_by_the_owner_as_it_was(server: Serving, places: Places) -> None:
    pictures = {"plate": b"the plate", "frame": b"the frame"}
    with delivery(places, server) as made:
        assert made.put(lot.an_event(1, pictures), pictures) == 1
        assert made.put_blind(Blind("gate", lot.NOON, lot.NOON + 7, "frozen")) == 2
        until(lambda: is_done(made) and len(server.sequences()) == 2)
    event, blind = server.opened()
    assert isinstance(event.says, Event)
    assert event.says.plate == lot.AN_EVENT.plate
    assert (event.says.sequence, event.says.edge) == (1, lot.EDGE.hex())
    assert event.contents["picture/plate"] == b"the plate"
    assert event.contents["picture/frame"] == b"the frame"
    assert blind.says == Blind("gate", lot.NOON, lot.NOON + 7, "frozen")


def test_each_call_says_which_cameras_are_blind_where_somebody_knows(
    server: Serving, places: Places
) -> None:
    blind = ["north gate", "ñ,1"]
    with delivery(places, server) as made:
        put(made, range(1, 2))
        until(lambda: is_done(made))
        assert server.blind() == "nothing said"
        made.blind_from(lambda: blind)
        put(made, range(2, 3))
        until(lambda: is_done(made))
        assert server.blind() == "north%20gate,%C3%B1%2C1"
        blind.clear()
        put(made, range(3, 4))
        until(lambda: is_done(made))
        assert server.blind() == ""


def test_text_arrives_before_pictures(server: Serving, places: Places) -> None:
    with delivery(places, server) as made:
        put(made, range(1, 31), with_picture=True)
        until(lambda: is_done(made))
    kinds = [bool(one["records"]) for one in server.came()]
    assert sum(one["parts"] for one in server.came() if not one["records"]) == 30
    assert len(server.opened()) == 30
    assert not kinds[-1]


def test_the_start_brings_the_state_key_and_each_ack_is_told(
    server: Serving, places: Places
) -> None:
    keys: list[bytes] = []
    acks: list[Ack] = []
    with delivery(
        places, server, started=lambda s: keys.append(s.state_key), acknowledged=acks.append
    ) as made:
        put(made, range(1, 2))
        until(lambda: bool(acks) and acks[-1].low == 1)
    assert keys == [STATE_KEY]
    assert STATE_KEY not in b"".join(p.read_bytes() for p in places.folder.iterdir())


def test_a_server_that_is_away_costs_time_and_nothing_else(server: Serving, places: Places) -> None:
    with delivery(places, server) as made:
        put(made, range(1, 4))
        until(lambda: is_done(made))
        server.kill()
        put(made, range(4, 7), with_picture=True)
        assert made.counts().waiting == 3
        server.again()
        until(lambda: is_done(made))
    assert server.sequences() == list(range(1, 7))


def test_what_waits_outlives_the_process(server: Serving, places: Places) -> None:
    server.set(fault={"status": 503, "code": "busy"})
    with delivery(places, server) as made:
        put(made, range(1, 4))
    assert server.sequences() == []
    server.set()
    with delivery(places, server) as made:
        put(made, range(4, 5))
        until(lambda: is_done(made))
    assert server.sequences() == [1, 2, 3, 4]


@pytest.mark.parametrize("status", [403, 429, 500, 503, 507])
def test_what_may_pass_is_waited_for(server: Serving, places: Places, status: int) -> None:
    server.set(fault={"status": status, "code": "not_now"})
    with delivery(places, server) as made:
        put(made, range(1, 2))
        until(lambda: server.refusals() > 0)
        server.set()
        until(lambda: is_done(made))
    assert server.sequences() == [1]


def test_a_record_refused_for_good_has_a_tombstone_and_stops_nobody(
    server: Serving, places: Places
) -> None:
    server.set(fault={"status": 422, "code": "record_refused", "sequences": [3]})
    with delivery(places, server) as made:
        put(made, range(1, 6))
        until(lambda: is_done(made))
        assert [alarm.code for alarm in made.alarms()] == ["refused"]
    assert server.sequences() == [1, 2, 4, 5, 6]
    gone = server.records()[-1].head.gone
    assert gone is not None
    assert (gone.of, gone.reason) == (3, "refused")  # type: ignore[union-attr]


def test_a_camera_that_the_certificate_lacks_waits_and_the_others_do_not(
    server: Serving, places: Places
) -> None:
    with delivery(places, server) as made:
        for number in range(1, 31):
            camera = "back" if number % 4 == 0 else "gate"
            made.put(replace(lot.an_event(number), camera=camera), {})
        wanted = [number for number in range(1, 31) if number % 4]
        until(lambda: server.sequences() == wanted)
        put(made, range(31, 33))
        until(lambda: server.sequences() == [*wanted, 31, 32])
        until(lambda: made.counts().waiting == 30 // 4)
        assert [alarm.code for alarm in made.alarms()] == ["unauthorised"]


def test_a_conflict_closes_the_chain_for_good(server: Serving, places: Places) -> None:
    server.set(fault={"status": 409, "code": "equivocation"})
    with delivery(places, server) as made:
        put(made, range(1, 2))
        until(lambda: not made.is_sending)
        assert [alarm.code for alarm in made.alarms()] == ["closed"]
    server.set()
    with delivery(places, server) as made:
        assert made.put(lot.an_event(2), {}) == 2, "the gate goes on, and its events are kept"
        until(lambda: not made.is_sending)
    assert server.sequences() == []


def test_a_server_put_back_is_filled_again(server: Serving, places: Places) -> None:
    with delivery(places, server) as made:
        put(made, range(1, 11), with_picture=True)
        until(lambda: is_done(made))
        server.empty()
        put(made, range(11, 12))
        until(lambda: is_done(made) and len(server.sequences()) == 11)
    assert [one.says is not None for one in server.opened()] == [True] * 11
    assert all("picture/plate" in one.contents for one in server.opened()[:10])


def test_a_newer_key_statement_is_fetched_and_the_next_day_key_lies_under_it(
    server: Serving, places: Places
) -> None:
    newer = lot.statement(lot.NOON + 1, current="rsa2", old=("rsa",))
    with delivery(places, server) as made:
        put(made, range(1, 2))
        until(lambda: is_done(made))
        (server.folder / "pack.json").write_bytes(lot.pack(TLS.root, newer))
        put(made, range(2, 3))
        until(lambda: made._keys.statement == newer)
        assert statement_in(places, identity_in(places)) == newer, "and outlives the process"
        put(made, range(3, 4))
        until(lambda: is_done(made))
    keys = {one.head.sequence: one.envelope.parts[0].key for one in server.records()}
    assert keys[2] != keys[3]


def test_a_statement_put_back_is_an_alarm_and_not_believed(server: Serving, places: Places) -> None:
    older = lot.statement(lot.NOON - 1, current="rsa2", old=("rsa",))
    (server.folder / "pack.json").write_bytes(lot.pack(TLS.root, older))
    with delivery(places, server) as made:
        put(made, range(1, 2))
        until(lambda: [alarm.code for alarm in made.alarms()][:1] == ["statement_back"])
    assert statement_in(places, identity_in(places)).n == lot.NOON


def test_another_root_is_not_believed(server: Serving) -> None:
    stranger = Server(Address("127.0.0.1", server.port), pinned(lot.tls().root), lot.TOKEN)
    with pytest.raises(WrongCode, match="not the server"):
        stranger.trust()
    stranger.close()


def test_a_certificate_that_is_long_over_is_believed(server: Serving) -> None:
    """The control for the tests above, whose certificate ended in 2021."""
    known = Server(Address("127.0.0.1", server.port), pinned(TLS.root), lot.TOKEN)
    assert known.trust().status == 200
    known.close()


def test_another_name_than_the_certificates_is_not_believed(server: Serving) -> None:
    known = Server(Address("localhost", server.port), pinned(TLS.root), lot.TOKEN)
    with pytest.raises(WrongCode, match="names in the server's certificate"):
        known.trust()
    known.close()


def test_an_answer_larger_than_any_is_not_read(server: Serving) -> None:
    (server.folder / "pack.json").write_bytes(bytes(1 << 20))
    known = Server(Address("127.0.0.1", server.port), pinned(TLS.root), lot.TOKEN)
    with pytest.raises(Unreachable, match="more than"):
        known.trust()
    known.close()


def test_the_backoff_doubles_to_its_end_with_jitter_and_begins_anew() -> None:
    backoff = Backoff(draw=lambda: 1.0)
    assert [backoff.failed() for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 30, 30, BACKOFF_MAX_S]
    backoff.worked()
    assert Backoff(draw=lambda: 0.0).failed() == sender.BACKOFF_FIRST_S / 2
    assert backoff.failed() == sender.BACKOFF_FIRST_S


def test_of_two_processes_one_sends_and_both_hear_the_server(
    server: Serving, places: Places
) -> None:
    heard: list[tuple[str, object]] = []

    def made(name: str) -> Delivery:
        return Delivery(
            lot.asked(places, server.port),
            identity_in(places),
            started=lambda started: heard.append((name, started.state_key)),
            acknowledged=lambda _: heard.append((name, "ack")),
        )

    first, second = made("first"), made("second")
    try:
        first.start()
        until(lambda: ("first", STATE_KEY) in heard)
        second.start()
        until(lambda: ("second", STATE_KEY) in heard and ("second", "ack") in heard)
        second.put(lot.an_event(1), {})
        until(lambda: server.sequences() == [1])  # sent by the first
        first.close()
        second.put(lot.an_event(2), {})
        until(lambda: server.sequences() == [1, 2])  # which has ended
        until(lambda: second.counts().waiting == 0)
        assert second.alarms() == []
    finally:
        second.close()
