"""Frames in memory: the oldest go first, and an event without its frame is an event."""

from __future__ import annotations

import numpy as np

from edge.daemon.gallery import Gallery
from edge.gate import Gate
from edge.gate.values import Verdict
from edge.values import Image
from tests.edge.gate.street import TOLD_AT_ONCE, car, name_of
from tests.edge.gate.street import at as at_


def image(seed: int) -> Image:
    return np.random.default_rng(seed).integers(0, 255, (120, 160, 3), dtype=np.uint8)


def verdict() -> Verdict:
    gate = Gate({}, TOLD_AT_ONCE, name_of)
    gate.step(at_(9), [car("8ABC123").until(8).passage()])
    return gate.end()[0]


def test_the_oldest_frames_make_room() -> None:
    one = verdict()
    assert one.frame is not None
    gallery = Gallery(bytes_max=60_000)
    gallery.keep("gate", one.frame, image(0), [])
    assert set(gallery.pictures(one).coded) == {"frame", "plate"}
    for number in range(1000, 1020):
        gallery.keep("gate", number, image(number), [])
    assert gallery.pictures(one).coded == {}


def test_frames_of_another_camera_are_not_its_own() -> None:
    one = verdict()
    assert one.frame is not None
    gallery = Gallery()
    gallery.keep("elsewhere", one.frame, image(0), [])
    assert gallery.pictures(one).coded == {}
