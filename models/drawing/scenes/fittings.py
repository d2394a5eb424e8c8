"""What is fixed upon a body: lamps, grille, windows, gaps, mirrors, people behind glass.

Networks know a car by these more than by its shape: without tail lamps that wrap round the
corner, a rear is taken for a bus.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.drawing.scenes.bodies import Model, Outline, Stuff
from models.drawing.scenes.camera import Floats
from models.drawing.scenes.solids import Solid, ellipse, oblong, shrunk

_BOTH: Final = (1.0, -1.0)
_AHEAD: Final = np.array([1.0, 0.0, 0.0])


@dataclass(frozen=True, slots=True)
class Fitting:
    points: Floats
    stuff: Stuff
    outward: Floats  # only its half space matters


def fittings(model: Model, solids: Sequence[Solid]) -> list[Fitting]:
    """Return what is fixed upon the bodies, in the order in which it is laid on."""
    front, rear = solids[0], solids[-1]
    found = [fitting for solid in solids for fitting in _windows(solid)]
    if model.grille:
        found += _inside(front) + _front(model, front)
    if model.headlamp:
        found += _headlamps(model, front)
    found += _rear(model, rear)
    if rear.body.side == "box":
        found += _box_frame(rear)
    return found + _seams(model, front)


def _front(model: Model, solid: Solid) -> list[Fitting]:
    shapes: list[tuple[Stuff, Outline]] = []
    low, high = model.grille[-1][1], model.grille[0][1]
    eyes_low = min(z for _, z in model.headlamp)
    eyes_high = max(z for _, z in model.headlamp)
    shapes.append(("seam", oblong(-0.93, 0.93, eyes_high + 0.035, eyes_high + 0.055)))
    shapes.append(("seam", oblong(-0.9, 0.9, eyes_low - 0.07, eyes_low - 0.055)))
    shapes += [("chrome", shrunk(model.grille, 1.06)), ("grille", model.grille)]
    for z in np.linspace(low, high, 6)[1:-1]:
        wide = float(np.interp(z, [low, high], [model.grille[2][0], model.grille[1][0]])) * 0.97
        shapes.append(("bar", oblong(-wide, wide, z - 0.006, z + 0.008)))
    shapes.append(("chrome", ellipse(0.0, (low + high) / 2, 0.085, 0.06)))
    if model.intake:
        shapes.append(("grille", model.intake))
        middle = sum(z for _, z in model.intake) / len(model.intake)
        shapes.append(("trim", oblong(-0.95, 0.95, solid.body.sill - 0.02, solid.body.sill + 0.02)))
        for side in _BOTH:
            pocket = ((0.66, middle - 0.05), (0.90, middle - 0.03), (0.93, middle + 0.12),
                      (0.70, middle + 0.06))  # fmt: skip
            shapes.append(("grille", _sided(pocket, side)))
            shapes.append(("chrome", _sided(ellipse(0.79, middle + 0.02, 0.05, 0.035), side)))
    z = model.front_plate
    shapes.append(("black", oblong(-0.22, 0.22, z - 0.095, z + 0.095)))
    return [Fitting(solid.on_front(outline), stuff, _AHEAD) for stuff, outline in shapes]


def _headlamps(model: Model, solid: Solid) -> list[Fitting]:
    shapes: list[tuple[Stuff, Outline]] = []
    low = min(z for _, z in model.headlamp)
    high = max(z for _, z in model.headlamp)
    for side in _BOTH:
        lamp = _sided(model.headlamp, side)
        left, right = min(s for s, _ in lamp), max(s for s, _ in lamp)
        shapes += [("black", shrunk(lamp, 1.06)), ("housing", lamp)]
        for share in (0.36, 0.68):
            at = left + (right - left) * (share if side > 0 else 1 - share)
            up = low + (high - low) * 0.52
            radius = (high - low) * 0.30
            shapes.append(("chrome", ellipse(at, up, radius * 1.15, radius)))
            shapes.append(("lamp", ellipse(at, up, radius * 0.86, radius * 0.75)))
    return [Fitting(solid.on_front(outline), stuff, _AHEAD) for stuff, outline in shapes]


def _rear(model: Model, solid: Solid) -> list[Fitting]:
    shapes: list[tuple[Stuff, Outline]] = []
    sill, z = solid.body.sill, model.rear_plate
    if solid.body.nose:
        bumper = min(zz for _, zz in model.tail) - 0.09
        shapes += [
            ("seam", oblong(-0.94, 0.94, bumper, bumper + 0.016)),
            ("trim", oblong(-0.66, 0.66, sill, sill + 0.12)),
            ("trim", oblong(-0.40, 0.40, z - 0.11, z + 0.11)),
            ("chrome", oblong(-0.38, 0.38, z + 0.105, z + 0.125)),
            ("chrome", ellipse(0.0, z + 0.17, 0.06, 0.035)),
        ]
        for side in _BOTH:
            shapes += [
                ("seam", _sided(oblong(0.70, 0.715, bumper, z + 0.16), side)),
                ("chrome", _sided(oblong(0.44, 0.60, z + 0.02, z + 0.05), side)),
                ("chrome", _sided(oblong(0.52, 0.66, sill + 0.01, sill + 0.06), side)),
                ("black", _sided(oblong(0.53, 0.65, sill + 0.015, sill + 0.05), side)),
            ]
    shapes += _doors(model, solid)
    for side in _BOTH:
        tail = _sided(model.tail, side)
        shapes += [
            ("black", shrunk(tail, 1.06)),
            ("tail", tail),
            ("tail-lit", shrunk(tail, 0.62)),
            ("reverse", shrunk(tail, 0.26)),
            ("tail", _sided(oblong(0.64, 0.88, sill + 0.16, sill + 0.19), side)),
        ]
    return [Fitting(solid.on_rear(outline), stuff, -_AHEAD) for stuff, outline in shapes]


def _doors(model: Model, solid: Solid) -> list[tuple[Stuff, Outline]]:
    """Return a van's two doors or a box's rolling one; a car's boot has its gaps already."""
    top = solid.top
    if not solid.body.nose and top < 2.0:
        return []  # a trailer, a motorcycle
    if not solid.body.nose:
        low = model.rear_plate + 0.2
        slats: list[tuple[Stuff, Outline]] = [
            ("bar", oblong(-0.9, 0.9, float(z), float(z) + 0.012))
            for z in np.arange(low, top - 0.2, 0.22)
        ]
        frame = [("seam", _sided(oblong(0.9, 0.93, low, top - 0.1), side)) for side in _BOTH]
        return [*slats, *frame, ("chrome", oblong(-0.08, 0.08, low + 0.02, low + 0.08))]  # type: ignore[list-item]  # a name is no Stuff to mypy
    if top < 2.0:
        return [*_rear_window(solid), ("tail", oblong(-0.14, 0.14, top - 0.14, top - 0.11))]
    shapes: list[tuple[Stuff, Outline]] = [("seam", oblong(-0.01, 0.01, 0.6, top - 0.1))]
    for side in _BOTH:
        window = _sided(oblong(0.12, 0.74, solid.body.belt + 0.06, top - 0.28), side)
        shapes += [
            ("black", shrunk(window, 1.08)),
            ("glass", window),
            ("seam", _sided(oblong(0.9, 0.915, 0.6, top - 0.1), side)),
            ("black", _sided(oblong(0.86, 0.94, 0.9, 0.98), side)),
            ("black", _sided(oblong(0.86, 0.94, top - 0.5, top - 0.42), side)),
            ("black", _sided(oblong(0.03, 0.07, 1.0, 1.16), side)),
        ]
    return shapes


def _rear_window(solid: Solid) -> list[tuple[Stuff, Outline]]:
    """Return head rests behind the rear window, a streak of sky on it and its wiper."""
    behind = [
        (high[1], low[1])
        for low, high, stuff in zip(solid.points[:-1], solid.points[1:], solid.stuffs, strict=True)
        if stuff == "glass" and low[1] > high[1]
    ]
    foot, head = float(behind[-1][0]), float(behind[0][1])
    rise = head - foot
    rests: list[tuple[Stuff, Outline]] = [
        ("seat", _sided(oblong(0.30, 0.56, foot + 0.02, foot + 0.42 * rise), side))
        for side in _BOTH
    ]
    streak = ((-0.72, foot + 0.3 * rise), (-0.1, foot + 0.5 * rise), (0.2, head - 0.03),
              (-0.66, head - 0.03))  # fmt: skip
    wiper = ((-0.05, foot), (0.40, foot + 0.16 * rise), (0.40, foot + 0.22 * rise),
             (-0.05, foot + 0.05))  # fmt: skip
    return [("glow", streak), *rests, ("black", wiper)]


def _inside(solid: Solid) -> list[Fitting]:
    """Return what shows through the windscreen: seats, a driver, the wipers at its foot."""
    foot, head = solid.screen()
    rise = head - foot
    low, high = foot + 0.12 * rise, foot + 0.68 * rise
    shapes: list[tuple[Stuff, Outline]] = [
        ("glow", ((-0.86, foot + rise / 9), (-0.2, foot + rise / 9), (0.1, head), (-0.7, head))),
        ("seat", ((-0.62, low), (-0.22, low), (-0.28, high), (-0.56, high))),
        ("seat", ((0.22, low), (0.62, low), (0.56, high), (0.28, high))),
        ("cloth", ((0.20, low), (0.66, low), (0.54, high - 0.3 * rise), (0.32, high - 0.3 * rise))),
        ("face", ellipse(0.43, high - 0.14 * rise, 0.08, 0.2 * rise)),
        ("dash", oblong(-0.86, 0.86, foot, low)),
        ("black", oblong(-0.09, 0.09, head - 0.2 * rise, head - 0.08 * rise)),
        ("black", ((-0.72, foot - 0.01), (-0.66, foot - 0.01), (0.0, low), (0.0, low + 0.03))),
        ("black", ((0.02, foot - 0.01), (0.08, foot - 0.01), (0.74, low), (0.74, low + 0.03))),
    ]  # fmt: skip
    return [Fitting(solid.on_front(outline), stuff, _AHEAD) for stuff, outline in shapes]


def _windows(solid: Solid) -> list[Fitting]:
    found = []
    for outline in solid.body.windows:
        for side in _BOTH:
            outward = np.array([0.0, side, 0.0])
            found.append(Fitting(solid.on_side(shrunk(outline, 1.08), side), "black", outward))
            found.append(Fitting(solid.on_side(outline, side), "glass", outward))
    return found


def _box_frame(solid: Solid) -> list[Fitting]:
    """Return the rails and posts along a cargo box, and its side lamps."""
    xs = solid.points[:, 0]
    rear, front, low, top = float(xs.min()), float(xs.max()), solid.body.sill + 0.1, solid.top
    shapes: list[tuple[Stuff, Outline]] = [
        ("bar", oblong(rear, front, low, low + 0.10)),
        ("bar", oblong(rear, front, top - 0.08, top)),
        *(
            ("seam", oblong(float(x), float(x) + 0.02, low, top))
            for x in np.linspace(rear, front, 6)[1:-1]
        ),
        *(
            ("tail-lit", oblong(x, x + 0.1, low + 0.02, low + 0.07))
            for x in (rear + 0.2, rear + 2.6)
        ),
    ]
    return [
        Fitting(solid.on_side(outline, side), stuff, np.array([0.0, side, 0.0]))
        for stuff, outline in shapes
        for side in _BOTH
    ]


def _seams(model: Model, solid: Solid) -> list[Fitting]:
    found = []
    for x in model.seams:
        belt = solid.body.belt
        gap = oblong(x, x + 0.02, solid.body.sill + 0.08, belt)
        handle = oblong(x + 0.16, x + 0.36, belt - 0.14, belt - 0.105)
        for side in _BOTH:
            outward = np.array([0.0, side, 0.0])
            found.append(Fitting(solid.on_side(gap, side), "seam", outward))
            if x != model.seams[0]:
                found.append(Fitting(solid.on_side(handle, side), "black", outward))
    return found


def mirrors(model: Model, solid: Solid) -> list[Fitting]:
    """Return the mirrors, which are sorted with the skin: a van's body hides them from behind."""
    if model.mirror is None:
        return []
    x, z = model.mirror
    found = []
    for side in _BOTH:
        inner = float(solid.on_side(((x, z),), side)[0, 1])
        outer, low, high = inner + side * 0.19, z - 0.02, z + 0.13
        for depth, ahead in ((x + 0.06, 1.0), (x - 0.06, -1.0)):
            shell = np.array(
                [(depth, inner, low), (depth, outer, low + 0.02), (depth, outer, high),
                 (depth, inner, high - 0.03)]
            )  # fmt: skip
            found.append(Fitting(shell, "paint" if ahead > 0 else "black", _AHEAD * ahead))
        cap = np.array(
            [(x - 0.06, outer, low), (x + 0.06, outer, low), (x + 0.06, outer, high),
             (x - 0.06, outer, high)]
        )  # fmt: skip
        found.append(Fitting(cap, "paint", np.array([0.0, side, 0.0])))
    return found


def _sided(outline: Outline, side: float) -> Outline:
    return tuple((share * side, z) for share, z in outline)
