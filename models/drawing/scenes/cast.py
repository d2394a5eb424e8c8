"""Who may drive through a scene and along which ways: cars, plates and drives by lot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from models.drawing.plates import PlateDesign, designs, designs_of, serial_of
from models.drawing.scenes.bodies import MODELS
from models.drawing.scenes.light import Colour
from models.drawing.scenes.movement import Drive, length, metres_at
from models.drawing.scenes.values import Actor, Plate

Way = tuple[tuple[float, float], ...]

# Americans keep to the right: who comes in is on the left of a camera that looks out.
WAY_IN: Way = ((-17, 23.4), (-4, 23.4), (-1.1, 22.8), (-1.1, 17), (-1.1, -9))
WAY_OUT: Way = ((1.1, -9), (1.1, 17), (1.4, 22.6), (5, 23.4), (19, 23.4))
STREET: Way = ((-18, 23.4), (18, 23.4))

PAINTS: tuple[Colour, ...] = (  # white, black, grey, silver, blue, red, green, beige: as sold
    (228, 230, 230), (236, 236, 234), (34, 34, 35), (48, 46, 46), (96, 94, 92), (120, 118, 116),
    (176, 176, 174), (196, 194, 192), (128, 72, 36), (92, 52, 30), (48, 36, 150), (36, 30, 110),
    (70, 88, 58), (150, 172, 186),
)  # fmt: skip
_CARS = ("sedan", "hatch", "suv", "pickup", "sedan", "suv")
_OTHERS = ("van",)


class Cast:
    """Draws vehicles one after another from one generator; no plate comes twice."""

    def __init__(self, rng: Generator, region: str = "us-tx") -> None:
        self.rng = rng
        self._region = region
        self._given: set[str] = set()

    def plate(self, region: str | None = None) -> Plate:
        """Return a plate of the region; of Texas' own region one in four is another state's."""
        wanted = region or self._region
        if wanted == "us-tx" and self.rng.random() < 0.25:
            wanted = "us"
        found = [one for one in _long(designs_of(wanted)) if one.aspect > 1.7]
        # The commonest stands first in a region, so it comes oftener.
        weights = 1.0 / np.arange(1, len(found) + 1) if wanted != "us" else np.ones(len(found))
        design = found[int(self.rng.choice(len(found), p=weights / weights.sum()))]
        while True:
            text = serial_of(design, self.rng)
            if text not in self._given:
                self._given.add(text)
                return Plate(text, design.name)

    def car(self, drive: Drive, model: str | None = None, region: str | None = None) -> Actor:
        """Return a vehicle with the same plate at its front and its rear."""
        plate = self.plate(region)
        return self.bare(drive, model or self.model(), front=plate, rear=plate)

    def model(self) -> str:
        names = _CARS if self.rng.random() < 0.9 else _OTHERS
        return names[int(self.rng.integers(len(names)))]

    def bare(
        self, drive: Drive, model: str, front: Plate | None = None, rear: Plate | None = None
    ) -> Actor:
        paint = PAINTS[int(self.rng.integers(len(PAINTS)))]
        return Actor(model, paint, drive, front=front, rear=rear)

    def again(self, actor: Actor, drive: Drive) -> Actor:
        """Return the same vehicle on another drive."""
        return replace(actor, drive=drive)


def _long(found: tuple[PlateDesign, ...]) -> list[PlateDesign]:
    return [one for one in found if one.name in designs()]


def through(way: Way, at: float, speed: float) -> Drive:
    """Return a drive along the whole way without a stop, begun at this second."""
    whole = length(way)
    return Drive(way, ((at, 0.0), (at + whole / speed, whole)))


def stopping(way: Way, at: float, speed: float, stops: tuple[tuple[float, float], ...]) -> Drive:
    """Return a drive that stands at (metres, seconds) along the way."""
    knots = [(at, 0.0)]
    for metres, wait in stops:
        gone = knots[-1][1]
        reached = knots[-1][0] + _needed(metres - gone, speed, from_rest=len(knots) > 1)
        knots += [(reached, metres), (reached + wait, metres)]
    whole = length(way)
    rest = _needed(whole - knots[-1][1], speed, from_rest=True)
    return Drive(way, (*knots, (knots[-1][0] + rest, whole)))


def _needed(metres: float, speed: float, *, from_rest: bool) -> float:
    """Return the seconds for these metres when slowing to a stop, at most once starting too."""
    return metres / speed * (1.5 if from_rest else 1.3)


def stop_metres(way: Way, nose_y: float, model: str) -> float:
    """Return the metres along a way at which the vehicle's nose stands at this y."""
    body = MODELS[model]
    towards = 1.0 if way[-1][1] < way[0][1] else -1.0
    reach = body.front * towards
    return metres_at(way, nose_y + reach)
