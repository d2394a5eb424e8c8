"""Drawn frames: repeatable, and where the truth says a thing is, there it is drawn."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from edge.values import Box, Image
from models.drawing import scenes
from models.drawing.scenes.light import CONDITIONS, Condition
from models.drawing.scenes.values import FrameTruth, Plate, Scene

SMALL = (320, 180)


def _still(name: str, seconds: float, condition: Condition = "day", seed: int = 0) -> Scene:
    """Return a scene of one frame: what the named one shows at this moment."""
    made = scenes.scene(name, condition, seed, SMALL)
    actors = tuple(
        replace(actor, drive=replace(actor.drive, knots=_earlier(actor.drive.knots, seconds)))
        for actor in made.actors
    )
    return replace(made, actors=actors, barrier=None, seconds=0.01)


def _earlier(knots: tuple[tuple[float, float], ...], by: float) -> tuple[tuple[float, float], ...]:
    return tuple((seconds - by, metres) for seconds, metres in knots)


def _drawn(scene: Scene, view: str | None = None) -> tuple[FrameTruth, Image]:
    return next(scenes.frames(scene, view))


def _cut(image: Image, box: Box) -> Image:
    height, width = image.shape[:2]
    return image[
        round(box.top * height) : round(box.bottom * height),
        round(box.left * width) : round(box.right * width),
    ]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_same_scene_gives_the_same_bytes(condition: Condition) -> None:
    one, other = (_drawn(_still("single-entry", 8.0, condition))[1] for _ in range(2))
    assert np.array_equal(one, other)


def test_another_seed_gives_another_picture() -> None:
    one, other = (_drawn(_still("idle", 0.0, seed=seed))[1] for seed in (0, 1))
    assert not np.array_equal(one, other)


def test_a_white_car_brightens_the_picture_within_its_box_and_nowhere_else() -> None:
    busy = _still("single-entry", 7.0)
    busy = replace(busy, actors=(replace(busy.actors[0], paint=(230, 230, 230)),))
    truth, with_car = _drawn(busy)
    _, empty = _drawn(replace(busy, actors=()))
    (vehicle,) = truth.vehicles
    brighter = cv2.subtract(with_car, empty).min(axis=2) > 30
    inside = _cut(brighter.astype(np.uint8), vehicle.box)
    assert inside.mean() > 0.3
    assert inside.sum() > 0.97 * brighter.sum()


def test_a_plate_is_drawn_where_the_truth_has_it() -> None:
    scene = _still("single-entry", 8.5)
    yellow = Plate("AB12CDE", "gb-yellow")
    scene = replace(scene, actors=(replace(scene.actors[0], front=yellow, paint=(40, 40, 40)),))
    truth, image = _drawn(scene)
    (vehicle,) = truth.vehicles
    assert vehicle.plate is not None
    assert vehicle.plate.whole
    blue, green, red = np.median(_cut(image, vehicle.plate.box).reshape(-1, 3), axis=0)
    assert blue + 40 < min(green, red)
    around = np.median(_cut(image, vehicle.box).reshape(-1, 3), axis=0)
    assert abs(float(around[0]) - float(around[2])) < 40


def test_a_plate_hung_on_the_rear_is_not_seen_from_the_front() -> None:
    scene = _still("single-entry", 8.5)
    turned = replace(scene.actors[0], front=None)
    truth, _ = _drawn(replace(scene, actors=(turned,)))
    assert truth.vehicles[0].plate is None


def test_a_muddy_plate_is_in_the_picture_but_not_legible() -> None:
    truth = next(
        frame
        for frame in scenes.truths(scenes.scene("muddy-plate", fps=2))
        if frame.vehicles and frame.vehicles[0].plate and frame.vehicles[0].plate.width > 70
    )
    plate = truth.vehicles[0].plate
    assert plate is not None
    assert plate.whole
    assert not plate.legible


@pytest.mark.parametrize(
    ("darker", "brighter"), [("night", "dusk"), ("dusk", "day"), ("infrared", "day")]
)
def test_each_hour_has_its_light(darker: Condition, brighter: Condition) -> None:
    means = [_drawn(_still("idle", 0.0, condition))[1].mean() for condition in (darker, brighter)]
    assert means[0] < means[1] - 10


def test_infrared_knows_no_colour() -> None:
    _, image = _drawn(_still("single-entry", 8.0, "infrared"))
    assert np.ptp(image.astype(int), axis=2).max() == 0


def test_headlights_glare_at_night_and_not_by_day() -> None:
    lit = {}
    for condition in ("day", "night"):
        scene = _still("single-entry", 6.0, condition)
        truth, image = _drawn(scene)
        lit[condition] = int((_cut(image, truth.vehicles[0].box).min(axis=2) > 250).sum())
    assert lit["night"] > 10 * max(1, lit["day"])


def test_every_picture_of_an_empty_lot_differs_a_little() -> None:
    scene = replace(scenes.scene("idle", size=SMALL, fps=2), seconds=1.0)
    (_, one), (_, other) = scenes.frames(scene)
    difference = cv2.absdiff(one, other)
    assert 0 < difference.mean() < 6


def test_blocks_of_a_cheap_camera_cost_detail() -> None:
    clean = _still("single-entry", 8.0)
    _, fine = _drawn(clean)
    _, coarse = _drawn(replace(clean, jpeg=12))
    edges = [float(cv2.Laplacian(image, cv2.CV_64F).var()) for image in (fine, coarse)]
    assert edges[1] < edges[0]


def test_a_film_of_uneven_frames_keeps_their_times(tmp_path: Path) -> None:
    scene = replace(scenes.scene("idle", size=(96, 64), fps=10), seconds=2.0, uneven=True)
    scenes.write_clip(scene, tmp_path / "idle.mp4")
    with av.open(str(tmp_path / "idle.mp4")) as film:
        seen = [frame.time for frame in film.decode(video=0)]
    assert seen == pytest.approx(scenes.times(scene), abs=0.002)
    assert len({round(b - a, 3) for a, b in pairwise(seen)}) > 1


def test_films_lie_beside_their_truth(tmp_path: Path) -> None:
    scene = replace(scenes.scene("two-cameras", size=(96, 64), fps=1), seconds=6.0)
    films = scenes.write_films([scene], tmp_path)
    assert [film.name for film in films] == ["two-cameras-in.mp4", "two-cameras-out.mp4"]
    rows = (tmp_path / "truth.csv").read_text().splitlines()
    assert rows[0] == "video,plate,first_frame,last_frame"
    assert {row.split(",")[0] for row in rows[1:]} <= {film.name for film in films}
    assert (tmp_path / "events.json").stat().st_size > 100
