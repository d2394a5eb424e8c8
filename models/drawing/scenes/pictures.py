"""A scene becomes frames: the still backdrop, what moves on it, then the weather."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from edge.values import Image
from models.drawing.scenes import brush
from models.drawing.scenes.backdrop import backdrop, filled
from models.drawing.scenes.camera import Camera
from models.drawing.scenes.ground import Site
from models.drawing.scenes.idle import Idle
from models.drawing.scenes.light import LIGHTS, Light
from models.drawing.scenes.movement import Pose
from models.drawing.scenes.prints import prints, text_picture
from models.drawing.scenes.truth import pose_of, seen, times
from models.drawing.scenes.values import Actor, FrameTruth, Scene, Sign
from models.drawing.scenes.vehicles import Patch, drawn, lay, shade
from models.drawing.scenes.weather import Rain, Sensor, beam, blurred, coded, glare, mirrored

_DARK = 0.3  # the ambient light below which a lamp glares


def frames(scene: Scene, view: str | None = None) -> Iterator[tuple[FrameTruth, Image]]:
    """Yield each frame of a view with its truth. The same scene gives the same bytes.

    A yielded picture is the caller's own.
    """
    painter = _Painter(scene, Camera(scene.view(view).mount, scene.size), scene.view(view).name)
    before: tuple[tuple[Pose, ...], FrameTruth] | None = None
    for index, seconds in enumerate(times(scene)):
        poses = tuple(pose_of(scene, actor, seconds) for actor in scene.actors)
        if before is None or before[0] != poses:
            vehicles = seen(scene, painter.camera, poses)
        else:
            vehicles = before[1].vehicles
        truth = FrameTruth(index, seconds, vehicles)
        yield truth, painter.picture(truth, poses)
        before = poses, truth


class _Painter:
    def __init__(self, scene: Scene, camera: Camera, view: str) -> None:
        self._scene, self.camera = scene, camera
        self._light = LIGHTS[scene.condition]
        rng = np.random.default_rng([scene.seed, *view.encode()])
        # The street is the same for all cameras of a scene; noise and drops are each one's own.
        place = np.random.default_rng(scene.seed)
        self._empty = backdrop(scene.site, camera, self._light, place)
        for sign in scene.signs:
            _put_sign(self._empty, sign, camera, self._light)
        self._idle = Idle(scene.site, camera, self._light, rng)
        self._sensor = Sensor(self._light, scene.size, rng)
        self._rain = Rain(scene.size, rng) if self._light.wet else None
        self._still: dict[int, tuple[Pose, Patch | None]] = {}

    def picture(self, truth: FrameTruth, poses: tuple[Pose, ...]) -> Image:
        scene, light = self._scene, self._light
        picture = self._idle.swayed(self._empty, truth.seconds)
        present = [vehicle.actor for vehicle in truth.vehicles]
        for index in present:
            shade(scene.actors[index].model, poses[index], light, self.camera, picture)
            if light.ambient < _DARK:
                beam(scene.actors[index].model, poses[index], light, self.camera, picture)
        for index in present:
            patch = self._patch(index, scene.actors[index], poses[index])
            if patch is None:
                continue
            if light.wet:
                mirrored(patch, picture)
            lay(patch, picture)
            if light.lamps_on:
                glare(scene.actors[index].model, poses[index], light, self.camera, picture)
        if scene.barrier is not None:
            _draw_barrier(picture, scene.site, scene.barrier, truth.seconds, self.camera, light)
        if light.grey:
            picture = cv2.cvtColor(
                cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR
            ).astype(np.uint8)
        if self._rain is not None:
            picture = self._rain.fall(picture)
        picture = self._sensor.expose(picture)
        return picture if scene.jpeg is None else coded(picture, scene.jpeg)

    def _patch(self, index: int, actor: Actor, pose: Pose) -> Patch | None:
        """Return the drawn vehicle; one that stands is drawn once."""
        kept = self._still.get(index)
        if kept is not None and kept[0] == pose:
            return kept[1]
        flat = prints(actor, self._scene.seed)
        patch = drawn(actor.model, pose, actor.paint, flat, self._light, self.camera)
        if patch is not None:
            patch = blurred(patch, self._movement(pose))
        self._still[index] = pose, patch
        return patch

    def _movement(self, pose: Pose) -> tuple[float, float]:
        """Return how many pixels the vehicle moves while the shutter is open."""
        moved = pose.speed * self._light.exposure_seconds
        way = np.array([np.cos(pose.heading), np.sin(pose.heading), 0.0]) * moved
        here = np.array([pose.x, pose.y, 0.6])
        shift = self.camera.pixels(here + way) - self.camera.pixels(here)
        return float(shift[0]), float(shift[1])


def _draw_barrier(
    picture: Image, site: Site, opened: tuple[tuple[float, float], ...], seconds: float,
    camera: Camera, light: Light,
) -> None:  # fmt: skip
    """Draw the arm over the lane that comes in; it takes two seconds to rise or to fall."""
    risen = max((_risen(begin, end, seconds) for begin, end in opened), default=0.0)
    turn = risen * np.pi / 2 * 0.96
    x, y, z = site.drive[0] - 0.15, site.stop_line - 0.7, 1.05
    out = np.array([np.cos(turn), 0.0, np.sin(turn)])
    up = np.array([-np.sin(turn), 0.0, np.cos(turn)]) * 0.045
    foot = np.array([x, y, z])
    glow = light.ambient + light.sun_strength * 0.6 + light.own_lamp * 0.5
    post = np.array([(x - 0.12, y, 0), (x + 0.12, y, 0), (x + 0.12, y, 1.1), (x - 0.12, y, 1.1)])
    filled(picture, camera, post, (60 * glow, 180 * glow, 230 * glow))
    arm = abs(site.drive[0]) - 0.1
    for piece in range(6):
        begin, end = foot + out * arm * piece / 6, foot + out * arm * (piece + 1) / 6
        tone = (236, 236, 236) if piece % 2 else (44, 40, 206)
        corners = np.array([begin - up, end - up, end + up, begin + up])
        filled(picture, camera, corners, tuple(min(255.0, c * glow) for c in tone))


def _risen(begin: float, end: float, seconds: float) -> float:
    rising, falling = (seconds - begin) / 2.0, (end + 2.0 - seconds) / 2.0
    return float(np.clip(min(rising, falling), 0.0, 1.0))


def _put_sign(picture: Image, sign: Sign, camera: Camera, light: Light) -> None:
    board = text_picture(sign.text, (238, 240, 242), (30, 30, 150))
    height, width = board.shape[:2]
    high, half = sign.wide * height / width, sign.wide / 2
    pole = np.array(
        [(sign.x - 0.04, sign.y, 0), (sign.x + 0.04, sign.y, 0),
         (sign.x + 0.04, sign.y, sign.z), (sign.x - 0.04, sign.y, sign.z)]
    )  # fmt: skip
    glow = light.ambient + light.sun_strength * 0.7 + light.own_lamp * 0.5
    filled(picture, camera, pole, (96 * glow, 98 * glow, 100 * glow))
    world = np.array(
        [(sign.x - half, sign.y, sign.z + high), (sign.x + half, sign.y, sign.z + high),
         (sign.x + half, sign.y, sign.z), (sign.x - half, sign.y, sign.z)]
    )  # fmt: skip
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    turn = cv2.getPerspectiveTransform(corners, camera.pixels(world).astype(np.float32))
    small = cv2.resize(board, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    halve = np.diag([2.0, 2.0, 1.0])
    laid = cv2.warpPerspective(small, turn @ halve, camera.size, flags=cv2.INTER_AREA)
    mask = np.ascontiguousarray(laid[:, :, 3])
    toned = brush.times(np.ascontiguousarray(laid[:, :, :3]), (min(1.0, glow),) * 3)
    cv2.copyTo(toned, mask, picture)
