"""What a scene is, and what is true of it.

A scene is a value: who drives where and when, under which light, seen by which cameras.
Drawing it and knowing its truth are two functions of that value, so that they cannot drift:
both project the same poses through the same camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edge.values import Border, Box, NoPlate, Vehicle
from models.drawing.scenes.camera import Mount
from models.drawing.scenes.ground import Site
from models.drawing.scenes.light import Colour, Condition
from models.drawing.scenes.movement import Drive

Direction = Literal["in", "out"]
Role = Literal["entry", "exit", "both"]
EventKind = Literal["entry", "exit", "seen"]

LEGIBLE_PIXELS = 70.0  # a plate's width from which a person could read it


@dataclass(frozen=True, slots=True)
class View:
    """A camera at the gate, with what an owner would say of it."""

    name: str
    mount: Mount
    role: Role = "both"
    street: tuple[Border, ...] = ("left", "top", "right")
    lot: tuple[Border, ...] = ("bottom",)


@dataclass(frozen=True, slots=True)
class Plate:
    text: str
    design: str  # a name of `models.drawing.plates.designs()`
    covered: float = 0.0  # how much mud lies on it: 0 none, 1 nothing is legible


@dataclass(frozen=True, slots=True)
class Sticker:
    """Text on a vehicle that is no plate."""

    text: str
    where: Literal["side", "rear", "front"]
    wide: float  # metres
    ground: Colour = (40, 90, 200)
    ink: Colour = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Actor:
    """A vehicle on its drive."""

    model: str  # a name of `bodies.MODELS`
    paint: Colour
    drive: Drive
    front: Plate | None = None
    rear: Plate | None = None
    stickers: tuple[Sticker, ...] = ()
    towed_by: int | None = None  # the place of its tractor among the actors
    behind: float = 0.0  # metres behind the tractor


@dataclass(frozen=True, slots=True)
class Sign:
    """A text that stands beside the drive."""

    text: str
    x: float
    y: float
    z: float
    wide: float


@dataclass(frozen=True, slots=True)
class Expected:
    """An event that the gate must make of the scene; at an equal time, in this order."""

    kind: EventKind
    plate: str | None
    actor: int
    view: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    name: str
    condition: Condition
    seed: int
    size: tuple[int, int]
    fps: float
    seconds: float
    views: tuple[View, ...]
    site: Site
    actors: tuple[Actor, ...]
    expected: tuple[Expected, ...] = ()
    signs: tuple[Sign, ...] = ()
    barrier: tuple[tuple[float, float], ...] | None = None  # when it is open; None: there is none
    uneven: bool = False  # frames come at a variable rate
    jpeg: int | None = None  # quality of the blocks that the camera's own coder leaves

    def view(self, name: str | None = None) -> View:
        """Return the view of this name, or the first."""
        return next(view for view in self.views if name in (None, view.name))


@dataclass(frozen=True, slots=True)
class SeenPlate:
    text: str
    corners: tuple[tuple[float, float], ...]  # fractions, clockwise from its top left
    box: Box
    width: float  # pixels
    whole: bool  # in the picture and hidden by nothing
    covered: float

    @property
    def legible(self) -> bool:
        return self.whole and self.width >= LEGIBLE_PIXELS and self.covered < 0.3


@dataclass(frozen=True, slots=True)
class SeenVehicle:
    actor: int
    kind: Vehicle
    box: Box  # as far as it is in the picture
    plate: SeenPlate | None
    speed: float  # metres a second
    hidden: bool  # behind nearer vehicles, all but slivers of it


@dataclass(frozen=True, slots=True)
class FrameTruth:
    index: int
    seconds: float
    vehicles: tuple[SeenVehicle, ...]  # the farthest first


@dataclass(frozen=True, slots=True)
class PassageTruth:
    """One vehicle's stay in one view."""

    actor: int
    view: str
    vehicle: Vehicle
    plate: str | None  # the text, if ever legible in this stay
    no_plate: NoPlate | None  # why not
    others: tuple[str, ...]  # legible on what it tows
    first_frame: int
    last_frame: int
    first_seconds: float
    last_seconds: float
    first_legible_frame: int | None
    came_by: Border | None
    left_by: Border | None
    widest: float  # its plate's greatest width in pixels
    widest_frame: int
    stood_seconds: float  # the longest time it stood
    stood_first: Box | None  # where it stood when first seen, if it stood then
    stood_last: Box | None
    went_metres: float  # how far it was at most from where it was first seen
