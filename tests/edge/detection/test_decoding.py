from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from edge.detection.decoding import Thresholds, detections
from edge.detection.letterbox import fitted
from edge.values import KINDS, Box, Detection

FIT = fitted(640, 640, 640)
THRESHOLDS = Thresholds(
    vehicle=0.35,
    plate=0.25,
    vehicle_overlap=0.65,
    plate_overlap=0.45,
    plate_width_min=12,
    plate_aspect_min=0.6,
    plate_aspect_max=9,
)
CAR, BUS, PLATE = KINDS.index("car"), KINDS.index("bus"), KINDS.index("plate")

Candidate = tuple[int, float, tuple[float, float, float, float]]  # class, score, x y w h


def answer(*candidates: Candidate) -> NDArray[np.float32]:
    rows = np.zeros((4 + len(KINDS), len(candidates)), np.float32)
    for at, (kind, score, box) in enumerate(candidates):
        rows[:4, at] = box
        rows[4 + kind, at] = score
    return rows


def seen(*candidates: Candidate, source_width: int = 640) -> list[Detection]:
    return detections(answer(*candidates), FIT, source_width, KINDS, THRESHOLDS)


def test_a_candidate_becomes_a_box_in_fractions() -> None:
    (one,) = seen((CAR, 0.9, (320, 160, 64, 32)))
    assert one.kind == "car"
    assert one.score == pytest.approx(0.9)
    box = one.box
    assert (box.left, box.top, box.right, box.bottom) == (0.45, 0.225, 0.55, 0.275)


def test_a_box_that_reaches_out_ends_at_the_border() -> None:
    (one,) = seen((CAR, 0.9, (0, 0, 100, 100)))
    assert (one.box.left, one.box.top) == (0, 0)


def test_a_box_wholly_in_the_grey_is_nothing() -> None:
    fit = fitted(360, 640, 640)  # the picture begins 12 rows down
    rows = answer((CAR, 0.9, (100, 5, 40, 8)))
    assert detections(rows, fit, 640, KINDS, THRESHOLDS) == []


def test_a_plate_is_believed_sooner_than_a_vehicle() -> None:
    found = seen((PLATE, 0.3, (100, 100, 40, 12)), (CAR, 0.3, (400, 400, 100, 90)))
    assert [one.kind for one in found] == ["plate"]


def test_the_same_vehicle_seen_twice_is_one_also_under_two_names() -> None:
    found = seen(
        (CAR, 0.8, (300, 300, 200, 150)),
        (CAR, 0.7, (305, 300, 200, 150)),
        (BUS, 0.9, (300, 302, 200, 150)),
    )
    assert [(one.kind, round(one.score, 3)) for one in found] == [("bus", 0.9)]


def test_two_cars_of_a_queue_that_hide_half_of_one_another_are_two() -> None:
    assert len(seen((CAR, 0.8, (300, 300, 200, 150)), (CAR, 0.7, (360, 310, 200, 150)))) == 2


def test_a_plate_is_not_suppressed_by_the_vehicle_that_bears_it() -> None:
    assert len(seen((CAR, 0.9, (300, 300, 60, 30)), (PLATE, 0.5, (300, 300, 60, 28)))) == 2


def test_what_a_suppressed_box_hides_is_not_suppressed() -> None:
    # The middle one falls to the first; the last overlaps with the middle one alone.
    found = seen(
        (CAR, 0.9, (300, 300, 100, 100)),
        (CAR, 0.8, (318, 300, 100, 100)),
        (CAR, 0.7, (336, 300, 100, 100)),
    )
    assert [round(one.score, 1) for one in found] == [0.9, 0.7]


@pytest.mark.parametrize(
    ("width", "height", "source_width", "plausible"),
    [
        (30, 15, 640, True),
        (11.5, 5, 640, False),  # too narrow for any engine
        (11.5, 5, 1920, True),  # three times as wide in the source
        (90, 9, 640, False),  # a kerb
        (80, 9, 640, True),
        (20, 34, 640, False),
        (21, 34, 640, True),  # a motorcycle's, from the side
    ],
)
def test_a_plate_is_plausible_in_size(
    width: float, height: float, source_width: int, *, plausible: bool
) -> None:
    found = seen((PLATE, 0.9, (300, 300, width, height)), source_width=source_width)
    assert bool(found) is plausible


def test_no_candidates_are_no_detections() -> None:
    assert seen() == []


def test_a_network_gone_wrong_makes_no_boxes() -> None:
    nan = float("nan")
    assert seen((CAR, 0.9, (nan, 10, 10, 10)), (CAR, nan, (10, 10, 10, 10))) == []


def test_only_the_best_candidates_are_looked_at() -> None:
    few = replace(THRESHOLDS, candidates_max=2)
    rows = answer(*((CAR, 0.4 + at / 100, (50 + 60 * at, 300, 40, 40)) for at in range(8)))
    scores = [round(one.score, 2) for one in detections(rows, FIT, 640, KINDS, few)]
    assert scores == [0.47, 0.46]


@given(
    arrays(np.float32, (9, 30), elements=st.floats(0, 1, width=32)),
    st.integers(1, 3000),
    st.integers(1, 3000),
)
def test_what_is_left_is_sound_sorted_and_apart(
    rows: NDArray[np.float32], height: int, width: int
) -> None:
    rows[:4] *= 640
    fit = fitted(height, width, 640)
    found = detections(rows, fit, width, KINDS, THRESHOLDS)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for at, one in enumerate(found):
        assert one.score + 1e-6 >= (0.25 if one.kind == "plate" else 0.35)
        assert 0 <= one.box.left < one.box.right <= 1
        assert 0 <= one.box.top < one.box.bottom <= 1
        for other in found[:at]:
            inside = all(0 < edge < 1 for box in (one.box, other.box) for edge in _edges(box))
            if inside and (one.kind == "plate") == (other.kind == "plate"):
                limit = 0.45 if one.kind == "plate" else 0.65
                assert one.box.iou(other.box) <= limit + 1e-3


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom
