"""Letters for the picture: B612 Mono, made for cockpits, where 0 and O, 8 and B stand apart.

OpenCV's own letters are thin strokes that coding washes out, and do not tell 0 from O. The
glyphs lie beside this module in one small picture; `glyphs.txt` says how it was made and bears
the font's licence. Every character is equally wide, so a text's size is known before it is drawn.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]  # 0 is ground, 255 is ink

_FILE = Path(__file__).with_name("glyphs.png")
_CELL_WIDTH, _CELL_HEIGHT, _A_LINE, _FIRST = 31, 59, 16, "!"
_UNKNOWN = "?"


def width_of(text: str, height: int) -> int:
    """Return how wide `text` is when its lines are `height` pixels high."""
    return _cell_width(height) * len(text)


def lettered(text: str, height: int) -> Mask:
    """Return `text` as a mask; a character that the font lacks is a question mark."""
    cells = _cells(height)
    if not text:
        return np.zeros((height, 0), np.uint8)
    return np.hstack([cells.get(character, cells[_UNKNOWN]) for character in text])


def _cell_width(height: int) -> int:
    return max(1, round(height * _CELL_WIDTH / _CELL_HEIGHT))


@lru_cache(maxsize=16)  # a picture uses three or four heights
def _cells(height: int) -> dict[str, Mask]:
    size = (_cell_width(height), height)
    way = cv2.INTER_AREA if height < _CELL_HEIGHT else cv2.INTER_LINEAR
    return {
        character: np.asarray(cv2.resize(glyph, size, interpolation=way), dtype=np.uint8)
        for character, glyph in _glyphs().items()
    }


@lru_cache(maxsize=1)
def _glyphs() -> dict[str, Mask]:
    atlas = cv2.imdecode(np.fromfile(_FILE, np.uint8), cv2.IMREAD_GRAYSCALE)
    if atlas is None:
        raise ValueError(f"{_FILE} is damaged")
    lines = np.asarray(atlas, dtype=np.uint8).reshape(-1, _CELL_HEIGHT, _A_LINE, _CELL_WIDTH)
    cells = lines.transpose(0, 2, 1, 3).reshape(-1, _CELL_HEIGHT, _CELL_WIDTH)
    glyphs = {chr(ord(_FIRST) + i): np.ascontiguousarray(cell) for i, cell in enumerate(cells)}
    return {**glyphs, " ": np.zeros((_CELL_HEIGHT, _CELL_WIDTH), np.uint8)}
