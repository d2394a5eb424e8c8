"""The house's letters, scaled by PyAV: what the film needs of a picture library, and no more."""

from __future__ import annotations

from functools import lru_cache

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from lot.glyphs import A_LINE, CELL_HEIGHT, FILE, FIRST, UNKNOWN, cell_width

Mask = NDArray[np.uint8]  # 0 is ground, 255 is ink


def lettered(text: str, height: int) -> Mask:
    """Return `text` as a mask; a character that the font lacks is a question mark."""
    cells = _cells(height)
    if not text:
        return np.zeros((height, 0), np.uint8)
    return np.hstack([cells.get(character, cells[UNKNOWN]) for character in text])


@lru_cache(maxsize=4)
def _cells(height: int) -> dict[str, Mask]:
    width = cell_width(height)
    with av.open(str(FILE)) as file:
        atlas = next(file.decode(video=0))
    lines = -(-atlas.height // CELL_HEIGHT)
    scaled = atlas.reformat(width * A_LINE, height * lines, "gray8")
    plane = _plane(scaled).reshape(lines, height, A_LINE, width).transpose(0, 2, 1, 3)
    cells = plane.reshape(-1, height, width)
    glyphs = {chr(ord(FIRST) + n): np.ascontiguousarray(cell) for n, cell in enumerate(cells)}
    return {**glyphs, " ": np.zeros((height, width), np.uint8)}


def _plane(frame: VideoFrame) -> Mask:
    rows = np.frombuffer(memoryview(frame.planes[0]), np.uint8)
    return rows.reshape(-1, frame.planes[0].line_size)[: frame.height, : frame.width].copy()
