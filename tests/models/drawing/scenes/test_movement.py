"""Drives: a car goes where it is told, stands still where it should, never jumps."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from models.drawing.scenes.cast import WAY_IN, stop_metres, stopping, through
from models.drawing.scenes.movement import Drive, length

STRAIGHT = ((0.0, 0.0), (100.0, 0.0))
WAITS = st.floats(0.5, 60)
SPEEDS = st.floats(1.5, 9)


def test_a_drive_rests_before_its_first_knot_and_after_its_last() -> None:
    drive = Drive(STRAIGHT, ((1.0, 10.0), (3.0, 20.0)))
    assert drive.pose(-5.0).x == 10.0
    assert drive.pose(99.0).x == 20.0
    assert drive.pose(99.0).speed == 0.0


@given(wait=WAITS, speed=SPEEDS)
def test_a_car_stands_at_its_stop_for_as_long_as_it_should(wait: float, speed: float) -> None:
    drive = stopping(STRAIGHT, 0.0, speed, ((40.0, wait),))
    reached, left = drive.knots[1][0], drive.knots[2][0]
    assert math.isclose(left - reached, wait)
    for share in (0.01, 0.5, 0.99):
        pose = drive.pose(reached + wait * share)
        assert (pose.x, pose.speed) == (40.0, 0.0)
        assert pose.braking


@given(wait=WAITS, speed=SPEEDS, at=st.floats(0, 100))
def test_a_car_going_forward_never_backs_up_or_overshoots_its_stop(
    wait: float, speed: float, at: float
) -> None:
    drive = stopping(STRAIGHT, 0.0, speed, ((40.0, wait),))
    here, soon = drive.pose(at), drive.pose(at + 0.05)
    assert soon.x >= here.x - 1e-9
    assert here.speed >= -1e-9
    assert at > drive.knots[1][0] or here.x <= 40.0 + 1e-9


@given(at=st.floats(0.01, 20))
def test_a_car_moves_as_far_as_its_speed_says(at: float) -> None:
    drive = stopping(STRAIGHT, 0.0, 4.0, ((40.0, 2.0),))
    before, after = drive.pose(at), drive.pose(at + 1e-4)
    assert math.isclose((after.x - before.x) / 1e-4, before.speed, abs_tol=0.05)


def test_falling_metres_are_backing_up_with_the_nose_kept_ahead() -> None:
    drive = Drive(STRAIGHT, ((0.0, 0.0), (10.0, 30.0), (12.0, 30.0), (22.0, 0.0)))
    back = drive.pose(17.0)
    assert back.speed < 0
    assert back.heading == drive.pose(5.0).heading


def test_the_nose_stands_where_it_was_told() -> None:
    metres = stop_metres(WAY_IN, 8.7, "sedan")
    pose = Drive(WAY_IN, ((0.0, metres), (1.0, metres))).pose(0.5)
    assert math.isclose(pose.y - 2.37, 8.7, abs_tol=0.02)
    assert math.isclose(pose.heading, -math.pi / 2, abs_tol=0.05)


@given(at=st.floats(-2, 30))
def test_a_car_turns_into_the_drive_without_a_jerk(at: float) -> None:
    drive = through(WAY_IN, 0.0, 3.4)
    one, other = drive.pose(at), drive.pose(at + 0.02)
    turned = abs((other.heading - one.heading + math.pi) % (2 * math.pi) - math.pi)
    assert turned < 0.15
    assert math.hypot(other.x - one.x, other.y - one.y) < 0.2


def test_a_rounded_way_is_shorter_than_its_corners() -> None:
    assert length(((0, 0), (10, 0), (10, 10))) < 20
