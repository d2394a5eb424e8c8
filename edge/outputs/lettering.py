"""Letters for the picture, scaled by OpenCV out of the house's glyphs (`lot/glyphs.py`).

OpenCV's own letters are thin strokes that coding washes out, and do not tell 0 from O.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from lot.glyphs import A_LINE, CELL_HEIGHT, CELL_WIDTH, FILE, FIRST, UNKNOWN, cell_width

Mask = NDArray[np.uint8]  # 0 is ground, 255 is ink


def width_of(text: str, height: int) -> int:
    """Return how wide `text` is when its lines are `height` pixels high."""
    return cell_width(height) * len(text)


def lettered(text: str, height: int) -> Mask:
    """Return `text` as a mask; a character that the font lacks is a question mark."""
    cells = _cells(height)
    if not text:
        return np.zeros((height, 0), np.uint8)
    return np.hstack([cells.get(character, cells[UNKNOWN]) for character in text])


@lru_cache(maxsize=16)  # a picture uses three or four heights
def _cells(height: int) -> dict[str, Mask]:
    size = (cell_width(height), height)
    way = cv2.INTER_AREA if height < CELL_HEIGHT else cv2.INTER_LINEAR
    return {
        character: np.asarray(cv2.resize(glyph, size, interpolation=way), dtype=np.uint8)
        for character, glyph in _glyphs().items()
    }


@lru_cache(maxsize=1)
def _glyphs() -> dict[str, Mask]:
    atlas = cv2.imdecode(np.fromfile(FILE, np.uint8), cv2.IMREAD_GRAYSCALE)
    if atlas is None:
        raise ValueError(f"{FILE} is damaged")
    lines = np.asarray(atlas, dtype=np.uint8).reshape(-1, CELL_HEIGHT, A_LINE, CELL_WIDTH)
    cells = lines.transpose(0, 2, 1, 3).reshape(-1, CELL_HEIGHT, CELL_WIDTH)
    glyphs = {chr(ord(FIRST) + i): np.ascontiguousarray(cell) for i, cell in enumerate(cells)}
    return {**glyphs, " ": np.zeros((CELL_HEIGHT, CELL_WIDTH), np.uint8)}
