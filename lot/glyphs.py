"""Letters for pictures: B612 Mono, made for cockpits, where 0 and O, 8 and B stand apart.

The glyphs lie beside this module in one small picture, white on black, `A_LINE` of them a line
from `FIRST` on in the order of ASCII; `glyphs.txt` says how it was made and bears the font's
licence. Every character is equally wide, so a text's size is known before it is drawn.
"""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).with_name("glyphs.png")
CELL_WIDTH, CELL_HEIGHT, A_LINE, FIRST = 31, 59, 16, "!"
UNKNOWN = "?"  # stands for a character that the font lacks


def cell_width(height: int) -> int:
    """Return how wide a character is when its line is `height` pixels high."""
    return max(1, round(height * CELL_WIDTH / CELL_HEIGHT))
