"""What one kind of plate looks like, as data: colours, titles, formats, lettering.

A serial's format is written `aaa-0000`: `a` a letter of the region, `0` a digit, a capital
itself, `-` the design's separator, a blank a gap, `/` a new row. A text bears none of these
marks: `ABC1234` finds its place by the first format that it fits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np

Band = Literal["none", "eu", "gb", "mercosur", "in"]
Separator = Literal["gap", "dash", "dot", "star", "map", "seals", "crest"]

LETTERS: Final = {  # what a region leaves out, because it reads like a digit or spells words
    "us-tx": "BCDFGHJKLMNPRSTVWXYZ",
    "us": "ABCDEFGHJKLMNPRSTUVWXYZ",
    "gb": "ABCDEFGHJKLMNOPRSTUVWXYZ",
    "in": "ABCDEFGHJKLMNPQRSTUVWXYZ",
}
EVERY_LETTER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class PlateDesign:
    """One kind of plate. Colours are #rrggbb; lengths are shares of the plate's height."""

    name: str
    region: str
    formats: tuple[str, ...]  # the commonest first
    aspect: float = 2.0  # width : height
    ground: tuple[str, ...] = ("#f4f4f0",)  # from top to bottom, blended
    ink: str = "#14181c"
    border: str | None = None
    header: str = ""
    header_ink: str = "#1b2a5a"
    header_ground: str | None = None  # a bar behind the header
    footer: str = ""
    title_faces: tuple[str, ...] = ("sans", "serif", "black")
    faces: tuple[str, ...] = ("dies", "dies-narrow", "dies-round", "dies-square", "road-narrow")
    separator: Separator = "gap"
    band: Band = "none"
    country: str = ""
    serial_top: float = 0.27
    serial_height: float = 0.5
    cells: float = 0.9  # 1: characters stand in cells of one width, 0: as wide as they are
    embossed: bool = True
    scenery: bool = False  # faint hills and a sun, as many states print
    stickers: bool = False  # month and year in the corners
    holes: Literal["none", "two", "four"] = "four"


def fitting(text: str, design: PlateDesign) -> str | None:
    """Return the first format of the design that `text` fits."""
    return next((f for f in design.formats if _pattern(f).fullmatch(text)), None)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    classes = {"a": "[A-Z]", "0": "[0-9]", "-": "", " ": "", "/": ""}
    return re.compile("".join(classes.get(c, c) for c in template))


def serial_of(design: PlateDesign, rng: np.random.Generator) -> str:
    """Return a made-up text of the design."""
    template = design.formats[min(int(rng.geometric(0.6)) - 1, len(design.formats) - 1)]
    country = design.region.split("-")[0]
    letters = LETTERS.get(design.region, LETTERS.get(country, EVERY_LETTER))
    drawn = {"a": lambda: letters[rng.integers(len(letters))], "0": lambda: str(rng.integers(10))}
    return "".join(drawn[c]() if c in drawn else c for c in template if c not in "- /")
