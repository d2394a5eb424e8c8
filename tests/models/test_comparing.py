from collections.abc import Sequence

import pytest

from edge.values import Box, Detection, Image
from lot.errors import WrongUsage
from models.comparing import compared

CAR = Detection(Box(0.1, 0.1, 0.5, 0.5), "car", 0.9)
PLATE = Detection(Box(0.2, 0.4, 0.3, 0.45), "plate", 0.6)


class Finding:
    """Finds the same in every picture."""

    def __init__(self, *found: Detection) -> None:
        self._found = list(found)

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        return [self._found for _ in images]


def test_a_finding_less_and_one_more_are_told() -> None:
    there = Detection(Box(0.6, 0.1, 0.9, 0.5), "car", 0.5)
    agreement = compared(Finding(CAR, there), Finding(CAR, PLATE), pictures=3, seed=1)
    assert (agreement.found, agreement.both, agreement.alone) == (6, 3, 3)
    assert not agreement.agrees


def test_a_box_of_another_kind_is_not_the_same_finding() -> None:
    bus = Detection(CAR.box, "bus", 0.9)
    assert compared(Finding(bus), Finding(CAR), pictures=1, seed=1).both == 0


def test_boxes_that_hardly_overlap_do_not_agree() -> None:
    beside = Detection(Box(0.15, 0.1, 0.55, 0.5), "car", 0.9)
    agreement = compared(Finding(beside), Finding(CAR), pictures=1, seed=1)
    assert agreement.both == 1
    assert not agreement.agrees


def test_nothing_found_by_either_agrees() -> None:
    assert compared(Finding(), Finding(), pictures=1, seed=1).agrees


def test_nothing_to_look_at_is_wrong_usage() -> None:
    with pytest.raises(WrongUsage, match="ask for a picture"):
        compared(Finding(), Finding(), pictures=0, seed=1)
