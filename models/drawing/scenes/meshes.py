"""A model's faces: the solid of its bodies cut into quads, and what is fixed upon them.

Bodies are closed by quads, sorted by distance when drawn. Lamps, windows and gaps lie upon
a body, so they are drawn after it in their own order and only where they face the camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from models.drawing.scenes.bodies import MODELS, Stuff
from models.drawing.scenes.camera import Floats
from models.drawing.scenes.fittings import Fitting, fittings, mirrors
from models.drawing.scenes.solids import Solid

CORNERS = 20  # of the roundest fitting; others repeat their last corner
_ACROSS = (-1.0, -0.92, -0.7, -0.4, 0.0, 0.4, 0.7, 0.92, 1.0)
_STATIONS = 26
_ROWS = 8
_DIRECTIONS = 400  # leaves 60 to 120 points and errs by less than a centimetre
_PAINTED = ("paint", "box", "cloth", "helmet", "dash")  # what is drawn smoothly


@dataclass(frozen=True, slots=True)
class Faces:
    corners: Floats  # faces x corners x 3
    normals: Floats  # faces x 3, outward
    stuffs: tuple[Stuff, ...]


@dataclass(frozen=True, slots=True)
class Mesh:
    """Faces in the vehicle's own axes: x ahead, y to its left, z up."""

    skin: Faces  # painted, of four corners each
    trim: Faces  # the strips of another stuff: glass, bumpers
    fittings: Faces  # of CORNERS corners each, in the order in which they are laid on
    cloud: Floats  # the points whose hull is the vehicle's outline
    front_plate: Floats  # the middle of where a plate is screwed on
    rear_plate: Floats
    headlamps: Floats  # the middles of those that shine
    tails: Floats


@lru_cache(maxsize=32)
def mesh(name: str) -> Mesh:
    """Return the faces of the model of this name."""
    model = MODELS[name]
    solids = [Solid(body) for body in model.bodies]
    shell = [face for solid in solids for face in (*_strips(solid), *_sides(solid))]
    shell_and_mirrors = [face for face in shell if face.stuff in _PAINTED]
    skin = _faces(shell_and_mirrors + mirrors(model, solids[0]), 4)
    trim = _faces([face for face in shell if face.stuff not in _PAINTED], 4)
    wheels = [
        (axle + reach * model.wheel, side * model.track, height)
        for axle in model.wheels
        for side in (1.0, -1.0)
        for reach, height in ((-0.6, 0.0), (0.6, 0.0), (-1, model.wheel), (1, model.wheel))
    ]
    front, rear = solids[0].front(model.front_plate), solids[-1].rear(model.rear_plate)
    upon = _faces(fittings(model, solids), CORNERS)
    return Mesh(
        skin,
        trim,
        upon,
        _outermost(np.vstack([part.corners.reshape(-1, 3) for part in (skin, trim)] + [wheels])),
        np.array([front + 0.03, 0.0, model.front_plate]),
        np.array([rear - 0.03, 0.0, model.rear_plate]),
        _middles(upon, "lamp"),
        _middles(upon, "tail-lit"),
    )


def _outermost(points: Floats) -> Floats:
    """Return the points that lie farthest out in some direction: enough for any outline."""
    number = np.arange(_DIRECTIONS) + 0.5
    rise = 1 - 2 * number / _DIRECTIONS
    turn = np.pi * (1 + np.sqrt(5)) * number  # a golden spiral covers the sphere evenly
    flat = np.sqrt(1 - rise**2)
    directions = np.stack([flat * np.cos(turn), flat * np.sin(turn), rise])
    found: Floats = points[np.unique((points @ directions).argmax(axis=0))]
    return found


def _middles(faces: Faces, stuff: Stuff) -> Floats:
    chosen = [index for index, one in enumerate(faces.stuffs) if one == stuff]
    middles: Floats = faces.corners[chosen].mean(axis=1)
    return middles


def _faces(found: list[Fitting], corners: int) -> Faces:
    kept, normals, stuffs = [], [], []
    for fitting in found:
        points = fitting.points
        normal = np.cross(points[2] - points[0], points[-1] - points[1])
        length = np.linalg.norm(normal)
        if length < 1e-9:
            continue  # the tip of a profile, where a quad has no area
        kept.append(np.vstack([points, np.repeat(points[-1:], corners - len(points), axis=0)]))
        normals.append(normal / length * (1 if normal @ fitting.outward >= 0 else -1))
        stuffs.append(fitting.stuff)
    return Faces(np.array(kept), np.array(normals), tuple(stuffs))


def _strips(solid: Solid) -> list[Fitting]:
    """Return the strips from the front over the roof to the rear."""
    shares = np.array(_ACROSS)
    same = np.ones(len(shares))
    rows = [solid.placed(same * x, shares, same * z) for x, z in solid.points]
    heart = np.array([solid.middle, 0.0, solid.top * 0.45])
    found = []
    for stuff, lower, upper in zip(solid.stuffs, rows[:-1], rows[1:], strict=True):
        for column in range(len(shares) - 1):
            points = np.array([lower[column], lower[column + 1], upper[column + 1], upper[column]])
            is_pillar = stuff == "glass" and column in (0, len(shares) - 2)
            found.append(Fitting(points, "paint" if is_pillar else stuff, points.mean(0) - heart))
    return found


def _sides(solid: Solid) -> list[Fitting]:
    ends = solid.points[:, 0]
    stations = np.linspace(ends.min() + 0.005, ends.max() - 0.005, _STATIONS)
    rise = np.linspace(0.0, 1.0, _ROWS, dtype=np.float64)
    columns = []
    for x in stations:
        low, high = solid.heights(float(x))
        columns.append(solid.placed(np.full(_ROWS, x), np.ones(_ROWS), low + (high - low) * rise))
    found = []
    for one, other in pairwise(columns):
        for row in range(_ROWS - 1):
            points = np.array([one[row], other[row], other[row + 1], one[row + 1]])
            stuff = solid.body.side
            if solid.body.nose and points[:, 2].mean() < solid.body.sill + 0.06:
                stuff = "trim"
            for side in (1.0, -1.0):
                found.append(Fitting(points * [1, side, 1], stuff, np.array([0, side, 0.0])))
    return found
