"""One photo in, its plates out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

import numpy as np
import pytest

from contract.plates import formats
from edge.photos import looks_at, photo_of
from edge.values import Box, Detection, Frame, Image, Reading
from edge.voting import vote
from tests.edge.toys import ToyCar, ToyDetector, ToyReader, picture, toy_eyes

EYES = toy_eyes(None)  # type: ignore[arg-type]  # the toys look at no setting
NOON = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)


def frame(image: Image) -> Frame:
    return Frame("desk", 0, NOON, image)


def test_every_plate_is_read_with_its_box_and_its_vehicle() -> None:
    photo = photo_of(frame(picture([ToyCar(2, 0.0)], 2.0)), EYES)
    (plate,) = photo.plates
    assert plate.voted is not None
    assert plate.voted.plate == "KLM4421"
    assert plate.vehicle in photo.vehicles
    assert {look.at for look in plate.looks} == {NOON}
    assert plate.box.overlap(plate.vehicle.box) == pytest.approx(plate.box.area)


def test_a_picture_without_a_plate_has_none() -> None:
    photo = photo_of(frame(picture([], 0.0)), EYES)
    assert photo.plates == ()
    assert photo.vehicles == ()


class Written:
    """Detects and reads what a test wrote down."""

    margin = 0.0

    def __init__(self, *plates: tuple[Box, str, float]) -> None:
        self._plates = plates

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        return [[Detection(box, "plate", 0.9) for box, _, _ in self._plates] for _ in images]

    def read(self, crops: Sequence[Image]) -> list[Reading]:
        return [
            Reading(text, (sure,) * len(text), ((),) * len(text), "written")
            for _, text, sure in self._plates
            for _ in range(len(crops) // len(self._plates))
        ]


def near(text: str, sure: float) -> tuple[Box, str, float]:
    return Box(0.4, 0.6, 0.6, 0.7), text, sure


def far(text: str, sure: float) -> tuple[Box, str, float]:
    return Box(0.1, 0.2, 0.15, 0.22), text, sure


@pytest.mark.parametrize(
    ("plates", "first"),
    [
        ((far("FAR1", 0.99), near("NEAR1", 0.95)), "NEAR1"),
        ((far("FAR1", 0.99), near("NEAR1", 0.2)), "FAR1"),
        ((near("", 0.0), far("FAR1", 0.9)), "FAR1"),
    ],
)
def test_the_plate_that_the_photo_was_taken_for_stands_first(
    plates: tuple[tuple[Box, str, float], ...], first: str
) -> None:
    written = Written(*plates)
    eyes = type(EYES)(written, written, {})
    found = photo_of(frame(np.zeros((200, 300, 3), np.uint8)), eyes).plates
    assert len(found) == len(plates)
    assert found[0].voted is not None
    assert found[0].voted.plate == first


def test_formats_speak_as_at_the_gate() -> None:
    class Doubting(Written):
        def read(self, crops: Sequence[Image]) -> list[Reading]:
            runners = ((), (), (), (("0", 0.4),), (), (), ())
            sure = (0.99,) * 3 + (0.5,) + (0.99,) * 3
            return [Reading("BCDO234", sure, runners, "written") for _ in crops]

    written = Doubting(near("BCDO234", 0.9))
    eyes = type(EYES)(written, written, {})
    (plate,) = photo_of(frame(np.zeros((200, 300, 3), np.uint8)), eyes, formats(["us-tx"])).plates
    assert plate.voted is not None
    assert plate.voted.plate == "BCD0234"
    # The gate knows no formats, and the event that a photo becomes says what its answer said.
    to_the_gate = vote(plate.looks)
    assert to_the_gate is not None
    assert to_the_gate.plate == "BCD0234"
    assert to_the_gate.confidence == pytest.approx(plate.voted.confidence, abs=0.02)


def test_given_boxes_are_read_as_they_stand_in_their_order() -> None:
    image = picture([ToyCar(1, 0.0)], 2.0)
    ((_, plate),) = ToyDetector().detect([image])
    looks = looks_at(frame(image), [plate.box, plate.box], ToyReader())
    assert [{look.reading.text for look in its} for its in looks] == [{"XYZ9876"}, {"XYZ9876"}]
    assert looks_at(frame(image), [], ToyReader()) == []


def test_a_crop_that_is_misread_is_outvoted_by_the_plate_cut_otherwise() -> None:
    class Erring(Written):
        def read(self, crops: Sequence[Image]) -> list[Reading]:
            texts = ["BCD1284", *("BCD1234" for _ in crops[1:])]
            return [Reading(text, (0.8,) * 7, ((),) * 7, "written") for text in texts]

    written = Erring(near("", 0.0))
    eyes = type(EYES)(written, written, {})
    (plate,) = photo_of(frame(np.zeros((200, 300, 3), np.uint8)), eyes).plates
    assert plate.voted is not None
    assert plate.voted.plate == "BCD1234"
