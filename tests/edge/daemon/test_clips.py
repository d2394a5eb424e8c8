"""A clip of what was in view around an event's best moment, and nothing where nothing is left."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timezone
from functools import cache

import av
import numpy as np

from contract.event import Event
from contract.plates import formats
from edge.daemon.clips import AROUND, CLIP_BYTES_MAX, Clips, clip_of
from edge.daemon.lookout import Lookout, News
from edge.outputs.overlaying import Overlaying
from edge.values import Frame, Image
from lot.times import microseconds
from tests.edge.daemon.test_gatehouse import Shelf, a_car, house, settle
from tests.edge.gate.street import at


class Looking(Lookout):
    """A lookout that has a car in view, or none."""

    def __init__(self, *, busy: bool) -> None:
        self.busy = busy

    @property
    def name(self) -> str:
        return "gate"


@cache
def noise(seed: int, width: int = 1280, height: int = 721) -> Image:
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)


def clips(bytes_max: int = 1 << 30) -> Clips:
    zone = timezone.utc
    return Clips({"gate": Overlaying(formats(("us-tx",)), zone)}, zone, bytes_max)


def seen(one: Clips, seconds: int, *, busy: bool = True) -> None:
    for number in range(seconds * 10):
        frame = Frame("gate", number, at(number / 10), noise(number % 8))
        one.turn([Looking(busy=busy)], [News(frame=frame)])


def an_event() -> Event:
    shelf = Shelf()
    settle(house(shelf), [a_car()], at(60))
    return shelf.events[-1]


def test_a_clip_shows_the_seconds_around_the_best_moment() -> None:
    one, event = clips(), replace(an_event(), best_at=microseconds(at(5)))
    seen(one, 20)
    film = clip_of(one.of("gate", event))
    assert film is not None
    assert len(film) <= CLIP_BYTES_MAX, "of noise, which nothing makes small"
    with av.open(io.BytesIO(film), "r") as container:
        pictures = list(container.decode(video=0))
    assert pictures[-1].time is not None
    assert 5.5 < pictures[-1].time <= 2 * AROUND.total_seconds()
    assert 25 <= len(pictures) <= 31
    assert pictures[0].width == 640


def test_there_is_none_of_an_empty_gate_nor_of_another_camera_nor_of_what_has_gone() -> None:
    event = an_event()
    empty, elsewhere, small = clips(), clips(), clips(bytes_max=300_000)
    seen(empty, 12, busy=False)
    seen(elsewhere, 12)
    seen(small, 20)
    assert empty.of("gate", event) == []
    assert elsewhere.of("south", event) == []
    assert small.of("gate", event) == []
