"""Outlines of open fonts, taken once into one small file, so that drawing needs no fonts.

`python -m models.drawing.glyphs FONT…` rewrites `glyphs.npz` from font files (that needs
fontTools, a training-time package); reading it needs numpy and OpenCV alone. `glyphs.txt`
beside it names the fonts, their authors and their licences.
"""

from __future__ import annotations

import argparse
import string
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from lot.files import written_aside
from models.drawing.lettering import FULL, Mask

FILE: Final = Path(__file__).with_name("glyphs.npz")
CHARACTERS: Final = string.ascii_uppercase + string.ascii_lowercase + string.digits + ".-&'"
UNITS: Final = 1000  # a capital's height, in the file's whole numbers
_CURVE_STEPS: Final = 5  # a plate is drawn some 200 px high; more corners cannot be seen


@dataclass(frozen=True, slots=True)
class Glyph:
    """Closed contours in units of a capital's height; y grows downwards from its top."""

    contours: tuple[NDArray[np.float64], ...]
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Outlines:
    """One font's characters, drawn as filled contours."""

    glyphs: dict[str, Glyph]
    stretch: float = 1.0  # widths are multiplied by it: a wide face serves as a narrow one

    def characters(self) -> frozenset[str]:
        """Return what it can write."""
        return frozenset(self.glyphs)

    def width(self, character: str) -> float:
        """Return the character's width as a share of its height, without the gap beside it."""
        glyph = self.glyphs[character]
        return (glyph.right - glyph.left) * self.stretch

    def stamp(
        self, mask: Mask, character: str, corner: tuple[float, float], size: tuple[float, float]
    ) -> None:
        """Draw the character white into `mask`, in the rectangle of `size` at `corner`."""
        glyph = self.glyphs[character]
        scale = np.array([size[0] / (glyph.right - glyph.left), size[1]])
        origin = np.array(corner) - np.array([glyph.left, 0.0]) * scale
        fixed = [np.round((c * scale + origin) * 16).astype(np.int32) for c in glyph.contours]
        cv2.fillPoly(mask, fixed, FULL, cv2.LINE_AA, shift=4)


@cache
def fonts() -> dict[str, Outlines]:
    """Return every font of the committed file by its name."""
    with np.load(FILE) as kept:
        points: NDArray[np.int16] = kept["points"]
        lengths: NDArray[np.int32] = kept["lengths"]
        owners: list[str] = [str(o) for o in kept["owners"]]  # "font/character", one a contour
    found: dict[str, dict[str, list[NDArray[np.float64]]]] = {}
    for owner, contour in zip(owners, np.split(points, np.cumsum(lengths)[:-1]), strict=True):
        font, character = owner.split("/")
        found.setdefault(font, {}).setdefault(character, []).append(contour / UNITS)
    return {
        font: Outlines({character: _glyph(contours) for character, contours in glyphs.items()})
        for font, glyphs in found.items()
    }


def _glyph(contours: Sequence[NDArray[np.float64]]) -> Glyph:
    every = np.concatenate(contours)
    return Glyph(tuple(contours), float(every[:, 0].min()), float(every[:, 0].max()))


def take(paths: Sequence[Path], kept: Path = FILE) -> list[str]:
    """Write the outlines of the font files to `kept`; return the fonts' names."""
    points: list[NDArray[np.int16]] = []
    owners: list[str] = []
    names: list[str] = []
    for path in paths:
        names.append(path.stem)
        for character, contour in _contours(path):
            owners.append(f"{path.stem}/{character}")
            points.append(contour)
    with written_aside(kept) as aside, aside.open("wb") as stream:
        np.savez_compressed(
            stream,
            points=np.concatenate(points),
            lengths=np.array([len(c) for c in points], dtype=np.int32),
            owners=np.array(owners),
        )
    return names


def _contours(path: Path) -> Iterator[tuple[str, NDArray[np.int16]]]:
    from fontTools.pens.recordingPen import DecomposingRecordingPen
    from fontTools.ttLib import TTFont

    font = TTFont(path)
    named, shapes = font.getBestCmap(), font.getGlyphSet()
    capital = _flattened("H", named, shapes, DecomposingRecordingPen)[0]
    height = float(capital[:, 1].max())
    for character in CHARACTERS:
        if ord(character) in named:
            for contour in _flattened(character, named, shapes, DecomposingRecordingPen):
                placed = np.column_stack([contour[:, 0], height - contour[:, 1]])
                yield character, np.round(placed * (UNITS / height)).astype(np.int16)


def _flattened(
    character: str, named: dict[int, str], shapes: Any, recording_pen: Any
) -> list[NDArray[np.float64]]:
    pen = recording_pen(shapes)
    shapes[named[ord(character)]].draw(pen)
    contours: list[list[tuple[float, float]]] = []
    for verb, places in pen.value:
        if verb == "moveTo":
            contours.append([places[0]])
        elif verb == "lineTo":
            contours[-1].append(places[0])
        elif verb == "qCurveTo" and places[-1] is None:  # a contour of controls alone
            start = tuple((np.array(places[0]) + np.array(places[-2])) / 2)
            contours.append([start, *_curve(start, [*places[:-1], start], quadratic=True)])
        elif verb in ("curveTo", "qCurveTo"):
            contours[-1].extend(_curve(contours[-1][-1], places, quadratic=verb == "qCurveTo"))
    return [np.array(contour) for contour in contours if len(contour) > 2]


def _curve(
    start: tuple[float, float], places: Sequence[tuple[float, float]], *, quadratic: bool
) -> Iterator[tuple[float, float]]:
    if not quadratic:
        yield from _bezier(np.array([start, *places]))
        return
    here = np.array(start)
    for index, (control, following) in enumerate(pairwise(places), start=2):
        end = np.array(following)
        if index < len(places):  # TrueType leaves out the points half way
            end = (np.array(control) + end) / 2
        yield from _bezier(np.array([here, control, end]))
        here = end


def _bezier(controls: NDArray[np.float64]) -> Iterator[tuple[float, float]]:
    for t in np.linspace(0, 1, _CURVE_STEPS + 1)[1:]:
        points = controls
        while len(points) > 1:
            points = points[:-1] * (1 - t) + points[1:] * t
        yield float(points[0, 0]), float(points[0, 1])


def main(arguments: Sequence[str]) -> int:
    """Take the outlines of the named font files; print what was taken."""
    parser = argparse.ArgumentParser(
        prog="python -m models.drawing.glyphs", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("fonts", nargs="+", type=Path, help="font files, TrueType or OpenType")
    for name in take(parser.parse_args(arguments).fonts):
        print(name)  # noqa: T201  # a command
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
