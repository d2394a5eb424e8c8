"""What colour a face has: diffuse light, and what it mirrors of sky, houses and ground."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.drawing.scenes.bodies import Stuff
from models.drawing.scenes.camera import NEAR, Camera, Floats
from models.drawing.scenes.light import Colour, Light
from models.drawing.scenes.meshes import Faces
from models.drawing.scenes.movement import Pose

_ALBEDO: dict[Stuff, Colour] = {
    "paint": (0, 0, 0), "glass": (30, 28, 26), "glow": (64, 60, 56), "trim": (34, 34, 36),
    "rubber": (26, 26, 27), "black": (14, 14, 15), "grille": (17, 17, 18),
    "bar": (84, 84, 84), "housing": (96, 98, 100), "lamp": (236, 238, 240),
    "tail": (26, 16, 128), "tail-lit": (44, 34, 190), "reverse": (170, 170, 190),
    "chrome": (150, 150, 150), "box": (214, 216, 218), "seam": (18, 18, 18),
    "dash": (22, 22, 23), "seat": (42, 40, 38), "cloth": (66, 54, 48), "face": (84, 102, 132),
    "helmet": (168, 170, 176),
}  # fmt: skip
_MIRRORING: dict[Stuff, float] = {
    "paint": 0.07, "glass": 0.16, "chrome": 0.5, "lamp": 0.25, "housing": 0.35, "tail": 0.10,
    "tail-lit": 0.12, "helmet": 0.1,
}  # fmt: skip


class SeenFaces:
    """Faces where a pose puts them, as seen from a camera."""

    def __init__(self, faces: Faces, pose: Pose, camera: Camera) -> None:
        self.corners = pose.placed(faces.corners)
        self._faces = faces
        self._normals = pose.turned(faces.normals)
        self._from_camera = self.corners[:, :4].mean(axis=1) - camera.position
        self._distance = np.linalg.norm(self._from_camera, axis=1, keepdims=True)
        self._depth = camera.depths(self.corners[:, :4]).min(axis=1)

    def farthest_first(self) -> NDArray[np.int64]:
        """Return the faces that look at the camera, in the order in which they cover."""
        found = self.facing()
        return found[np.argsort(-self._distance[found, 0])]

    def facing(self) -> NDArray[np.int64]:
        towards = (self._from_camera * self._normals).sum(axis=1) < 0
        return np.flatnonzero(towards & (self._depth > NEAR))

    def colours(
        self, chosen: NDArray[np.int64], paint: Colour, light: Light, *, braking: bool
    ) -> Floats:
        """Return the colour of each chosen face (faces x 3) under this light."""
        stuffs = self._faces.stuffs
        is_paint = _which(stuffs, "paint")[chosen, None]
        albedo = np.where(is_paint, np.array(paint), _albedos(stuffs)[chosen])
        normals, distance = self._normals[chosen], self._distance[chosen]
        look = self._from_camera[chosen] / distance
        facing = np.clip(-(look * normals).sum(axis=1, keepdims=True), 0, 1)
        sun = np.array(light.sun) / np.linalg.norm(light.sun)
        lit = light.ambient * (0.62 + 0.38 * normals[:, 2:])
        lit = lit + light.sun_strength * np.clip(normals @ sun[:, None], 0, 1)
        lit = lit + light.own_lamp * facing * np.minimum(1.6, (9.0 / distance) ** 2)
        mirroring = _mirrorings(stuffs)[chosen]
        fresnel = mirroring + (1 - mirroring) * (1 - facing) ** 5 * (mirroring > 0) * 0.8
        world = _surroundings((look + 2 * facing * normals)[:, 2:], light)
        found: Floats = albedo * lit * np.array(light.tint) * (1 - fresnel) + world * fresnel
        for stuff, glow in _shining(light, braking=braking):
            shines = _which(stuffs, stuff)[chosen]
            found[shines] = np.maximum(found[shines], glow)
        return np.clip(found, 0, 255)


def _shining(light: Light, *, braking: bool) -> tuple[tuple[Stuff, Colour], ...]:
    """Return what shines by itself, and how."""
    if not light.lamps_on and not braking:
        return ()
    heart, rim = ((90, 80, 255), (50, 40, 230)) if braking else ((50, 40, 225), (26, 16, 150))
    tails: tuple[tuple[Stuff, Colour], ...] = (("tail-lit", heart), ("tail", rim))
    return (*tails, ("lamp", (255, 255, 255))) if light.lamps_on else tails


def _surroundings(upward: Floats, light: Light) -> Floats:
    """Return what a mirror throws back: sky above, a dark band of houses, the ground below."""
    horizon, zenith = np.array(light.horizon), np.array(light.zenith)
    sky = horizon + (zenith - horizon) * np.clip(upward * 1.2, 0, 1)
    ground = horizon * 0.45 * np.clip(1 + upward, 0.4, 1)
    seen: Floats = np.where(upward > 0.16, sky, np.where(upward > -0.02, horizon * 0.35, ground))
    return seen


@lru_cache(maxsize=64)
def _albedos(stuffs: tuple[Stuff, ...]) -> Floats:
    return np.array([_ALBEDO[stuff] for stuff in stuffs], dtype=np.float64)


@lru_cache(maxsize=64)
def _mirrorings(stuffs: tuple[Stuff, ...]) -> Floats:
    return np.array([[_MIRRORING.get(stuff, 0.0)] for stuff in stuffs])


@lru_cache(maxsize=256)
def _which(stuffs: tuple[Stuff, ...], stuff: str) -> NDArray[np.bool_]:
    return np.array([one == stuff for one in stuffs])
