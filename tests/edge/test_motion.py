"""Frames here are 480 x 270, an asphalt of slight texture with a sensor's noise."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from datetime import datetime, timedelta, timezone
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.motion import Motion, MotionGate, Polygon, Sensitivity
from edge.values import Box, Frame, Image

HEIGHT, WIDTH = 270, 480
BEGIN = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
SHADES = NDArray[np.float32]

few = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Scene:
    """A camera's picture, frame by frame, as the sensor gives it."""

    def __init__(self, noise: float = 2.0, fps: float = 10, seed: int = 0) -> None:
        self._random = np.random.default_rng(seed)
        coarse = self._random.normal(110, 12, (9, 16)).astype(np.float32)
        self.asphalt: SHADES = np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT)), np.float32)
        # Drawn once and laid elsewhere in every frame: drawing is ten times all else here.
        size = (HEIGHT + 64, WIDTH + 64)
        self._noise: SHADES = self._random.normal(0, noise, size).astype(np.float32)
        self._step = timedelta(seconds=1 / fps)
        self._index = 0

    def frame(self, shades: SHADES | None = None, wait: timedelta | None = None) -> Frame:
        self._index += 1
        time = BEGIN + self._index * self._step + (wait or timedelta(0))
        return Frame("gate", self._index, time, self.image(shades))

    def image(self, shades: SHADES | None) -> Image:
        clean = self.asphalt if shades is None else shades
        down, across = self._random.integers(0, 64, 2)
        seen = clean + self._noise[down : down + HEIGHT, across : across + WIDTH]
        grey = np.clip(seen, 0, 255).astype(np.uint8)
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)

    def with_car(self, left: float, contrast: float, width: int = 60, height: int = 30) -> SHADES:
        """Paint a car whose edges may lie between pixels."""
        shift = np.array([[1, 0, left], [0, 1, 120]], np.float32)
        car = cv2.warpAffine(np.ones((height, width), np.float32), shift, (WIDTH, HEIGHT))
        return np.asarray(self.asphalt + np.float32(contrast) * car, np.float32)


def watched(gate: MotionGate, scene: Scene, pictures: Sequence[SHADES | None]) -> list[Motion]:
    return [gate.motion(scene.frame(shades)) for shades in pictures]


def settled(scene: Scene, region_of_interest: Sequence[Polygon] = ()) -> MotionGate:
    """Give a gate that has watched an empty scene for three seconds."""
    gate = MotionGate(region_of_interest=region_of_interest)
    watched(gate, scene, [None] * 30)
    return gate


def test_the_first_frame_is_looked_at() -> None:
    seen = MotionGate().motion(Scene().frame())
    assert (seen.look, seen.anew, seen.moves, seen.region) == (True, True, False, None)


@few
@given(st.floats(0, 7), st.integers(0, 99))
@example(7.0, 0)
def test_noise_alone_moves_nothing(noise: float, seed: int) -> None:
    scene = Scene(noise, seed=seed)
    seen = watched(MotionGate(), scene, [None] * 100)
    assert sum(one.moves for one in seen) <= 1


@few
@given(st.floats(1, 300), st.floats(32, 110), st.booleans(), st.sampled_from([5, 10, 25]))
@example(1.0, 32.0, True, 25)
def test_a_car_at_any_speed_is_seen_before_it_has_moved_its_own_length(
    speed: float, contrast: float, darker: bool, fps: int
) -> None:
    """It comes from the left border, at 1 pixel a second and faster."""
    scene = Scene(fps=fps)
    gate = MotionGate()
    watched(gate, scene, [None] * 3 * fps)
    length, sign = 60, -1 if darker else 1
    frames_max = int(length / speed * fps) + 3  # and two that a drop of rain is told by
    for at in range(1, frames_max + 1):
        shades = scene.with_car(at * speed / fps - length, sign * contrast, length)
        if gate.motion(scene.frame(shades)).moves:
            return
    pytest.fail("it was not seen")


@few
@given(st.lists(st.sampled_from([0.04, 0.1, 0.5, 1.9]), min_size=20, max_size=120), st.booleans())
def test_a_look_is_due_every_two_seconds_whatever_is_seen(steps: list[float], move: bool) -> None:
    scene = Scene()
    gate = MotionGate()
    looked = now = BEGIN
    gate.motion(Frame("gate", 0, now, scene.image(None)))
    for at, step in enumerate(steps):
        now += timedelta(seconds=step)
        shades = scene.with_car(10.0 * at, 60) if move else None
        if gate.motion(Frame("gate", at + 1, now, scene.image(shades))).look:
            looked = now
        assert now - looked < timedelta(seconds=2)


def test_nothing_moving_is_looked_at_once_in_two_seconds_only() -> None:
    seen = watched(MotionGate(), Scene(), [None] * 100)
    assert sum(one.look for one in seen) == 5


def looks_in_vain(gate: MotionGate, scene: Scene, pictures: Sequence[SHADES | None]) -> list[int]:
    """Give the pictures that were looked at, where the looks find nothing."""
    looked = []
    for at, shades in enumerate(pictures):
        if gate.motion(scene.frame(shades)).look:
            looked.append(at)
            gate.found([])
    return looked


@cache
def _calm() -> tuple[Scene, MotionGate]:
    scene, gate = Scene(noise=1.0, fps=5), MotionGate()
    looks_in_vain(gate, scene, [None] * 175)
    return scene, gate


def calm() -> tuple[Scene, MotionGate]:
    """Give a gate that has watched an empty scene until its pause was 16 seconds."""
    return deepcopy(_calm())


fewest = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_in_a_calm_the_pause_grows_to_half_a_minute() -> None:
    looked = looks_in_vain(MotionGate(), Scene(noise=1.0, fps=2), [None] * 300)
    pauses = [after - before for before, after in pairwise(looked)]
    assert pauses[0] == 4
    assert pauses == sorted(pauses)
    assert pauses[-1] == 60


@fewest
@given(st.floats(0, 300), st.floats(-110, 110))
@example(0.0, 1.0)
def test_half_a_minute_is_never_left_without_a_look(speed: float, contrast: float) -> None:
    scene, gate = calm()
    pictures = [scene.with_car(speed * at / 5 - 60, contrast) for at in range(160)]
    assert looks_in_vain(gate, scene, pictures)


@fewest
@given(st.floats(1, 300), st.floats(32, 110), st.booleans())
@example(1.0, 32.0, True)
def test_after_a_calm_a_car_at_any_speed_is_seen_before_it_has_moved_its_own_length(
    speed: float, contrast: float, darker: bool
) -> None:
    scene, gate = calm()
    length, sign = 60, -1 if darker else 1
    for at in range(1, int(length / speed * 5) + 4):
        shades = scene.with_car(at * speed / 5 - length, sign * contrast, length)
        if gate.motion(scene.frame(shades)).moves:
            return
    pytest.fail("it was not seen")


@fewest
@given(st.floats(0, 3), st.sampled_from([-5.5, 5.5, 8.0]))
def test_a_car_too_slow_or_too_faint_to_move_ends_the_calm(speed: float, contrast: float) -> None:
    scene, gate = calm()
    shades = [scene.with_car(200 + at * speed / 5, contrast) for at in range(20)]
    assert any(one.look for one in watched(gate, scene, shades))


@pytest.mark.parametrize("boxes", [[Box(0.41, 0.44, 0.55, 0.56)], []])
def test_while_a_vehicle_is_found_or_followed_it_is_looked_at_every_two_seconds(
    boxes: list[Box],
) -> None:
    scene, gate = calm()
    looked = []
    for at in range(150):
        if gate.motion(scene.frame(scene.with_car(200, 60))).look:
            looked.append(at)
            gate.found(boxes, followed=1)
    assert all(after - before <= 10 for before, after in pairwise([*looked, 150]))


def test_a_car_where_nobody_heeds_what_moves_is_looked_at_at_once() -> None:
    scene, gate = Scene(fps=5), MotionGate(Sensitivity(in_vain_max=timedelta(seconds=5)))
    blinking = [scene.with_car(300, 60 * (at // 3 % 2), 20, 12) for at in range(200)]
    looks_in_vain(gate, scene, blinking)
    seen = watched(gate, scene, [scene.with_car(295, -60, 30, 20)] * 11)
    assert any(one.look for one in seen)


def test_what_comes_and_goes_in_vain_leaves_a_calm() -> None:
    """A lamp too faint to move, on for three seconds and off for three."""
    scene, gate = Scene(noise=1.0, fps=5), MotionGate()
    lamp = [scene.with_car(200, 5.5 * (at // 15 % 2)) for at in range(500)]
    assert len([at for at in looks_in_vain(gate, scene, lamp) if at >= 250]) <= 4


def test_the_region_lies_around_what_moves_without_the_ground_it_left() -> None:
    scene = Scene()
    gate = settled(scene)
    seen = watched(gate, scene, [scene.with_car(100 + 4 * at, 60) for at in range(40)])
    box = seen[-1].region
    assert box is not None
    assert box.left == pytest.approx(256 / WIDTH, abs=0.02)
    assert box.right == pytest.approx(316 / WIDTH, abs=0.02)
    assert box.top == pytest.approx(120 / HEIGHT, abs=0.02)
    assert box.bottom == pytest.approx(150 / HEIGHT, abs=0.02)


def test_a_car_that_stops_stands_and_is_not_forgotten() -> None:
    scene = Scene()
    gate = settled(scene)
    watched(gate, scene, [scene.with_car(8.0 * at, 60) for at in range(20)])
    there = scene.with_car(152, 60)
    waiting = watched(gate, scene, [there] * 300)
    assert not any(one.moves for one in waiting[30:])
    assert all(one.standing for one in waiting)
    away = watched(gate, scene, [scene.with_car(152 + at, 60) for at in range(10)])
    assert any(one.moves for one in away)


def test_the_ground_that_a_car_leaves_behind_does_not_move() -> None:
    scene = Scene()
    gate = settled(scene)
    watched(gate, scene, [scene.with_car(20.0 * at, 60) for at in range(25)])
    after = watched(gate, scene, [None] * 30)
    assert not any(one.moves or one.standing for one in after)


def test_once_nothing_is_there_any_more_one_look_says_so_of_what_is_followed() -> None:
    """It was in the middle, and in the next picture it is gone, as where pictures are left out."""
    for followed in (0, 1):
        scene = Scene()
        gate = settled(scene)
        for left in range(0, 60, 6):
            gate.motion(scene.frame(scene.with_car(left, 40)))
        gate.found([], followed=followed)
        assert [one.look for one in watched(gate, scene, [None] * 8)].count(True) == followed


def test_what_stood_from_the_first_frame_and_leaves_is_ground_once_a_look_finds_nothing() -> None:
    scene = Scene()
    gate = MotionGate()
    watched(gate, scene, [scene.with_car(200, 60)] * 30)
    assert any(
        m.moves
        for m in watched(gate, scene, [scene.with_car(200 + 9.0 * at, 60) for at in range(32)])
    )
    empty = watched(gate, scene, [None] * 30)
    assert empty[-1].standing
    gate.found([])
    assert not any(one.standing or one.moves for one in watched(gate, scene, [None] * 5))


def test_what_a_look_found_goes_on_standing() -> None:
    scene = Scene()
    gate = settled(scene)
    there = [scene.with_car(200, 60)] * 40
    watched(gate, scene, there)
    gate.found([Box(200 / WIDTH, 120 / HEIGHT, 260 / WIDTH, 150 / HEIGHT)])
    assert all(one.standing for one in watched(gate, scene, there))


def test_a_car_that_no_look_finds_is_still_seen_when_it_creeps() -> None:
    scene = Scene()
    gate = settled(scene)
    moves = []
    for at in range(100):
        moves.append(gate.motion(scene.frame(scene.with_car(100 + at * 0.4, -60))).moves)
        gate.found([])
    assert all(moves[20:])


def wandering(scene: Scene, seconds: int) -> list[SHADES]:
    """Let a tree's shadow swing to and fro beside the drive, ten pictures a second."""
    return [
        scene.with_car(300 + 6 * np.sin(2 * np.pi * at / 27), -20) for at in range(10 * seconds)
    ]


def test_a_wandering_shadow_is_looked_at_for_seconds_only() -> None:
    scene = Scene()
    gate = settled(scene)
    looked = []
    for shades in wandering(scene, 30):
        looked.append(gate.motion(scene.frame(shades)).moves)
        if looked[-1]:
            gate.found([])
    assert any(looked[:30])
    assert sum(looked[50:]) <= 20  # of 250


def test_where_a_shadow_wandered_a_car_is_seen() -> None:
    scene = Scene()
    gate = settled(scene)
    for shades in wandering(scene, 10):
        gate.motion(scene.frame(shades))
        gate.found([])
    assert watched(gate, scene, [scene.with_car(300, 60)] * 3)[-1].moves


def test_what_always_moves_is_no_longer_heeded_where_looks_find_nothing() -> None:
    scene = Scene()
    gate = MotionGate(Sensitivity(in_vain_max=timedelta(seconds=10)))
    blinking = [scene.with_car(300, 90 * (at // 5 % 2), 20, 12) for at in range(400)]
    heeded = []
    for shades in blinking:
        heeded.append(gate.motion(scene.frame(shades)).moves)
        gate.found([])
    assert any(heeded[:100])
    assert not any(heeded[300:])
    passing = [scene.with_car(4.0 * at, 60) for at in range(10)]
    assert any(one.moves for one in watched(gate, scene, passing))


def test_a_vehicle_found_where_nothing_was_heeded_is_heeded_again() -> None:
    scene = Scene()
    gate = MotionGate(Sensitivity(in_vain_max=timedelta(seconds=1)))
    blinking = [scene.with_car(300, 90 * (at // 5 % 2)) for at in range(200)]
    for shades in blinking:
        gate.motion(scene.frame(shades))
        gate.found([])
    assert not any(one.moves for one in watched(gate, scene, blinking[:20]))
    gate.found([Box(300 / WIDTH, 120 / HEIGHT, 360 / WIDTH, 150 / HEIGHT)])
    assert any(one.moves for one in watched(gate, scene, blinking[:20]))


@pytest.mark.parametrize("factor", [0.5, 0.75, 1.3, 1.8])
def test_a_jump_of_the_exposure_is_looked_at_once_and_then_it_is_quiet(factor: float) -> None:
    scene = Scene()
    gate = settled(scene)
    seen = watched(gate, scene, [np.asarray(scene.asphalt * factor, np.float32)] * 40)
    assert seen[0].anew
    assert seen[0].look
    assert not any(one.moves or one.standing or one.anew for one in seen[1:])


def test_a_car_that_waits_goes_on_standing_in_another_light() -> None:
    scene = Scene()
    gate = settled(scene)
    there = scene.with_car(200, 60)
    watched(gate, scene, [there] * 30)
    seen = watched(gate, scene, [np.asarray(there * 0.7, np.float32)] * 20)
    assert all(one.standing for one in seen)


def test_a_car_is_seen_while_the_light_changes() -> None:
    scene = Scene()
    gate = settled(scene)
    seen = [
        gate.motion(
            scene.frame(np.asarray(scene.with_car(9.0 * at, 60) * (1 + at / 40), np.float32))
        )
        for at in range(40)
    ]
    assert all(one.look for one in seen[2:])


def test_another_picture_is_learned_anew() -> None:
    scene = Scene()
    gate = settled(scene)
    other = np.asarray(scene.asphalt[::-1, ::-1] + 60 * (np.arange(WIDTH) // 40 % 2), np.float32)
    seen = watched(gate, scene, [other] * 40)
    assert seen[0].anew
    assert not any(one.moves for one in seen[5:])


def test_a_slow_change_of_daylight_moves_nothing() -> None:
    scene = Scene()
    gate = settled(scene)
    dusk = [np.asarray(scene.asphalt * (1 - at / 2000), np.float32) for at in range(300)]
    assert not any(one.moves for one in watched(gate, scene, dusk))


def rain(scene: Scene, drops: int, frames: int) -> Iterator[SHADES]:
    random = np.random.default_rng(1)
    for _ in range(frames):
        shades = scene.asphalt.copy()
        for _ in range(drops):
            x, y = int(random.integers(WIDTH)), int(random.integers(HEIGHT))
            cv2.line(shades, (x, y), (x + 1, y + 16), (170,), 1)
        yield shades


def test_rain_alone_is_hardly_ever_looked_at() -> None:
    scene = Scene(fps=25)
    seen = watched(MotionGate(), scene, list(rain(scene, 40, 250)))
    assert sum(one.moves for one in seen[50:]) <= 4


def test_outside_the_region_of_interest_nothing_moves() -> None:
    scene = Scene()
    left_half: Polygon = ((0, 0), (0.5, 0), (0.5, 1), (0, 1))
    gate = settled(scene, region_of_interest=[left_half])
    right = [scene.with_car(300 + 4.0 * at, 60) for at in range(20)]
    assert not any(one.moves for one in watched(gate, scene, right))
    left = [scene.with_car(50 + 4.0 * at, 60) for at in range(20)]
    assert any(one.moves for one in watched(gate, scene, left))


def test_after_a_gap_everything_is_learned_anew() -> None:
    scene = Scene()
    gate = settled(scene)
    seen = gate.motion(scene.frame(scene.with_car(200, 60), wait=timedelta(seconds=11)))
    assert seen.anew
    assert seen.look


def test_a_picture_of_another_size_or_an_earlier_time_is_learned_anew() -> None:
    scene = Scene()
    gate = settled(scene)
    smaller = Frame("gate", 99, BEGIN + timedelta(seconds=4), np.zeros((90, 160, 3), np.uint8))
    assert gate.motion(smaller).anew
    assert gate.motion(Frame("gate", 100, BEGIN, smaller.image)).look


@pytest.mark.parametrize("shape", [(1, 1), (1, 2000), (2000, 1), (7, 9), (1080, 1920)])
def test_a_picture_of_any_size_is_watched(shape: tuple[int, int]) -> None:
    gate = MotionGate()
    for at in range(30):
        image = np.full((*shape, 3), 40 + at % 2, np.uint8)
        seen = gate.motion(Frame("gate", at, BEGIN + timedelta(seconds=at / 10), image))
    assert not seen.moves


def test_a_frame_is_left_as_it_was() -> None:
    scene = Scene()
    frame = scene.frame()
    before = frame.image.copy()
    frame.image.flags.writeable = False
    MotionGate().motion(frame)
    assert (frame.image == before).all()
