"""A few crops of a plate are read, early and then only better ones; none is passed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.choosing import (
    AGAIN_SECONDS,
    READS_LEAST,
    READS_MOST,
    Choosing,
    Offer,
    Reads,
    quality,
    worth_reading,
)
from edge.reading.crops import Condition
from edge.values import Box, Look, Reading
from tests.edge.traffic import at

INSIDE = Box(0.4, 0.5, 0.5, 0.53)
GOOD = Condition(120.0, 0.8, 120.0)


def look(seconds: float, text: str = "ABC1234", sure: float = 0.97) -> Look:
    reading = Reading(text, (sure,) * len(text), ((),) * len(text), "crnn")
    return Look(reading, at(seconds), round(seconds * 10), INSIDE, 120.0, 1.0)


def times_read(
    qualities: Sequence[float], *, text: str = "ABC1234", sure: float = 0.97, rate: float = 10.0
) -> list[float]:
    """Return when one plate was read whose crops had these qualities, picture by picture."""
    choosing, read = Choosing(), []
    for i, worth in enumerate(qualities):
        seconds, offer = i / rate, Offer(1, worth)
        if choosing.chosen(at(seconds), [offer]):
            read.append(seconds)
            choosing.learn(offer, look(seconds, text, sure))
    return read


@pytest.mark.parametrize(
    "worse",
    [
        replace(GOOD, width=60.0),
        replace(GOOD, sharpness=0.1),
        replace(GOOD, brightness=10.0),
        replace(GOOD, brightness=250.0),
    ],
)
def test_a_wider_sharper_better_lit_crop_is_better(worse: Condition) -> None:
    assert 0 < quality(worse, INSIDE) < quality(GOOD, INSIDE) <= 1


def test_a_crop_cut_by_the_border_is_worse_and_one_of_no_pixels_worth_nothing() -> None:
    assert quality(GOOD, Box(0.0, 0.5, 0.1, 0.53)) < quality(GOOD, INSIDE)
    assert quality(replace(GOOD, width=10.0), INSIDE) == 0


def test_the_first_crop_is_read_at_once() -> None:
    assert worth_reading(Reads(), 0.05, at(0))
    assert times_read([0.05])[0] == 0.0


def test_a_sure_plate_is_not_read_again_unless_its_crop_is_much_better() -> None:
    assert len(times_read([0.5] * 100)) <= READS_LEAST
    approaching = times_read([0.5] * 20 + [0.9] * 20)
    assert 2.0 in approaching
    assert len(approaching) <= READS_LEAST + 1


def test_a_plate_that_cannot_be_made_sure_is_read_a_small_number_of_times() -> None:
    assert READS_LEAST < len(times_read([0.5] * 190, text="", rate=10)) <= READS_MOST


def test_a_standing_car_is_read_again_rarely() -> None:
    hour = times_read([0.5] * 3600, rate=1.0)
    assert 3600 / AGAIN_SECONDS <= len(hour) <= 3600 / AGAIN_SECONDS + READS_LEAST


def test_a_plate_that_was_hopeless_far_away_is_read_when_it_comes_near() -> None:
    far, near = [0.1] * 150, [0.1 * 1.02**i for i in range(115)]
    read = times_read(far + near, text="")
    assert len([seconds for seconds in read if seconds < 15]) == READS_MOST
    assert len([seconds for seconds in read if seconds >= 15]) >= 5


def test_a_large_crop_that_read_as_nothing_does_not_bar_smaller_ones() -> None:
    choosing = Choosing()
    choosing.learn(Offer(1, 0.9), look(0.0, text=""))
    assert choosing.chosen(at(0.1), [Offer(1, 0.2)]) == [1]
    choosing.learn(Offer(1, 0.9), look(0.1))
    assert choosing.chosen(at(0.2), [Offer(1, 0.2)]) == []


def test_of_many_plates_those_that_were_never_read_come_first() -> None:
    choosing = Choosing(most_a_step=2)
    choosing.learn(Offer(1, 0.3), look(0.0, sure=0.6))
    offers = [Offer(1, 0.9), Offer(2, 0.2), Offer(3, 0.4)]
    assert choosing.chosen(at(0.1), offers) == [3, 2]


def test_a_track_that_ended_is_forgotten() -> None:
    choosing = Choosing()
    choosing.learn(Offer(1, 0.9), look(0.0))
    choosing.learn(Offer(1, 0.9), look(0.1))
    assert choosing.chosen(at(0.2), [Offer(1, 0.9)]) == []
    choosing.forget([1])
    assert choosing.chosen(at(0.2), [Offer(1, 0.9)]) == [1]


@settings(deadline=None)
@given(
    st.lists(st.floats(0.05, 1.0), min_size=1, max_size=60),
    st.integers(1, 12),
    st.floats(0.3, 0.99),
)
def test_no_plate_is_hidden_every_legible_track_is_read_as_often_as_it_can_be_sure(
    qualities: list[float], plates: int, sure: float
) -> None:
    choosing = Choosing()
    read = dict.fromkeys(range(plates), 0)
    for i, worth in enumerate(qualities):
        offers = [Offer(track, worth) for track in range(plates)]
        chosen = choosing.chosen(at(i / 10), offers)
        assert len(chosen) <= 4
        for track in chosen:
            read[track] += 1
            choosing.learn(offers[track], look(i / 10, sure=sure))
    pictures_each = min(len(qualities), 4 * len(qualities) // plates)
    assert all(count >= min(1, pictures_each) for count in read.values())
    steady = min(qualities) > 0.5 * max(qualities)
    if steady and sure < 0.9 and pictures_each >= READS_LEAST + 2:
        assert all(count >= READS_LEAST for count in read.values())
