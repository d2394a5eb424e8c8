"""A scene's truth as passages: what perfect eyes would tell the gate.

With them the gate's recall is known apart from the eyes': what goes wrong here no network mends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from contract.plates import normalise
from edge.cameras import Camera
from edge.gate.values import GateSettings, Verdict
from edge.gate.whole import final_events
from edge.stays import STAND_SECONDS
from edge.values import Box, Look, Passage, Reading
from models.drawing.scenes import PassageTruth, Scene, SeenPlate, SeenVehicle, passages, truths
from models.drawing.scenes.truth import pose_of
from models.drawing.scenes.values import LEGIBLE_PIXELS, View

_BEGAN = datetime(2000, 1, 1, tzinfo=timezone.utc)
_STANDS = 0.05  # metres a second, as the scenes' truth has it
_LOOKS = 3  # what the road reads at least of a plate
_SURE = 0.99
_LENGTH = 5.0  # metres of a car and a little more

Run = Sequence[tuple[float, SeenVehicle]]  # seconds, and the vehicle then


def camera_of(view: View) -> Camera:
    """Return the camera as the scene's owner would describe it."""
    return Camera(view.name, role=view.role, street=frozenset(view.street), lot=frozenset(view.lot))


def events_by_truth(scene: Scene, settings: GateSettings) -> tuple[Verdict, ...]:
    """Return what the gate makes of all that is true of a scene's cameras."""
    cameras = {view.name: camera_of(view) for view in scene.views}

    def ids(first: Passage, part: int, _: datetime) -> str:
        return f"{first.id}-{part}"

    told = [one for view in scene.views for one in true_passages(scene, view)]
    found = final_events(told, cameras, settings, ids).events
    return tuple(one for one in found if one.kind != "void")


def true_passages(scene: Scene, view: View) -> list[Passage]:
    """Return the passages of one camera."""
    frames = list(truths(scene, view.name))
    stays = [stay for stay in passages(scene) if stay.view == view.name]
    return [
        _passage(scene, stay, number, [
            (frame.seconds, vehicle)
            for frame in frames[stay.first_frame : stay.last_frame + 1]
            for vehicle in frame.vehicles
            if vehicle.actor == stay.actor
        ])
        for number, stay in enumerate(stays)
    ]  # fmt: skip


def _passage(scene: Scene, stay: PassageTruth, number: int, run: Run) -> Passage:
    actor = scene.actors[stay.actor]
    rolled = [pose_of(scene, actor, seconds).rolled for seconds, _ in run]
    return Passage(
        id=f"{number:05d}",
        camera=stay.view,
        first_seen=_at(stay.first_seconds),
        last_seen=_at(stay.last_seconds),
        came_by=stay.came_by,
        left_by=stay.left_by,
        stood_first=_stood(run),
        stood_last=_stood(run[::-1]),
        moved=any(abs(vehicle.speed) >= _STANDS for _, vehicle in run),
        went_length=max(abs(metres - rolled[0]) for metres in rolled) >= _LENGTH,
        lane=None,
        vehicle=stay.vehicle,
        looks=_looks(scene, run),
        no_plate=stay.no_plate,
        legible=stay.widest >= LEGIBLE_PIXELS or stay.no_plate == "none_found",
        others=tuple((normalise(text), _SURE) for text in stay.others),
        best_frame=stay.first_legible_frame or stay.first_frame,
        ended=True,
    )


def _at(seconds: float) -> datetime:
    return _BEGAN + timedelta(seconds=seconds)


def _stood(run: Run) -> Box | None:
    """Return where the vehicle stands at the run's beginning, if it does."""
    begins, first = run[0]
    speeds = [v.speed for seconds, v in run if abs(seconds - begins) <= STAND_SECONDS]
    return first.box if all(abs(speed) < _STANDS for speed in speeds) else None


def _looks(scene: Scene, run: Run) -> tuple[Look, ...]:
    legible = [
        (seconds, vehicle.plate)
        for seconds, vehicle in run
        if vehicle.plate is not None and vehicle.plate.legible
    ]
    legible.sort(key=lambda one: -one[1].width)
    return tuple(_look(scene, seconds, plate) for seconds, plate in legible[:_LOOKS])


def _look(scene: Scene, seconds: float, plate: SeenPlate) -> Look:
    text = normalise(plate.text)
    reading = Reading(text, (_SURE,) * len(text), ((),) * len(text), "truth")
    frame = round(seconds * scene.fps)
    return Look(reading, _at(seconds), frame, plate.box, plate.width, sharpness=1.0)
