"""Drawing one vehicle as a camera sees it: shaded faces, wheels, lamps, its plate and stickers.

The skin is drawn coarsely and smoothed, so that its facets do not show; what is fixed upon
it follows with smooth edges: a far vehicle's at twice the picture's size, averaged down, since
its lamps are few pixels; a near one's antialiased, since its patch is large. The patch can
then be blurred by the vehicle's own movement before it is laid down. A network takes clean
flat colours for a drawing of a bus and the same shapes with dirt and a soft lens for a car,
so both are part of the drawing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.values import Image
from models.drawing.scenes import brush
from models.drawing.scenes.bodies import MODELS
from models.drawing.scenes.camera import NEAR, Camera, Floats
from models.drawing.scenes.light import Colour, Light
from models.drawing.scenes.meshes import CORNERS, Faces, mesh
from models.drawing.scenes.movement import Pose
from models.drawing.scenes.shading import SeenFaces

_SPOKES = 5
_NEAR_PIXELS = 260  # a patch of this size and more is drawn at the picture's own

Placing = Callable[[Floats], NDArray[np.int32]]


@dataclass(frozen=True, slots=True)
class Print:
    """A flat picture fixed on a vehicle: a plate, a sticker, a telephone number."""

    corners: Floats  # 4 x 3 in the vehicle's axes: top left, top right, bottom right, bottom left
    sizes: tuple[Image, ...]  # the same picture, each half as large as the one before
    shine: float = 1.0  # how much more of the camera's own light it throws back


@dataclass(frozen=True, slots=True)
class Patch:
    """A drawn vehicle: premultiplied colours with an opacity, and where it belongs."""

    left: int
    top: int
    colours: Image  # height x width x 4


def drawn(
    name: str, pose: Pose, paint: Colour, prints: Sequence[Print], light: Light, camera: Camera
) -> Patch | None:
    """Return the vehicle as the camera sees it, or None where nothing of it is in the picture."""
    faces = mesh(name)
    cloud = pose.placed(faces.cloud)
    cloud = cloud[camera.depths(cloud) > NEAR]
    if len(cloud) < 3:
        return None  # it is beside or behind the camera
    outline = camera.pixels(cloud)
    room = np.array(camera.size)
    low = np.clip(np.floor(outline.min(axis=0)).astype(int) - 3, 0, room)
    high = np.clip(np.ceil(outline.max(axis=0)).astype(int) + 4, 0, room)
    if (high - low).min() < 3:
        return None
    width, height = (int(n) for n in high - low)

    def onto(scale: int) -> Placing:
        def place(points: Floats) -> NDArray[np.int32]:
            return brush.fixed(camera.pixels(points) - low, scale)

        return place

    soft = _skin(name, faces.skin, pose, paint, light, camera, (width, height), onto(1))
    finer = 1 if max(width, height) >= _NEAR_PIXELS else 2
    canvas = soft
    if finer > 1:
        fine = cv2.resize(soft, None, fx=finer, fy=finer, interpolation=cv2.INTER_LINEAR)
        canvas = np.asarray(fine, np.uint8)
    for part in (faces.trim, faces.fittings):
        seen = SeenFaces(part, pose, camera)
        order = seen.farthest_first() if part is faces.trim else seen.facing()
        smooth = finer == 1 and part is faces.fittings  # strips side by side would show seams
        tones = seen.colours(order, paint, light, braking=pose.braking)
        _fill(canvas, onto(finer)(seen.corners[order]), tones, smooth=smooth)
    _draw_wheels(canvas, name, pose, light, camera, onto(finer), smooth=finer == 1)
    small = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    patch = np.asarray(cv2.GaussianBlur(small, (3, 3), 0.7), np.uint8)
    for flat in prints:
        _print(patch, flat, pose, light, camera, low)
    return Patch(int(low[0]), int(low[1]), patch)


def _skin(name: str, skin: Faces, pose: Pose, paint: Colour, light: Light, camera: Camera,
          size: tuple[int, int], onto: Placing) -> NDArray[np.uint8]:  # fmt: skip
    width, height = size
    seen = SeenFaces(skin, pose, camera)
    order = seen.farthest_first()
    # Smoothing mixes the edge with what lies beyond it, so that has to be the body's colour.
    tones = seen.colours(order, paint, light, braking=pose.braking)
    mean = tones.mean(axis=0) if len(order) else np.zeros(3)
    four = int.from_bytes(bytes([*mean.astype(np.uint8).tolist(), 0]), sys.byteorder)
    canvas = np.full((height, width), four, np.uint32).view(np.uint8).reshape(height, width, 4)
    _draw_tyres(canvas, name, pose, onto)
    _fill(canvas, onto(seen.corners[order]), tones)
    opacity = cv2.extractChannel(canvas, 3)
    facet = min(9, max(3, width // 50 * 2 + 1))
    soft = cv2.blur(canvas, (facet, facet))
    dirt = cv2.resize(_dirt(), size, interpolation=cv2.INTER_LINEAR)
    soft = cv2.multiply(soft, dirt, scale=1 / 128)
    cv2.insertChannel(opacity, soft, 3)
    return cv2.bitwise_and(soft, soft, mask=opacity).astype(np.uint8)


@lru_cache(maxsize=1)
def _dirt() -> Image:
    """Return what road dirt and the reflections of clouds do to paint; 128 changes nothing."""
    rng = np.random.default_rng(7)
    total = np.full((256, 256), 128.0, np.float32)
    for blur, depth in ((1.2, 3.5), (8.0, 7.0)):
        noise = cv2.GaussianBlur(rng.normal(0, 1, (256, 256)).astype(np.float32), (0, 0), blur)
        total += noise / noise.std() * np.float32(depth)
    grey = np.clip(total, 70, 190).astype(np.uint8)
    return cv2.merge([grey, grey, grey, np.full_like(grey, 128)]).astype(np.uint8)


def _fill(
    canvas: Image, polygons: NDArray[np.int32], tones: Floats, *, smooth: bool = False
) -> None:
    opaque = np.concatenate([tones, np.full((len(tones), 1), 255.0)], axis=1).tolist()
    for polygon, tone in zip(polygons, opaque, strict=True):
        brush.fill(canvas, polygon, tone, smooth=smooth)


def _circle(radius: float) -> Floats:
    turns = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    return np.stack([radius * np.cos(turns), np.zeros(CORNERS), radius * np.sin(turns)], axis=1)


def _draw_tyres(canvas: Image, name: str, pose: Pose, onto: Placing) -> None:
    model = MODELS[name]
    for axle in model.wheels:
        for side in (1.0, -1.0):
            outer = _circle(model.wheel) + np.array([axle, side * model.track, model.wheel])
            inner = outer - np.array([0, side * model.tyre, 0])
            hull = np.asarray(
                cv2.convexHull(onto(pose.placed(np.vstack([outer, inner])))), np.int32
            )
            brush.fill(canvas, hull, (20, 20, 20, 255))


def _draw_wheels(
    canvas: Image, name: str, pose: Pose, light: Light, camera: Camera, onto: Placing,
    *, smooth: bool,
) -> None:  # fmt: skip
    """Draw the wheels' outer faces on the side that is seen."""
    glow = light.ambient + light.sun_strength * 0.5
    greys = [14.0, 26 * glow + 8, 60 * glow, *[165 * glow] * _SPOKES]
    for side in (1.0, -1.0):
        towards = pose.turned(np.array([0.0, side, 0.0]))
        at = pose.placed(np.array([0.0, side * MODELS[name].track, 0.3]))
        if (camera.position - at) @ towards <= 0:
            continue
        for discs in onto(pose.placed(_wheels(name, side, pose.rolled))):
            for corners, grey in zip(discs, greys, strict=True):
                brush.fill(canvas, corners, (grey, grey, grey, 255.0), smooth=smooth)


def _wheels(name: str, side: float, rolled: float) -> Floats:
    """Return each wheel's arch, tyre, rim and spokes: wheels x parts x corners x 3."""
    model = MODELS[name]
    found = []
    for axle in model.wheels:
        hub = np.array([axle, side * model.track, model.wheel])
        parts = [_circle(model.wheel * share) + hub for share in (1.17, 1.0, 0.66)]
        parts[0][:, 2] = np.maximum(parts[0][:, 2], 0.12)
        for spoke in range(_SPOKES):
            turn = rolled / model.wheel + spoke * 2 * np.pi / _SPOKES
            out = np.array([np.cos(turn), 0.0, -np.sin(turn)]) * model.wheel * 0.64
            wide = np.array([np.sin(turn), 0.0, np.cos(turn)]) * model.wheel * 0.11
            corners = np.array([wide, -wide, out - wide, out + wide]) + hub
            parts.append(np.vstack([corners, np.repeat(corners[-1:], CORNERS - 4, axis=0)]))
        found.append(parts)
    return np.array(found)


def _print(patch: Image, flat: Print, pose: Pose, light: Light, camera: Camera,
           low: NDArray[np.int64]) -> None:  # fmt: skip
    """Lay a flat picture on the vehicle, if its face is seen."""
    world = pose.placed(flat.corners)
    outward = np.cross(world[1] - world[0], world[0] - world[3])
    away = world.mean(axis=0) - camera.position
    if away @ outward >= 0 or camera.depths(world).min() < NEAR:
        return
    pixels = (camera.pixels(world) - low).astype(np.float32)
    left, top = np.floor(pixels.min(axis=0)).astype(int) - 1
    right, bottom = np.ceil(pixels.max(axis=0)).astype(int) + 2
    left, top = max(0, int(left)), max(0, int(top))
    right, bottom = min(patch.shape[1], int(right)), min(patch.shape[0], int(bottom))
    if right - left < 2 or bottom - top < 2:
        return
    wanted = float(np.linalg.norm(pixels[1] - pixels[0]))
    source = next((s for s in reversed(flat.sizes) if s.shape[1] >= wanted * 0.9), flat.sizes[0])
    height, width = source.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    turn = cv2.getPerspectiveTransform(corners, pixels - np.array([left, top], np.float32))
    laid = cv2.warpPerspective(source, turn, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
    bright = _brightness(flat, world, outward, light, camera)
    toned = brush.times(np.asarray(laid, np.uint8), (*bright, 1.0))
    brush.over(patch[top:bottom, left:right], toned)


def _brightness(flat: Print, world: Floats, outward: Floats, light: Light, camera: Camera
                ) -> tuple[float, float, float]:  # fmt: skip
    normal = outward / np.linalg.norm(outward)
    sun = np.array(light.sun) / np.linalg.norm(light.sun)
    distance = float(np.linalg.norm(world.mean(axis=0) - camera.position))
    lit = (
        light.ambient * 0.85
        + light.sun_strength * max(0.0, float(normal @ sun))
        + 0.12 * (light.sun_strength)
    )
    lit += light.own_lamp * min(1.3, (9.0 / distance) ** 2) * flat.shine
    blue, green, red = (min(1.0, lit) * factor for factor in light.tint)
    return min(1.0, blue), min(1.0, green), min(1.0, red)


def shade(name: str, pose: Pose, light: Light, camera: Camera, picture: Image) -> None:
    """Darken the ground under the vehicle, and where it keeps the sun off, in place."""
    cloud = mesh(name).cloud
    foot = cv2.convexHull((cloud[:, :2] * [0.97, 0.94]).astype(np.float32))[:, 0]
    ground = pose.placed(np.column_stack([foot.astype(np.float64), np.zeros(len(foot))]))
    if camera.depths(ground).min() < NEAR:
        return
    sun = np.array(light.sun)
    cast = ground - np.array([sun[0], sun[1], 0.0]) / sun[2] * cloud[:, 2].max() * 0.85
    under, both = camera.pixels(ground), camera.pixels(np.vstack([ground, cast]))
    low = np.maximum(np.floor(both.min(axis=0)).astype(int) - 24, 0)
    high = np.minimum(np.ceil(both.max(axis=0)).astype(int) + 24, camera.size)
    if (high - low).min() < 8:
        return
    coarse = 4
    width, height = (int(n) for n in high - low)
    mask = np.full((height // coarse + 1, width // coarse + 1), 255, np.uint8)
    for corners, tone in ((both, 255 - 170 * light.sun_strength), (under, 64.0)):
        brush.fill(mask, brush.hull(corners - low, 1 / coarse), (tone,), smooth=True)
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.8, width / coarse / 90))
    full = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    brush.dimmed(picture[low[1] : high[1], low[0] : high[0]], np.asarray(full, np.uint8))


def lay(patch: Patch, picture: Image) -> None:
    """Lay the patch over the picture, in place."""
    height, width = patch.colours.shape[:2]
    brush.over(
        picture[patch.top : patch.top + height, patch.left : patch.left + width], patch.colours
    )
