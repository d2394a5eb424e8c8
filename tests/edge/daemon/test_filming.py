"""Clips are coded beside the gate's loop, and no event is lost or said twice for want of one."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event as Flag

import pytest

from contract.event import Event
from edge.daemon.clips import Kept
from edge.daemon.filming import WAITING_MAX, Filming
from edge.daemon.gallery import Gallery
from edge.daemon.gatehouse import Gatehouse, Showing
from edge.values import Passage
from tests.edge.daemon.test_gatehouse import Shelf, a_car, house, settle
from tests.edge.gate.street import at, car

WAITS_S = 60.0
FILM = b"a film"


class AtHand:
    """Knows a picture of every event."""

    def of(self, camera: str, event: Event) -> list[Kept]:
        return [Kept(camera, at(event.revision), event.id.encode())]


class Held:
    """Codes a clip once it is let."""

    def __init__(self) -> None:
        self.begun = queue.SimpleQueue[bytes]()
        self.let = Flag()

    def __call__(self, kept: Sequence[Kept]) -> bytes:
        self.begun.put(kept[0].small)
        assert self.let.wait(WAITS_S)
        return FILM


def failing(_: Sequence[Kept]) -> bytes:
    raise ValueError("no such picture")


@contextmanager
def filming(
    film: Callable[[Sequence[Kept]], bytes | None], patience_s: float = WAITS_S
) -> Iterator[Filming]:
    one = Filming(AtHand(), film, patience_s)
    one.start()
    try:
        yield one
    finally:
        one.close()


@pytest.fixture
def held() -> Iterator[Held]:
    one = Held()
    yield one
    one.let.set()


def a_house(shelf: Shelf, clips: Filming) -> Gatehouse:
    plain = house(shelf)
    return Gatehouse(
        {}, plain._gate._settings, plain._bearing, shelf, Showing(Gallery(), clips), lambda _: None
    )


def cars(count: int) -> list[Passage]:
    plates = [f"8ABC{n}23" for n in range(count)]
    return [car(plate).until(8).named(f"1-1-0000{n}").passage() for n, plate in enumerate(plates)]


def test_the_last_revision_brings_the_clip_and_no_earlier_one() -> None:
    shelf = Shelf()
    with filming(lambda _: FILM) as clips:
        one = a_house(shelf, clips)
        settle(one, [a_car()], at(60))
        (last,) = one.finish()
    assert last.final
    assert [event.final for event in shelf.events] == [False] * (len(shelf.events) - 1) + [True]
    assert ["clip" in event.pictures for event in shelf.events] == [e.final for e in shelf.events]
    assert shelf.pictures[-1] == {"clip": FILM}
    assert clips.left_out == 0


def test_the_gate_goes_on_while_a_clip_is_coded(held: Held) -> None:
    shelf = Shelf()
    with filming(held) as clips:
        one = a_house(shelf, clips)
        settle(one, [a_car()], at(60))
        assert held.begun.get(timeout=WAITS_S)
        before = len(shelf.events)
        assert one.filmed() == []
        one.step(at(70), [car("7XYZ987").until(68).named("1-1-00009").passage()])
        assert len(shelf.events) > before, "another car is told meanwhile"
        held.let.set()
        (last,) = one.finish()
    assert (last.final, "clip" in last.pictures) == (True, True)


def test_what_does_not_fit_is_told_at_once_without_a_clip_and_counted(held: Held) -> None:
    shelf, count = Shelf(), WAITING_MAX + 3
    with filming(held) as clips:
        one = a_house(shelf, clips)
        settle(one, cars(1), at(60))
        assert held.begun.get(timeout=WAITS_S), "one is being coded, and none waits"
        more = [
            car(f"7XYZ{n}87").until(68).named(f"1-1-0001{n}").passage() for n in range(count - 1)
        ]
        one.step(at(69), more)
        told = [event for event in one.step(at(120)) if event.final]
        assert len(told) == clips.left_out == count - 1 - WAITING_MAX
        assert not any("clip" in event.pictures for event in told)
        held.let.set()
        assert sum("clip" in event.pictures for event in one.finish()) == WAITING_MAX + 1
    assert len({event.id for event in shelf.events if event.final}) == count


def test_a_power_cut_while_a_clip_is_coded_costs_the_clip_and_not_the_last_word(
    held: Held,
) -> None:
    shelf = Shelf()
    with filming(held) as clips:
        first = a_house(shelf, clips)
        first.step(at(9), [a_car()])
        kept = first.state()
        assert kept is not None
        first.step(at(60))
        assert held.begun.get(timeout=WAITS_S)
        assert first.state() is None, "else the gate would never say it again"
    assert not any(event.final for event in shelf.events)
    again = house(shelf)
    again.seal(at(61))
    again.unseal(at(62), kept)
    again.step(at(63))
    assert [event.final for event in shelf.events].count(True) == 1
    assert shelf.events[-1].final
    assert again.state() is not None


def test_the_state_is_kept_again_once_the_clip_is_there() -> None:
    with filming(lambda _: FILM) as clips:
        one = a_house(Shelf(), clips)
        settle(one, [a_car()], at(60))
        one.finish()
        assert one.state() is not None


def test_a_clip_that_takes_too_long_or_fails_is_not_waited_for(held: Held) -> None:
    for film, patience_s in ((held, 0.0), (lambda _: None, WAITS_S), (failing, WAITS_S)):
        shelf = Shelf()
        with filming(film, patience_s) as clips:
            one = a_house(shelf, clips)
            settle(one, [a_car()], at(60))
            (last,) = one.finish()
        assert (last.final, "clip" in last.pictures) == (True, False)
        assert clips.left_out == 1


def test_what_is_said_after_the_last_word_comes_after_it(held: Held) -> None:
    shelf = Shelf()
    with filming(held) as clips:
        one = a_house(shelf, clips)
        settle(one, [a_car()], at(60))
        assert held.begun.get(timeout=WAITS_S)
        repeated = one._filmed[shelf.events[0].id][0]
        one._gate = house(Shelf())._gate  # as after a crash, it says all of it again
        settle(one, [a_car()], at(60))
        held.let.set()
        one.finish()
    revisions = [event.revision for event in shelf.events]
    assert revisions == sorted(set(revisions))
    assert revisions[-1] == repeated.revision
