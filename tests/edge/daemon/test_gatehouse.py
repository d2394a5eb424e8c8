"""What the gate says is kept once, also when a crash makes it say it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import numpy as np

from contract import blind
from contract.digest import H
from contract.event import Clock, Event
from edge.cameras import Camera
from edge.daemon.gallery import Gallery
from edge.daemon.gatehouse import Bearing, Gatehouse, Keeping, Showing
from edge.daemon.lookout import Blindness
from edge.daemon.state_file import Kept
from edge.delivery.delivering import Delivery
from edge.delivery.outbox import Newest
from edge.gate.values import Blind
from edge.values import Box, Passage
from tests.edge.delivery import lot
from tests.edge.delivery.test_outbox import DAY_US, Server
from tests.edge.gate.street import TOLD_AT_ONCE, at, car

EDGE = b"\x07" * 16
CAMERA = Camera("gate", role="entry")


class Shelf:
    """Keeps events as the outbox does, without a disk."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.pictures: list[Mapping[str, bytes]] = []
        self.blind: list[blind.Blind] = []

    def put(self, said: Event, pictures: Mapping[str, bytes]) -> int:
        assert said.revision not in [e.revision for e in self.events if e.id == said.id]
        self.events.append(said)
        self.pictures.append(pictures)
        return len(self.events)

    def put_blind(self, said: blind.Blind) -> int:
        self.blind.append(said)
        return 0

    def newest_of(self, event_id: str) -> Newest | None:
        of_it = [e for e in self.events if e.id == event_id]
        return Newest(of_it[-1].revision, of_it[-1].final) if of_it else None

    def still_known(self, event_id: str, pictures: Mapping[str, str]) -> Mapping[str, str]:
        known = {p for one in self.events if one.id == event_id for p in one.pictures.values()}
        return {name: one for name, one in pictures.items() if one in known}


def house(shelf: Keeping, gallery: Gallery | None = None) -> Gatehouse:
    bearing = Bearing(
        EDGE, {"plate_detector": "ab" * 32}, lambda: Clock("ntp", None), lambda: False
    )
    return Gatehouse(
        {"gate": CAMERA},
        TOLD_AT_ONCE,
        bearing,
        shelf,
        Showing(gallery or Gallery()),
        lambda _: None,
    )


def a_car(until: float = 8) -> Passage:
    return car("8ABC123").until(until).named("1-1-00001").passage()


def settle(one: Gatehouse, passages: Sequence[Passage], end: datetime) -> list[Event]:
    return [*one.step(at(9), passages), *one.step(end)]


def test_a_car_is_one_event_with_its_revisions() -> None:
    shelf = Shelf()
    settle(house(shelf), [a_car()], at(60))
    assert {e.id for e in shelf.events} == {shelf.events[0].id}
    assert [e.kind for e in shelf.events] == ["entry"] * len(shelf.events)
    assert shelf.events[-1].final
    assert shelf.events[-1].edge == EDGE.hex()


def test_what_was_said_before_a_crash_is_not_kept_twice() -> None:
    shelf = Shelf()
    settle(house(shelf), [a_car()], at(60))
    before = list(shelf.events)
    settle(house(shelf), [a_car()], at(60))  # its state was never written
    assert shelf.events == before


def test_the_last_word_follows_revisions_that_the_state_had_lost() -> None:
    shelf = Shelf()
    first = house(shelf)
    first.step(at(9), [a_car()])
    before = list(shelf.events)
    settle(house(shelf), [a_car()], at(60))
    assert [one.final for one in (before[-1], shelf.events[-1])] == [False, True]
    assert shelf.events[-1].revision > before[-1].revision


def test_the_pictures_are_of_the_best_reading() -> None:
    shelf, gallery = Shelf(), Gallery()
    image = np.random.default_rng(1).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    passage = a_car()
    gallery.keep("gate", passage.looks[0].frame, image, [Box(0.2, 0.2, 0.9, 0.9)])
    settle(house(shelf, gallery), [passage], at(60))
    event, pictures = shelf.events[0], shelf.pictures[0]
    assert set(pictures) == {"frame", "plate", "vehicle"}
    assert event.pictures == {name: H(data).hex() for name, data in pictures.items()}


def test_the_last_word_names_the_pictures_that_were_let_go_meanwhile() -> None:
    shelf, gallery = Shelf(), Gallery(bytes_max=1)
    image = np.random.default_rng(1).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    passage = a_car()
    gallery.keep("gate", passage.looks[0].frame, image, [Box(0.2, 0.2, 0.9, 0.9)])
    one = house(shelf, gallery)
    one.step(at(9), [passage])
    gallery.keep("elsewhere", 1, image, [])
    one.step(at(60))
    assert shelf.events[-1].final
    assert shelf.pictures[-1] == {}
    assert shelf.events[-1].pictures == shelf.events[0].pictures != {}


def test_the_last_word_names_the_pictures_of_before_a_restart_and_lets_them_go() -> None:
    shelf, gallery = Shelf(), Gallery()
    image = np.random.default_rng(1).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    passage = a_car()
    gallery.keep("gate", passage.looks[0].frame, image, [Box(0.2, 0.2, 0.9, 0.9)])
    one = house(shelf, gallery)
    one.step(at(9), [passage])
    for now in (20, 30):  # power goes twice before the last word
        kept = one.state()
        assert kept is not None
        one = house(shelf)
        one.seal(at(now))
        one.unseal(at(now + 1), kept)
    one.step(at(60))
    assert shelf.events[-1].final
    assert shelf.events[-1].pictures == shelf.events[0].pictures != {}
    kept = one.state()
    assert kept is not None
    assert not kept.named


def test_a_car_that_stands_for_longer_than_pictures_are_kept_here_has_its_last_word(
    tmp_path: Path,
) -> None:
    gallery, server = Gallery(bytes_max=1), Server()
    image = np.random.default_rng(1).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    passage = a_car()
    gallery.keep("gate", passage.looks[0].frame, image, [Box(0.2, 0.2, 0.9, 0.9)])
    places, identity = lot.enrolled(tmp_path / "edge", lot.tls().root)
    with closing(Delivery(lot.asked(places), identity)) as delivery:
        one = house(delivery, gallery)
        (first,) = one.step(at(9), [passage])
        assert first.pictures
        server.take_all(delivery._outbox)
        delivery._outbox.expire(lot.NOON + 8 * DAY_US)
        gallery.keep("elsewhere", 1, image, [])
        (last,) = one.step(at(60))
    assert (last.final, last.pictures) == (True, {})


def test_blind_time_is_recorded_when_it_has_ended() -> None:
    shelf = Shelf()
    one = house(shelf)
    one.step(at(5), began=[Blindness(Blind("gate", at(0), None), "frozen")])
    assert shelf.blind == []
    one.step(at(50), ended=[Blindness(Blind("gate", at(0), at(40)), "frozen")])
    assert [(b.camera, b.reason, b.last - b.first) for b in shelf.blind] == [
        ("gate", "frozen", 40_000_000)
    ]


def test_a_statement_of_the_server_is_told_once_also_over_a_restart() -> None:
    shelf = Shelf()
    one = house(shelf)
    settle(one, [a_car()], at(60))
    event = shelf.events[0].id
    one.step(at(70), settled=[(event, "out")])
    kept = one.state()
    assert kept is not None
    assert kept.settled == ((event, "out"),)
    again = house(shelf)
    again.seal(at(80))
    again.step(at(81), settled=[(event, "out")])
    again.unseal(at(82), kept)
    again.step(at(83), settled=[(event, "out")])
    state = again.state()
    assert state is not None
    assert state.settled == kept.settled


def test_nothing_is_written_while_the_state_is_sealed() -> None:
    one = house(Shelf())
    one.seal(at(0))
    one.step(at(9), [a_car()])
    assert one.state() is None
    one.unseal(at(10), Kept())
    assert one.state() is not None
