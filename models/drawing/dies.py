"""Our own alphabet of single strokes, shaped like the dies that emboss American plates.

Such dies draw a character with one pen of even width and round ends; no font that may be
passed on looks like them. Each character is written once as corners on a unit square, and
pen, roundness and proportions vary by parameter, because every state has dies of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.drawing.lettering import FULL, Mask

# Strokes apart by "|", corners as x,y (y grows downwards), "~" rounds a corner, "z" closes.
_STROKES: Final = {
    "0": ".06,0~ .94,0~ .94,1~ .06,1~ z",
    "1": ".2,.2 .55,0 .55,1",
    "2": "0,.27 0,0~ 1,0~ 1,.47~ 0,1 1,1",
    "3": "0,.24 0,0~ .96,0~ .96,.47~ .38,.47|.38,.47 1,.47~ 1,1~ 0,1~ 0,.76",
    "4": ".76,1 .76,0 0,.7 1,.7",
    "5": ".94,0 .06,0 .06,.43 1,.39~ 1,1~ 0,1~ 0,.77",
    "6": "1,.22 1,0~ 0,0~ 0,1~ 1,1~ 1,.44~ .05,.44",
    "7": "0,0 1,0 .36,1",
    "8": ".06,0~ .94,0~ .94,.47~ .06,.47~ z|0,.47~ 1,.47~ 1,1~ 0,1~ z",
    "9": "0,.78 0,1~ 1,1~ 1,0~ 0,0~ 0,.56~ .95,.56",
    "A": "0,1 .5,0 1,1|.18,.68 .82,.68",
    "B": "0,.47 .95,.47~ .95,0~ 0,0 0,1 1,1~ 1,.47~ 0,.47",
    "C": "1,.28 1,0~ 0,0~ 0,1~ 1,1~ 1,.72",
    "D": "0,0 1,0~ 1,1~ 0,1 z",
    "E": "1,0 0,0 0,1 1,1|0,.48 .8,.48",
    "F": "1,0 0,0 0,1|0,.48 .8,.48",
    "G": "1,.26 1,0~ 0,0~ 0,1~ 1,1~ 1,.55 .55,.55",
    "H": "0,0 0,1|1,0 1,1|0,.48 1,.48",
    "I": ".5,0 .5,1",
    "J": "1,0 1,1~ 0,1~ 0,.7",
    "K": "0,0 0,1|1,0 0,.62|.3,.43 1,1",
    "L": "0,0 0,1 1,1",
    "M": "0,1 0,0 .5,.6 1,0 1,1",
    "N": "0,1 0,0 1,1 1,0",
    "O": "0,0~ 1,0~ 1,1~ 0,1~ z",
    "P": "0,1 0,0 1,0~ 1,.55~ 0,.55",
    "Q": "0,0~ 1,0~ 1,1~ 0,1~ z|.58,.7 1.04,1.04",
    "R": "0,1 0,0 1,0~ 1,.54~ 0,.54|.45,.54 1,1",
    "S": "1,.25 1,0~ 0,0~ 0,.48~ 1,.48~ 1,1~ 0,1~ 0,.75",
    "T": "0,0 1,0|.5,0 .5,1",
    "U": "0,0 0,1~ 1,1~ 1,0",
    "V": "0,0 .5,1 1,0",
    "W": "0,0 .25,1 .5,.36 .75,1 1,0",
    "X": "0,0 1,1|1,0 0,1",
    "Y": "0,0 .5,.5 1,0|.5,.5 .5,1",
    "Z": "0,0 1,0 0,1 1,1",
}
_SERIFED: Final = {"I": "0,0 1,0|.5,0 .5,1|0,1 1,1", "1": ".1,.2 .5,0 .5,1|.05,1 .95,1"}
_WIDTHS: Final = {"I": 0.3, "1": 0.62, "M": 1.14, "W": 1.2, "J": 0.9, "L": 0.92, "Q": 1.0}


@dataclass(frozen=True, slots=True)
class Dies:
    """One state's set of dies. Lengths are shares of the character's height."""

    pen: float = 0.15
    body: float = 0.52  # width of an ordinary character
    roundness: float = 0.5  # of half the width: 1 makes a 0 of two half circles
    serifs: bool = False  # feet under 1 and I

    def characters(self) -> frozenset[str]:
        """Return what it can write."""
        return frozenset(_STROKES)

    def width(self, character: str) -> float:
        """Return the character's width as a share of its height, without the gap beside it."""
        if self.serifs and character in _SERIFED:
            return self.body * 0.8
        return self.body * _WIDTHS.get(character, 1.0)

    def stamp(
        self, mask: Mask, character: str, corner: tuple[float, float], size: tuple[float, float]
    ) -> None:
        """Draw the character white into `mask`, in the rectangle of `size` at `corner`."""
        width, height = size
        pen = max(1.0, self.pen * height)
        room = (max(1.0, width - pen), max(1.0, height - pen))
        spec = _SERIFED.get(character, _STROKES[character]) if self.serifs else _STROKES[character]
        origin = np.array([corner[0] + pen / 2, corner[1] + pen / 2])
        for points, closed in _paths(spec, self.roundness, round(room[0] / room[1], 3)):
            fixed = np.round((points * room + origin) * 16).astype(np.int32)
            cv2.polylines(mask, [fixed], closed, FULL, max(1, round(pen)), cv2.LINE_AA, shift=4)


@lru_cache(maxsize=4096)
def _paths(
    spec: str, roundness: float, aspect: float
) -> tuple[tuple[NDArray[np.float64], bool], ...]:
    return tuple(_path(stroke.split(), roundness, aspect) for stroke in spec.split("|"))


def _path(words: list[str], roundness: float, aspect: float) -> tuple[NDArray[np.float64], bool]:
    closed = words[-1] == "z"
    corners = [word for word in words if word != "z"]
    places = np.array([[float(n) for n in word.rstrip("~").split(",")] for word in corners])
    points: list[NDArray[np.float64]] = []
    for index, word in enumerate(corners):
        before, here = places[index - 1], places[index]
        after = places[(index + 1) % len(corners)]
        if word.endswith("~"):
            points.extend(_rounded(before, here, after, roundness, aspect))
        else:
            points.append(here)
    return np.array(points), closed


def _rounded(
    before: NDArray[np.float64],
    here: NDArray[np.float64],
    after: NDArray[np.float64],
    roundness: float,
    aspect: float,
) -> list[NDArray[np.float64]]:
    scale = np.array([aspect, 1.0])  # a circle on the plate is an ellipse in the unit square
    reach = roundness * aspect / 2
    ends = []
    for other in (before, after):
        way = (other - here) * scale
        length = float(np.hypot(*way))
        ends.append(here + way / length * min(reach, length / 2) / scale)
    centre = ends[0] + ends[1] - here
    return [
        centre + (ends[0] - centre) * np.cos(t) + (ends[1] - centre) * np.sin(t)
        for t in np.linspace(0, np.pi / 2, 9)
    ]
