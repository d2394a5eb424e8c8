"""What an owner says of one camera: where street and lot lie in its picture, and its lanes.

The eyes ask whether a wheel stands in a lane, the gate asks which side a border is. Both are
answered here, in fractions of the picture, so that a camera put up again with another
resolution keeps its settings. Reading `cameras.toml` is not done here: only values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from contract.canonical import CONTROLS
from edge.values import Border, Box

Point = tuple[float, float]
Role = Literal["entry", "exit", "both"]
Side = Literal["street", "lot"]
Transport = Literal["tcp", "udp"]

BORDERS: tuple[Border, ...] = ("left", "top", "right", "bottom")
ROLES: tuple[Role, ...] = ("entry", "exit", "both")
TRANSPORTS: tuple[Transport, ...] = ("tcp", "udp")
NAME_MAX = 64  # what an event can hold, of a camera's name and of a lane's


@dataclass(frozen=True, slots=True)
class Lane:
    """A strip of the ground that leads into the lot. Its arrow points in."""

    name: str
    polygon: tuple[Point, ...]
    arrow: tuple[Point, Point]  # from, to

    def __post_init__(self) -> None:
        _check_name("lane", self.name)
        if len(self.polygon) < 3:
            raise ValueError(f"lane {self.name}: a polygon needs three corners or more")
        if self.arrow[0] == self.arrow[1]:
            raise ValueError(f"lane {self.name}: its arrow has no length")
        if outside := _outside_picture((*self.polygon, *self.arrow)):
            raise ValueError(f"lane {self.name}: {outside}")

    def holds(self, point: Point) -> bool:
        return within(point, self.polygon)


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera as its owner describes it. A name alone is a whole description."""

    name: str
    gate: str = ""  # cameras that can see the same vehicle share it; empty: its own, by its name
    role: Role = "both"
    street: frozenset[Border] = frozenset()
    lot: frozenset[Border] = frozenset()
    lanes: tuple[Lane, ...] = ()
    region: tuple[Point, ...] = ()  # where vehicles count; empty: the whole picture
    source: str = field(default="", repr=False)  # may hold a password
    transport: Transport = "tcp"  # of an RTSP source

    def __post_init__(self) -> None:
        _check_name("camera", self.name)
        if not self.gate:
            object.__setattr__(self, "gate", self.name)
        if both := self.street & self.lot:
            raise ValueError(f"camera {self.name}: {', '.join(sorted(both))} is street and lot")
        if self.region and len(self.region) < 3:
            raise ValueError(f"camera {self.name}: its region needs three corners or more")
        if outside := _outside_picture(self.region):
            raise ValueError(f"camera {self.name}: its region: {outside}")
        if len({lane.name for lane in self.lanes}) < len(self.lanes):
            raise ValueError(f"camera {self.name}: two lanes have one name")

    def side(self, border: Border) -> Side | None:
        """Return which side a border is. Where one side is named, the rest is the other."""
        if border in self.street:
            return "street"
        if border in self.lot:
            return "lot"
        if self.street and not self.lot:
            return "lot"
        if self.lot and not self.street:
            return "street"
        return None

    def regards(self, box: Box) -> bool:
        """Return whether a thing seen there counts: its foot is in the region of interest."""
        return not self.region or within(foot(box), self.region)


def is_name(text: str) -> bool:
    """Return whether an event can hold the text as a camera's or a lane's name."""
    return 1 <= len(text) <= NAME_MAX and not re.search(f"[{CONTROLS}]", text)


def _check_name(what: str, name: str) -> None:
    if not is_name(name):
        raise ValueError(f"{what} {name!r}: a name has 1 to {NAME_MAX} characters, no control")


def foot(box: Box) -> Point:
    """Return where a thing stands: lanes lie on the ground, and a roof leans over the next one.

    A box cut by the border stands a hair inside it, because a lane drawn down to the border
    would otherwise end before it.
    """
    return _hair_inside((box.left + box.right) / 2), _hair_inside(box.bottom)


def within(point: Point, polygon: tuple[Point, ...]) -> bool:
    """Return whether the point is in the polygon, by how often a ray to the right crosses it."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def _hair_inside(fraction: float) -> float:
    return min(max(fraction, 1e-6), 1.0 - 1e-6)


def _outside_picture(points: tuple[Point, ...]) -> str:
    """Return what is wrong with the first point that lies outside, nothing where none does."""
    for x, y in points:
        if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
            return (
                f"the point [{x:g}, {y:g}] lies outside the picture; "
                "write fractions of it from its left and top, 0 to 1"
            )
    return ""
