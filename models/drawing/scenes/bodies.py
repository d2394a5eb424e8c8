"""What vehicles are shaped like: side profiles and where lamps and windows sit, as data.

A body is everything inside its side profile and within a half width that bulges at the
doors, leans in above the belt and tapers towards both ends. x runs from the rear bumper
(negative) to the front, z up from the road; metres. Measures are those of ordinary cars
(a sedan of 4.7 m, a pickup of 5.6 m), rounded; nobody's model is copied.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from edge.values import Vehicle

Stuff = Literal[
    "paint", "glass", "glow", "trim", "rubber", "black", "grille", "bar", "housing", "lamp",
    "tail", "tail-lit", "reverse", "chrome", "box", "seam", "dash", "seat", "cloth", "face",
    "helmet",
]  # fmt: skip

Profile = tuple[tuple[float, float, Stuff], ...]
"""Points (x, z) from the front's lowest round over the roof to the rear's lowest; the
stuff is that of the strip which begins at the point."""

Outline = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Body:
    """One closed shape of a vehicle."""

    profile: Profile
    width: float
    belt: float  # above it the sides lean in
    roof_share: float  # the roof's width against the doors'
    nose: float  # how far the middle of front and rear bow out beyond the corners
    windows: tuple[Outline, ...] = ()  # on the side: (x, z)
    sill: float = 0.24
    side: Stuff = "paint"


@dataclass(frozen=True, slots=True)
class Model:
    """A vehicle's bodies and what is mounted on them; fronts in (share of half width, z)."""

    kind: Vehicle
    bodies: tuple[Body, ...]
    wheels: tuple[float, ...]  # x of the axles
    wheel: float  # radius
    track: float  # half the distance of the wheels' outer faces
    front_plate: float  # z of the plate's middle
    rear_plate: float
    headlamp: Outline = ()
    grille: Outline = ()
    intake: Outline = ()
    tail: Outline = ()
    mirror: tuple[float, float] | None = None
    seams: tuple[float, ...] = ()  # x of the door gaps
    tyre: float = 0.24  # width

    @property
    def length(self) -> float:
        xs = [x for body in self.bodies for x, _, _ in body.profile]
        return max(xs) - min(xs)

    @property
    def front(self) -> float:
        return max(x for body in self.bodies for x, _, _ in body.profile)

    @property
    def rear(self) -> float:
        return min(x for body in self.bodies for x, _, _ in body.profile)


def _sedan_front(top: float) -> Profile:
    return (
        (2.22, 0.20, "trim"), (2.34, 0.27, "paint"), (2.37, 0.44, "paint"), (2.34, 0.58, "paint"),
        (2.30, 0.66, "paint"), (2.20, 0.78, "paint"), (2.02, top - 0.09, "paint"),
        (1.60, top - 0.03, "paint"), (1.22, top, "black"), (1.12, top + 0.02, "glass"),
    )  # fmt: skip


SEDAN = Model(
    kind="car",
    bodies=(
        Body(
            profile=(
                *_sedan_front(0.98),
                (0.42, 1.36, "paint"), (0.22, 1.42, "paint"), (-0.30, 1.45, "paint"),
                (-0.90, 1.40, "glass"), (-1.62, 1.08, "paint"), (-1.85, 1.06, "paint"),
                (-2.24, 1.03, "paint"), (-2.32, 0.92, "paint"), (-2.34, 0.66, "paint"),
                (-2.37, 0.58, "paint"), (-2.37, 0.40, "trim"), (-2.26, 0.22, "trim"),
            ),
            width=1.82, belt=0.92, roof_share=0.70, nose=0.22,
            windows=(
                ((0.98, 1.00), (0.38, 1.32), (0.02, 1.37), (0.02, 0.97)),
                ((-0.06, 0.97), (-0.06, 1.37), (-0.55, 1.37), (-0.90, 1.32), (-1.00, 1.00)),
                ((-1.06, 1.01), (-0.98, 1.28), (-1.42, 1.06)),
            ),
        ),
    ),
    wheels=(1.42, -1.38), wheel=0.33, track=0.89, front_plate=0.47, rear_plate=0.83,
    headlamp=((0.48, 0.64), (0.56, 0.75), (0.97, 0.83), (0.98, 0.70), (0.80, 0.62)),
    grille=((-0.44, 0.73), (0.44, 0.73), (0.36, 0.56), (-0.36, 0.56)),
    intake=((-0.60, 0.37), (0.60, 0.37), (0.52, 0.24), (-0.52, 0.24)),
    tail=((0.46, 0.78), (0.50, 0.97), (0.98, 0.99), (0.99, 0.74)),
    mirror=(0.80, 1.02), seams=(1.02, -0.02, -1.02),
)  # fmt: skip

HATCH = replace(
    SEDAN,
    bodies=(
        Body(
            profile=(
                (1.88, 0.20, "trim"), (2.00, 0.27, "paint"), (2.02, 0.46, "paint"),
                (1.98, 0.62, "paint"), (1.90, 0.78, "paint"), (1.74, 0.90, "paint"),
                (1.40, 0.98, "paint"), (1.14, 1.02, "black"), (1.05, 1.05, "glass"),
                (0.44, 1.42, "paint"), (0.20, 1.48, "paint"), (-0.60, 1.50, "paint"),
                (-1.45, 1.42, "glass"), (-1.80, 1.06, "paint"), (-1.95, 0.96, "paint"),
                (-1.98, 0.62, "paint"), (-2.02, 0.55, "paint"), (-2.02, 0.38, "trim"),
                (-1.92, 0.22, "trim"),
            ),
            width=1.76, belt=0.96, roof_share=0.72, nose=0.20,
            windows=(
                ((0.95, 1.05), (0.40, 1.37), (0.02, 1.42), (0.02, 1.02)),
                ((-0.06, 1.02), (-0.06, 1.42), (-0.85, 1.42), (-0.98, 1.06)),
                ((-1.04, 1.08), (-0.95, 1.38), (-1.30, 1.36), (-1.50, 1.12)),
            ),
        ),
    ),
    wheels=(1.25, -1.22), wheel=0.31, track=0.86, rear_plate=0.80,
    tail=((0.66, 0.78), (0.70, 1.02), (0.97, 1.04), (0.98, 0.80)),
    seams=(0.98, -0.02, -1.00),
)  # fmt: skip

SUV = replace(
    SEDAN,
    bodies=(
        Body(
            profile=(
                (2.14, 0.30, "trim"), (2.28, 0.36, "trim"), (2.32, 0.52, "paint"),
                (2.30, 0.78, "paint"), (2.24, 0.94, "paint"), (2.05, 1.07, "paint"),
                (1.60, 1.12, "paint"), (1.25, 1.15, "black"), (1.15, 1.18, "glass"),
                (0.62, 1.64, "paint"), (0.40, 1.72, "paint"), (-0.60, 1.76, "paint"),
                (-1.85, 1.70, "glass"), (-2.16, 1.22, "paint"), (-2.28, 1.08, "paint"),
                (-2.30, 0.70, "paint"), (-2.35, 0.62, "trim"), (-2.35, 0.44, "trim"),
                (-2.22, 0.32, "trim"),
            ),
            width=1.92, belt=1.10, roof_share=0.72, nose=0.20, sill=0.34,
            windows=(
                ((1.02, 1.19), (0.58, 1.57), (0.10, 1.66), (0.10, 1.15)),
                ((0.02, 1.15), (0.02, 1.66), (-0.85, 1.66), (-0.95, 1.17)),
                ((-1.02, 1.18), (-0.94, 1.65), (-1.72, 1.60), (-1.92, 1.24)),
            ),
        ),
    ),
    wheels=(1.42, -1.42), wheel=0.38, track=0.94, front_plate=0.60, rear_plate=0.92,
    headlamp=((0.56, 0.84), (0.58, 0.96), (0.97, 0.99), (0.98, 0.87), (0.82, 0.83)),
    grille=((-0.50, 0.95), (0.50, 0.95), (0.44, 0.71), (-0.44, 0.71)),
    intake=((-0.66, 0.50), (0.66, 0.50), (0.56, 0.40), (-0.56, 0.40)),
    tail=((0.74, 0.86), (0.74, 1.20), (0.97, 1.22), (0.98, 0.88)),
    mirror=(0.86, 1.20), seams=(1.05, 0.06, -0.98),
)  # fmt: skip

PICKUP = replace(
    SUV,
    kind="truck",
    bodies=(
        Body(
            profile=(
                (2.66, 0.36, "chrome"), (2.80, 0.42, "chrome"), (2.82, 0.60, "paint"),
                (2.80, 0.92, "paint"), (2.72, 1.08, "paint"), (2.50, 1.17, "paint"),
                (1.60, 1.22, "black"), (1.50, 1.25, "glass"),
                (0.92, 1.74, "paint"), (0.70, 1.82, "paint"), (-0.40, 1.84, "paint"),
                (-0.72, 1.78, "glass"), (-0.86, 1.24, "paint"), (-0.92, 1.16, "black"),
                (-2.70, 1.14, "paint"), (-2.76, 1.10, "paint"), (-2.76, 0.64, "chrome"),
                (-2.86, 0.60, "chrome"), (-2.86, 0.44, "trim"), (-2.70, 0.38, "trim"),
            ),
            width=2.00, belt=1.17, roof_share=0.74, nose=0.16, sill=0.42,
            windows=(
                ((1.34, 1.26), (0.88, 1.66), (0.46, 1.73), (0.46, 1.22)),
                ((0.38, 1.22), (0.38, 1.73), (-0.44, 1.73), (-0.56, 1.24)),
            ),
        ),
    ),
    wheels=(1.86, -1.80), wheel=0.41, track=0.98, front_plate=0.52, rear_plate=0.56,
    headlamp=((0.66, 0.86), (0.66, 1.07), (0.97, 1.08), (0.98, 0.88)),
    grille=((-0.60, 1.06), (0.60, 1.06), (0.56, 0.72), (-0.56, 0.72)),
    intake=((-0.50, 0.46), (0.50, 0.46), (0.46, 0.40), (-0.46, 0.40)),
    tail=((0.84, 0.74), (0.84, 1.08), (0.98, 1.08), (0.98, 0.74)),
    mirror=(1.10, 1.30), seams=(1.40, 0.42, -0.62),
)  # fmt: skip

VAN = replace(
    SUV,
    kind="truck",
    bodies=(
        Body(
            profile=(
                (2.42, 0.30, "trim"), (2.55, 0.36, "trim"), (2.58, 0.56, "paint"),
                (2.54, 0.80, "paint"), (2.44, 1.02, "paint"), (2.10, 1.22, "paint"),
                (1.90, 1.30, "black"), (1.84, 1.33, "glass"),
                (1.26, 2.02, "paint"), (1.05, 2.14, "paint"), (0.20, 2.20, "paint"),
                (-2.40, 2.20, "paint"), (-2.50, 2.12, "paint"), (-2.54, 0.62, "trim"),
                (-2.58, 0.56, "trim"), (-2.58, 0.40, "trim"), (-2.46, 0.32, "trim"),
            ),
            width=1.98, belt=1.28, roof_share=0.82, nose=0.16, sill=0.34,
            windows=(((1.66, 1.34), (1.22, 1.88), (0.62, 1.92), (0.62, 1.28)),),
        ),
    ),
    wheels=(1.66, -1.50), wheel=0.36, track=0.96, front_plate=0.52, rear_plate=0.86,
    headlamp=((0.62, 0.86), (0.64, 1.02), (0.97, 1.10), (0.98, 0.90)),
    grille=((-0.50, 0.96), (0.50, 0.96), (0.46, 0.74), (-0.46, 0.74)),
    tail=((0.86, 0.86), (0.86, 1.36), (0.98, 1.36), (0.98, 0.86)),
    mirror=(1.42, 1.46), seams=(1.72, 0.55, -1.10),
)  # fmt: skip

TRUCK = replace(
    VAN,
    bodies=(
        Body(
            profile=(
                (3.62, 0.42, "trim"), (3.74, 0.48, "trim"), (3.76, 0.74, "paint"),
                (3.74, 1.00, "paint"), (3.68, 1.34, "black"), (3.66, 1.40, "glass"),
                (3.48, 2.20, "paint"), (3.30, 2.36, "paint"), (2.30, 2.40, "paint"),
                (2.10, 2.34, "paint"), (2.10, 0.60, "trim"),
            ),
            width=2.14, belt=1.40, roof_share=0.94, nose=0.12, sill=0.50,
            windows=(((3.52, 1.42), (3.36, 2.06), (2.62, 2.08), (2.62, 1.38)),),
        ),
        Body(
            profile=(
                (2.10, 0.50, "dash"), (2.10, 0.98, "dash"), (-3.40, 0.98, "dash"),
                (-3.40, 0.62, "dash"),
            ),
            width=1.30, belt=9.0, roof_share=1.0, nose=0.0, sill=0.50, side="dash",
        ),
        Body(
            profile=(
                (2.00, 0.95, "box"), (2.00, 3.10, "box"), (-3.60, 3.10, "box"),
                (-3.60, 0.62, "trim"), (-3.52, 0.52, "trim"),
            ),
            width=2.30, belt=3.2, roof_share=1.0, nose=0.0, sill=0.85, side="box",
        ),
    ),
    wheels=(2.76, -2.10), wheel=0.46, track=1.06, front_plate=0.62, rear_plate=0.74,
    headlamp=((0.66, 0.78), (0.66, 0.96), (0.97, 0.98), (0.98, 0.80)),
    grille=((-0.56, 1.22), (0.56, 1.22), (0.54, 0.86), (-0.54, 0.86)),
    intake=((-0.60, 0.58), (0.60, 0.58), (0.56, 0.50), (-0.56, 0.50)),
    tail=((0.78, 0.66), (0.78, 0.80), (0.97, 0.80), (0.97, 0.66)),
    mirror=(3.30, 1.70), seams=(3.50, 2.55),
)  # fmt: skip

TRAILER = replace(
    TRUCK,
    bodies=(
        Body(
            profile=(
                (1.30, 0.44, "paint"), (1.30, 0.74, "paint"), (-1.30, 0.74, "paint"),
                (-1.30, 0.46, "trim"), (-1.24, 0.40, "trim"),
            ),
            width=1.60, belt=2.0, roof_share=1.0, nose=0.0, sill=0.40,
        ),
    ),
    wheels=(-0.1,), wheel=0.29, track=0.92, front_plate=0.6, rear_plate=0.58,
    headlamp=(), grille=(), intake=(), mirror=None, seams=(),
    tail=((0.78, 0.50), (0.78, 0.64), (0.97, 0.64), (0.97, 0.50)),
)  # fmt: skip


def _block(points: Outline, width: float, stuff: Stuff, widest: float = 9.0, top: float = 1.0
           ) -> Body:  # fmt: skip
    """Return a shape without bonnet and windows; where it is widest, and how wide at its top."""
    profile = tuple((x, z, stuff) for x, z in points)
    low = min(z for _, z in points)
    return Body(profile, width, belt=widest, roof_share=top, nose=0.0, sill=low, side=stuff)


MOTORCYCLE = Model(
    kind="motorcycle",
    bodies=(
        _block(((0.62, 0.70), (0.70, 0.98), (0.52, 1.10), (0.40, 0.96), (-0.10, 0.92),
                (-0.18, 0.80), (-0.80, 0.92), (-0.86, 0.80), (-0.40, 0.40), (0.36, 0.34)),
               0.34, "paint"),
        _block(((0.42, 0.30), (0.44, 0.52), (0.18, 0.84), (-0.20, 0.86), (-0.16, 0.40)), 0.60,
               "dash"),
        _block(((0.20, 0.98), (0.30, 1.08), (0.06, 1.46), (-0.20, 1.44), (-0.34, 0.92),
                (-0.16, 0.84)), 0.54, "cloth", 1.30, 0.62),
        _block(((0.10, 1.46), (0.20, 1.56), (0.18, 1.70), (0.06, 1.76), (-0.06, 1.72),
                (-0.08, 1.50)), 0.28, "helmet", 1.63, 0.40),
        _block(((0.56, 1.02), (0.60, 1.10), (0.10, 1.34), (0.00, 1.26)), 0.74, "cloth"),
        _block(((-0.60, 0.56), (-0.60, 0.88), (-0.98, 0.88), (-1.00, 0.56)), 0.28, "black"),
    ),
    wheels=(0.74, -0.68), wheel=0.31, track=0.07, tyre=0.14, front_plate=0.8, rear_plate=0.66,
    headlamp=((0.0, 0.84), (0.0, 0.98), (0.9, 0.98), (0.9, 0.84)),
    tail=((0.1, 0.78), (0.1, 0.86), (0.9, 0.86), (0.9, 0.78)),
)  # fmt: skip

MODELS: dict[str, Model] = {
    "sedan": SEDAN,
    "hatch": HATCH,
    "suv": SUV,
    "pickup": PICKUP,
    "van": VAN,
    "truck": TRUCK,
    "trailer": TRAILER,
    "motorcycle": MOTORCYCLE,
}
