"""What people saw in pictures: a table of `image,plate`, with `x1,y1,x2,y2` where boxes were drawn.

A line is a plate; a picture with several has several lines. A picture of which one line is
wrong is left out whole: with a part of its truth it would be scored as if it had no more plates.
Boxes are in pixels of the picture as it is looked at, upright.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contract.plates import normalise
from edge.scoring import NOT_TO_BE_READ, truth_lines
from edge.values import Box
from lot.errors import Unreadable, WrongUsage

COLUMNS = ("image", "plate")
SIDES = ("x1", "y1", "x2", "y2")
# Tools round to whole pixels, some count the last one in: so far out is no mistake.
_BEYOND_MOST = 1.0


@dataclass(frozen=True, slots=True)
class Corners:
    """A box in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def box(self, width: int, height: int) -> Box:
        """Return it in fractions of a picture of that size; ValueError where it reaches out."""
        over = max(-self.left, -self.top, self.right - width, self.bottom - height)
        if over > _BEYOND_MOST:
            raise ValueError(f"the box reaches {over:.0f} px out of the {width} x {height} picture")
        return Box(
            max(0.0, self.left / width),
            max(0.0, self.top / height),
            min(1.0, self.right / width),
            min(1.0, self.bottom / height),
        )


@dataclass(frozen=True, slots=True)
class TruePlate:
    """One line: a plate that a person saw, normalised; None where it is not to be read."""

    line: int
    text: str | None
    corners: Corners | None


@dataclass(frozen=True, slots=True)
class TruePicture:
    """A picture and the plates that a person saw in it."""

    name: str  # as the table writes it
    path: Path
    plates: tuple[TruePlate, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """A table, in its order, and what of it cannot be used."""

    path: Path
    pictures: tuple[TruePicture, ...]
    refused: tuple[Unreadable, ...]


def pictures_in(path: Path) -> Truth:
    """Read a table of pictures; WrongUsage if it is none, a wrong line is refused by itself."""
    lines = truth_lines(path, COLUMNS)
    _check_sides(path, lines[0][1])
    names: dict[Path, str] = {}
    plates: dict[Path, list[TruePlate]] = {}
    spoilt: set[Path] = set()
    refused: list[Unreadable] = []
    for number, cells in lines:
        # The folder may be left: an owner's pictures lie where they lie.
        picture = Path(os.path.normpath(path.parent / cells["image"]))
        try:
            plate = _plate(number, cells)
            _check_new(plate, plates.get(picture, ()))
        except ValueError as fault:
            refused.append(refusal(path, number, str(fault)))
            spoilt.add(picture)
            continue
        names.setdefault(picture, cells["image"])
        plates.setdefault(picture, []).append(plate)
    pictures = tuple(
        TruePicture(names[picture], picture, tuple(its))
        for picture, its in plates.items()
        if picture not in spoilt
    )
    return Truth(path, pictures, tuple(refused))


def refusal(path: Path, line: int, why: str) -> Unreadable:
    """Say in a line which line of a table cannot be used, and why."""
    return Unreadable(
        f"{shown(str(path))}, line {line}: {shown(why)}", then="its picture is left out"
    )


def shown(text: str) -> str:
    """Return a text so that no character of it moves a terminal's cursor."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _check_sides(path: Path, cells: Mapping[str, str]) -> None:
    missing = [side for side in SIDES if side not in cells]
    if 0 < len(missing) < len(SIDES):
        raise WrongUsage(
            f"{path} has no column {', '.join(missing)}",
            then=f"a box needs all of {','.join(SIDES)}, or none",
        )


def _plate(line: int, cells: Mapping[str, str]) -> TruePlate:
    if not cells["image"]:
        raise ValueError("no picture is named")
    corners = _corners(cells)
    if cells["plate"] == NOT_TO_BE_READ:
        if corners is None:
            raise ValueError("a plate that is not to be read needs its box")
        return TruePlate(line, None, corners)
    text = normalise(cells["plate"])
    if not text:
        raise ValueError("no plate is named")
    return TruePlate(line, text, corners)


def _corners(cells: Mapping[str, str]) -> Corners | None:
    given = [cells.get(side, "") for side in SIDES]
    if not any(given):
        return None
    left, top, right, bottom = (_pixel(side, cell) for side, cell in zip(SIDES, given, strict=True))
    if right <= left or bottom <= top:
        raise ValueError("the box is empty or reversed: x2 and y2 are its right and lower side")
    return Corners(left, top, right, bottom)


def _pixel(side: str, cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{side} is no number of pixels")
    return number


def _check_new(plate: TruePlate, before: list[TruePlate] | tuple[()]) -> None:
    for other in before:
        if (other.text, other.corners) == (plate.text, plate.corners):
            raise ValueError(f"it says what line {other.line} says")
