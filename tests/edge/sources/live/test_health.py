"""When a camera counts as blind, to the moment."""

from __future__ import annotations

import pytest

from edge.sources.live.health import BLACK_S, FROZEN_S, RESIZED_S, SILENT_S, Glance, Health


def glance(
    at_s: float, look: int = 0, *, mean: float = 90, size: tuple[int, int] = (320, 240)
) -> Glance:
    return Glance(at_s, look.to_bytes(8, "big"), mean, 30 if mean > 20 else 1, size)


def seen(*glances: Glance) -> Health:
    health = Health()
    for one in glances:
        health = health.after(one)
    return health


def test_a_camera_that_never_showed_anything_is_blind() -> None:
    assert Health().blindness(0.0) == "no_frames"


def test_it_sees_until_no_picture_came_for_three_seconds() -> None:
    health = seen(glance(10, 1), glance(11, 2))
    assert health.blindness(11 + SILENT_S - 0.001) is None
    assert health.blindness(11 + SILENT_S) == "no_frames"
    assert health.good_s == 11


def test_a_frozen_picture_was_last_good_when_it_first_came() -> None:
    health = seen(glance(10, 1), *(glance(11 + at, 7) for at in range(int(FROZEN_S) + 1)))
    assert health.blindness(11 + FROZEN_S) == "frozen"
    assert health.good_s == 11
    assert seen(glance(10, 1), glance(11, 7), glance(12, 7)).blindness(12) is None


def test_black_is_blind_after_a_while_and_the_last_light_was_good() -> None:
    dark = [glance(11 + at, at, mean=2) for at in range(int(BLACK_S) + 1)]
    health = seen(glance(10, 99), *dark)
    assert health.blindness(11 + BLACK_S) == "black"
    assert health.good_s == 10
    lit = health.after(glance(11 + BLACK_S + 1, 77))
    assert lit.blindness(11 + BLACK_S + 1) is None
    assert lit.good_s == 11 + BLACK_S + 1


def test_another_size_is_a_fault_at_first_and_then_how_it_is_set() -> None:
    health = seen(glance(10, 1), glance(11, 2, size=(640, 480)))
    assert health.blindness(11) == "resized"
    steady = seen(
        glance(10, 1), *(glance(11 + at, at, size=(640, 480)) for at in range(2 + int(RESIZED_S)))
    )
    assert steady.blindness(11 + RESIZED_S + 1) is None


@pytest.mark.parametrize("mean", [2.0, 90.0])
def test_a_picture_like_the_one_before_is_no_proof_that_it_sees(mean: float) -> None:
    assert seen(glance(10, 1), glance(11, 1, mean=mean)).good_s == 10
