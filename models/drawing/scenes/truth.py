"""What is true of a scene, by projection alone: nothing is drawn, nothing is detected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import takewhile

import cv2
import numpy as np

from edge.values import Border, Box, NoPlate
from models.drawing.plates import designs
from models.drawing.scenes.bodies import MODELS
from models.drawing.scenes.camera import NEAR, Camera, Floats
from models.drawing.scenes.meshes import mesh
from models.drawing.scenes.movement import Pose
from models.drawing.scenes.values import (
    Actor,
    FrameTruth,
    PassageTruth,
    Plate,
    Scene,
    SeenPlate,
    SeenVehicle,
    View,
)

_SLIVER = 0.02  # of the picture's height: what shows less of itself is not yet in view
_AT_BORDER = 0.004
_STANDS = 0.05  # metres a second


def pose_of(scene: Scene, actor: Actor, seconds: float) -> Pose:
    drive = actor.drive if actor.towed_by is None else scene.actors[actor.towed_by].drive
    return drive.pose(seconds, actor.behind)


def times(scene: Scene) -> list[float]:
    """Return the second of each frame: evenly, or as a camera with a variable rate gives them."""
    count = max(1, round(scene.seconds * scene.fps))
    if not scene.uneven:
        return [index / scene.fps for index in range(count)]
    steps = np.random.default_rng(scene.seed + 9).choice([0.5, 1.0, 1.5], count, p=[0.3, 0.4, 0.3])
    # Whole milliseconds, because that is what an MP4 of ours counts in.
    return [round(float(t), 3) for t in np.concatenate([[0.0], np.cumsum(steps)[:-1]]) / scene.fps]


def plate_corners(actor: Actor, *, front: bool) -> Floats | None:
    """Return a plate's corners in the vehicle's axes, clockwise from its top left as read."""
    plate = actor.front if front else actor.rear
    if plate is None:
        return None
    return _hung(actor.model, designs()[plate.design].aspect, front)


@lru_cache(maxsize=256)
def _hung(model: str, aspect: float, front: bool) -> Floats:  # noqa: FBT001  # half of a cache key
    shape = mesh(model)
    middle, side = (shape.front_plate, 1.0) if front else (shape.rear_plate, -1.0)
    high = 0.152 if aspect < 2.6 else 0.115  # American and square plates against long ones
    wide = high * aspect / 2 * side
    offsets = [
        (0, -wide, high / 2),
        (0, wide, high / 2),
        (0, wide, -high / 2),
        (0, -wide, -high / 2),
    ]
    corners: Floats = middle + np.array(offsets)
    return corners


def truths(scene: Scene, view: str | None = None) -> Iterator[FrameTruth]:
    """Yield what each frame of a view shows."""
    chosen = scene.view(view)
    camera = Camera(chosen.mount, scene.size)
    before: tuple[tuple[Pose, ...], tuple[SeenVehicle, ...]] | None = None
    for index, seconds in enumerate(times(scene)):
        poses = tuple(pose_of(scene, actor, seconds) for actor in scene.actors)
        if before is None or before[0] != poses:
            before = poses, seen(scene, camera, poses)
        yield FrameTruth(index, seconds, before[1])


def seen(scene: Scene, camera: Camera, poses: Sequence[Pose]) -> tuple[SeenVehicle, ...]:
    """Return the vehicles in the picture, the farthest first."""
    shapes: list[tuple[float, int, Floats]] = []
    for index, (actor, pose) in enumerate(zip(scene.actors, poses, strict=True)):
        outline = outlined(actor.model, pose, camera)
        if outline is not None:
            distance = float(np.hypot(pose.x - camera.position[0], pose.y - camera.position[1]))
            shapes.append((distance, index, outline))
    shapes.sort(key=lambda shape: -shape[0])
    found = []
    for place, (_, index, outline) in enumerate(shapes):
        box = _clipped(outline, camera)
        if box is None:
            continue
        nearer = [other for _, _, other in shapes[place + 1 :]]
        actor, pose = scene.actors[index], poses[index]
        plate = _plate(actor, pose, camera, nearer)
        hidden = bool(nearer) and _is_hidden(box, camera, nearer)
        kind = MODELS[actor.model].kind
        found.append(SeenVehicle(index, kind, box, plate, pose.speed, hidden))
    return tuple(found)


def outlined(model: str, pose: Pose, camera: Camera) -> Floats | None:
    """Return the hull of the vehicle in pixels, or None where it lies behind the camera."""
    cloud = pose.placed(mesh(model).cloud)
    ahead = cloud[camera.depths(cloud) > NEAR]
    if len(ahead) < 3:
        return None
    pixels = camera.pixels(ahead)
    if (pixels.max(axis=0) < 0).any() or (pixels.min(axis=0) > camera.size).any():
        return None
    hull: Floats = cv2.convexHull(pixels.astype(np.float32))[:, 0].astype(np.float64)
    return hull


def _clipped(outline: Floats, camera: Camera) -> Box | None:
    low, high = outline.min(axis=0), outline.max(axis=0)
    width, height = camera.size
    left, right = max(0.0, low[0] / width), min(1.0, high[0] / width)
    top, bottom = max(0.0, low[1] / height), min(1.0, high[1] / height)
    if right - left < _SLIVER * height / width or bottom - top < _SLIVER:
        return None
    return Box(float(left), float(top), float(right), float(bottom))


def _is_hidden(box: Box, camera: Camera, nearer: Sequence[Floats]) -> bool:
    across = np.linspace(box.left, box.right, 7)[1:-1] * camera.size[0]
    down = np.linspace(box.top, box.bottom, 7)[1:-1] * camera.size[1]
    points = [(float(x), float(y)) for x in across for y in down]
    return all(any(_holds(hull, point) for hull in nearer) for point in points)


def _holds(hull: Floats, point: tuple[float, float]) -> bool:
    return cv2.pointPolygonTest(hull.astype(np.float32), point, measureDist=False) >= 0


def _plate(actor: Actor, pose: Pose, camera: Camera, nearer: Sequence[Floats]) -> SeenPlate | None:
    for front, plate in ((True, actor.front), (False, actor.rear)):
        corners = plate_corners(actor, front=front)
        if plate is None or corners is None:
            continue
        world = pose.placed(corners)
        outward = np.cross(world[1] - world[0], world[0] - world[3])
        if (world.mean(axis=0) - camera.position) @ outward < 0 and camera.depths(
            world
        ).min() > NEAR:
            return _seen_plate(plate, camera.pixels(world), camera, nearer)
    return None


def _seen_plate(
    plate: Plate, pixels: Floats, camera: Camera, nearer: Sequence[Floats]
) -> SeenPlate | None:
    size = np.array(camera.size)
    if (pixels.max(axis=0) <= 0).any() or (pixels.min(axis=0) >= size).any():
        return None
    inside = bool((pixels >= 0).all() and (pixels <= size).all())
    points = [*pixels, pixels.mean(axis=0)]
    free = not any(_holds(hull, (float(x), float(y))) for hull in nearer for x, y in points)
    wide = (np.linalg.norm(pixels[1] - pixels[0]) + np.linalg.norm(pixels[2] - pixels[3])) / 2
    low, high = np.clip(pixels.min(axis=0) / size, 0, 1), np.clip(pixels.max(axis=0) / size, 0, 1)
    return SeenPlate(
        text=plate.text,
        corners=tuple((float(x), float(y)) for x, y in pixels / size),
        box=Box(float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        width=float(wide),
        whole=inside and free,
        covered=plate.covered,
    )


def passages(scene: Scene) -> tuple[PassageTruth, ...]:
    """Return every vehicle's stays, view by view, by when they begin."""
    found = []
    for view in scene.views:
        stays: dict[int, list[list[tuple[FrameTruth, SeenVehicle]]]] = {}
        for frame in truths(scene, view.name):
            for vehicle in frame.vehicles:
                runs = stays.setdefault(vehicle.actor, [])
                if not runs or runs[-1][-1][0].index < frame.index - 1:
                    runs.append([])
                runs[-1].append((frame, vehicle))
        for actor, runs in stays.items():
            if scene.actors[actor].towed_by is None:
                found += [_passage(scene, view, actor, run, stays) for run in runs]
    return tuple(sorted(found, key=lambda p: (p.first_seconds, p.view, p.actor)))


def _passage(
    scene: Scene, view: View, actor: int, run: list[tuple[FrameTruth, SeenVehicle]],
    stays: dict[int, list[list[tuple[FrameTruth, SeenVehicle]]]],
) -> PassageTruth:  # fmt: skip
    first, last = run[0][0], run[-1][0]
    frames = len(times(scene))
    boxes = [vehicle.box for _, vehicle in run]
    plates = [(frame.index, vehicle.plate) for frame, vehicle in run if vehicle.plate]
    legible = [(index, plate) for index, plate in plates if plate.legible]
    towed = {
        vehicle.plate.text
        for other, runs in stays.items()
        if scene.actors[other].towed_by == actor
        for stay in runs
        for frame, vehicle in stay
        if vehicle.plate and vehicle.plate.legible and first.index <= frame.index <= last.index
    }
    own = legible[0][1].text if legible else None
    return PassageTruth(
        actor=actor,
        view=view.name,
        vehicle=run[0][1].kind,
        plate=own,
        no_plate=None if legible else _reason([plate for _, plate in plates]),
        others=tuple(sorted(towed - {own})),
        first_frame=first.index,
        last_frame=last.index,
        first_seconds=first.seconds,
        last_seconds=last.seconds,
        first_legible_frame=legible[0][0] if legible else None,
        came_by=_border(boxes[::-1]) if first.index > 0 else None,
        left_by=_border(boxes) if last.index < frames - 1 else None,
        widest=max((plate.width for _, plate in plates), default=0.0),
        widest_frame=max(legible or plates, key=_width)[0] if plates else first.index,
        stood_seconds=_stood(run),
        stood_first=boxes[0] if abs(run[0][1].speed) < _STANDS else None,
        stood_last=boxes[-1] if abs(run[-1][1].speed) < _STANDS else None,
        went_metres=_went(scene, scene.actors[actor], run),
    )


def _width(seen_at: tuple[int, SeenPlate]) -> float:
    return seen_at[1].width


def _went(scene: Scene, actor: Actor, run: Sequence[tuple[FrameTruth, SeenVehicle]]) -> float:
    places = [pose_of(scene, actor, frame.seconds) for frame, _ in run[:: max(1, len(run) // 40)]]
    return max(float(np.hypot(p.x - places[0].x, p.y - places[0].y)) for p in places)


def _reason(plates: Sequence[SeenPlate]) -> NoPlate:
    if not plates:
        return "none_found"
    if max(plate.width for plate in plates) < 70:
        return "too_small"
    return "hidden"


def _border(boxes: Sequence[Box]) -> Border | None:
    """Return the border that the last box touches, and if several that which it met first."""
    longest: tuple[int, Border] | None = None
    sides: tuple[tuple[Border, Callable[[Box], bool]], ...] = (
        ("bottom", lambda box: box.bottom > 1 - _AT_BORDER),
        ("left", lambda box: box.left < _AT_BORDER),
        ("right", lambda box: box.right > 1 - _AT_BORDER),
        # A tall truck is cut at the top all its way, so that says nothing beside another.
        ("top", lambda box: box.top < _AT_BORDER),
    )
    for side, touches in sides:
        run = sum(1 for _ in takewhile(touches, reversed(boxes)))
        if run and (longest is None or (run > longest[0] and side != "top")):
            longest = run, side
    return longest[1] if longest else None


def _stood(run: Sequence[tuple[FrameTruth, SeenVehicle]]) -> float:
    longest, since = 0.0, None
    for frame, vehicle in run:
        if abs(vehicle.speed) >= _STANDS:
            since = None
            continue
        since = frame.seconds if since is None else since
        longest = max(longest, frame.seconds - since)
    return longest
