"""The scenes by name, what a right gate makes of each, and what perfect eyes would have seen.

Others' tests take from here a film (`film`), the passages that it truly holds (`passages`) or
what a faultless detector would say of each frame (`detections`), and compare with `told`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from edge.cameras import Camera
from edge.values import Detection, Frame, Look, Passage, Reading
from models.drawing import scenes
from models.drawing.scenes.bodies import MODELS
from models.drawing.scenes.light import Condition
from models.drawing.scenes.values import PassageTruth, Scene

START: Final = datetime(2026, 3, 1, 8, tzinfo=timezone.utc)

EVENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "single-entry": ("entry",),
    "single-exit": ("exit",),
    "entry-and-exit": ("entry", "exit"),
    "in-and-out-quickly": ("entry", "exit"),
    "queue": ("entry",) * 4,
    "tailgating": ("entry", "entry"),
    "waits-two-minutes": ("entry",),
    "hidden-by-van": ("entry", "exit"),
    "parks-in-view": ("entry", "exit"),
    "parked-throughout": ("seen",),
    "two-lanes": ("entry",) * 3,
    "truck-without-plate": ("entry",),
    "muddy-plate": ("entry",),
    "stickers": ("entry", "entry", "exit"),
    "signs": ("entry",),
    "turns-back": ("entry", "exit"),
    "trailer": ("exit",),
    "motorcycle": ("exit",),
    "idle": (),
    "street-traffic": ("entry",),
    "foreign-plates": ("entry",) * 5,
    "fast": ("entry",),
    "two-cameras": ("entry", "exit"),
    "gate-fifth": ("entry", "exit"),
    "busy": ("entry", "exit") * 3,
}
UNREAD: Final = frozenset({"truck-without-plate", "muddy-plate"})

Told = tuple[str, str | None]  # an event's kind and its plate


def told(scene: Scene) -> list[Told]:
    """Return kind and plate of every event that the scene must make, by no order."""
    return sorted(((event.kind, event.plate) for event in scene.expected), key=str)


def cameras(scene: Scene) -> dict[str, Camera]:
    """Return the scene's cameras as their owner would describe them."""
    return {
        view.name: Camera(
            view.name, role=view.role, street=frozenset(view.street), lot=frozenset(view.lot)
        )
        for view in scene.views
    }


def film(
    name: str,
    folder: Path,
    condition: Condition = "day",
    *,
    seed: int = 0,
    size: tuple[int, int] = (1280, 720),
    fps: float = 15.0,
) -> Path:
    """Return the film of a named scene's first camera, drawn if it is not yet in the folder."""
    path = folder / f"{name}-{condition}-{seed}-{size[0]}x{size[1]}-{fps:g}.mp4"
    if not path.exists():
        scenes.write_clip(scenes.scene(name, condition, seed, size, fps), path)
    return path


def pictures(scene: Scene, view: str | None = None) -> Iterator[Frame]:
    """Yield the frames of a view as a source would give them."""
    camera = scene.view(view).name
    for truth, image in scenes.frames(scene, view):
        image.flags.writeable = False
        yield Frame(camera, truth.index, at(truth.seconds), image)


def detections(scene: Scene, view: str | None = None) -> Iterator[list[Detection]]:
    """Yield what a faultless detector would say of each frame: vehicles and plates, sure."""
    for truth in scenes.truths(scene, view):
        found = [
            Detection(vehicle.box, vehicle.kind, 0.95)
            for vehicle in truth.vehicles
            if not vehicle.hidden
        ]
        found += [
            Detection(vehicle.plate.box, "plate", 0.9)
            for vehicle in truth.vehicles
            if vehicle.plate is not None and vehicle.plate.whole and vehicle.plate.width > 20
        ]
        yield found


def passages(scene: Scene) -> list[Passage]:
    """Return the passages that perfect eyes would tell the gate of."""
    return [_passage(scene, number, stay) for number, stay in enumerate(scenes.passages(scene))]


def at(seconds: float) -> datetime:
    return START + timedelta(microseconds=round(seconds * 1e6))


def _passage(scene: Scene, number: int, stay: PassageTruth) -> Passage:
    model = MODELS[scene.actors[stay.actor].model]
    return Passage(
        id=f"{scene.name}-{number:03d}",
        camera=stay.view,
        first_seen=at(stay.first_seconds),
        last_seen=at(stay.last_seconds),
        came_by=stay.came_by,
        left_by=stay.left_by,
        stood_first=stay.stood_first,
        stood_last=stay.stood_last,
        moved=stay.went_metres > 0.3,
        went_length=stay.went_metres > model.length,
        lane=None,
        vehicle=stay.vehicle,
        looks=_looks(scene, stay),
        no_plate=stay.no_plate,
        legible=stay.plate is not None or stay.no_plate not in (None, "too_small"),
        others=tuple((text, 0.95) for text in stay.others),
        best_frame=stay.widest_frame,
        ended=True,
    )


def _looks(scene: Scene, stay: PassageTruth) -> tuple[Look, ...]:
    if stay.plate is None:
        return ()
    letters = len(stay.plate)
    reading = Reading(stay.plate, (0.98,) * letters, ((),) * letters, "truth")
    frames = {frame.index: frame for frame in scenes.truths(scene, stay.view)}
    found = []
    for index in sorted({stay.first_legible_frame or stay.widest_frame, stay.widest_frame}):
        plate = next(v.plate for v in frames[index].vehicles if v.actor == stay.actor)
        assert plate is not None
        moment = at(frames[index].seconds)
        found.append(Look(reading, moment, index, plate.box, plate.width, 1.0))
    return tuple(found)
