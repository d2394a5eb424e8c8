"""The stations joined, with toy eyes: what a passage says of its end."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from contract.plates import formats
from edge.cameras import Camera
from edge.eyes import Eyes
from edge.road import Pace, Road
from edge.values import Frame, Passage
from tests.edge.toys import ToyCar, ToyDetector, ToyReader, picture

_EYES = Eyes(ToyDetector(), ToyReader(), {})
BEGIN = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
COMES_S, GONE_S = 3.0, 5.6  # at half a width a second it is out of the picture then


def passed(every: int) -> Passage:
    """Let a car drive through a picture of which but every so manieth is taken."""
    noise = np.random.default_rng(1)
    road = Road(Camera("gate"), _EYES, formats(["us"]), Pace(), prefix="a")
    car = ToyCar(1, COMES_S, speed=0.5)
    for index in range(100):
        at = index / 10
        if COMES_S < at < GONE_S and index % every:
            continue
        grain = noise.normal(0, 2, (192, 320, 3))
        image = np.clip(picture([car], at) + grain, 0, 255).astype(np.uint8)
        told = road.step(Frame("gate", index, BEGIN + timedelta(seconds=at), image)).told
        if told.ended:
            (passage,) = told.ended
            return passage
    raise AssertionError("it never ended")


@pytest.mark.parametrize("every", range(1, 7))
def test_a_car_that_leaves_the_picture_was_last_seen_there_and_left_by_its_border(
    every: int,
) -> None:
    passage = passed(every)
    assert passage.left_by == "right"
    assert passage.last_seen < BEGIN + timedelta(seconds=GONE_S)
