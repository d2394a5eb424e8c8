"""Drawn scenes are a set like any other, with the boxes that a person would draw."""

from __future__ import annotations

from pathlib import Path

from edge.values import Box
from models.detector.data import gather, labelled_pictures
from models.detector.drawn import draw_set, labels
from models.drawing.scenes.values import FrameTruth, SeenPlate, SeenVehicle

PLATE = Box(0.45, 0.60, 0.55, 0.65)


def plate(box: Box = PLATE, *, whole: bool = True) -> SeenPlate:
    return SeenPlate("ABC1234", (), box, box.width * 1280, whole, covered=0.0)


def vehicle(box: Box, seen: SeenPlate | None = None, *, hidden: bool = False) -> SeenVehicle:
    return SeenVehicle(0, "car", box, seen, speed=0.0, hidden=hidden)


def kinds(*vehicles: SeenVehicle) -> list[str]:
    return [kind for kind, _ in labels(FrameTruth(0, 0.0, vehicles))]


def test_a_vehicle_gets_its_box_and_a_plate_in_sight_its_own() -> None:
    assert kinds(vehicle(Box(0.3, 0.3, 0.7, 0.8), plate())) == ["car", "plate"]


def test_a_vehicle_hidden_behind_another_gets_none_nor_does_its_plate() -> None:
    near = vehicle(Box(0.3, 0.3, 0.7, 0.8))
    assert kinds(vehicle(Box(0.4, 0.4, 0.6, 0.6), plate(), hidden=True), near) == ["car"]


def test_a_plate_that_is_cut_hidden_or_a_few_pixels_wide_gets_none() -> None:
    body = Box(0.3, 0.3, 0.7, 0.8)
    assert kinds(vehicle(body, plate(whole=False))) == ["car"]
    assert kinds(vehicle(body, plate(Box(0.45, 0.6, 0.46, 0.605)))) == ["car"]


def test_what_is_drawn_is_read_back_as_a_set_and_the_same_seed_draws_the_same(
    tmp_path: Path,
) -> None:
    for folder in ("one", "other"):
        assert draw_set(tmp_path / folder / "drawn", 5, seed=3) == 5
    found = list(labelled_pictures(tmp_path / "one/drawn"))
    assert len(found) == 5
    assert {kind for picture in found for kind, _ in picture.boxes} >= {"plate"}
    one, other = (gather([tmp_path / folder]) for folder in ("one", "other"))
    assert one.boxes.equals(other.boxes)
    for picture in found:
        twin = tmp_path / "other/drawn/images" / picture.path.name
        assert picture.path.read_bytes() == twin.read_bytes()
