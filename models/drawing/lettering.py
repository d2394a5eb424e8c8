"""Text set into a rectangle, with any alphabet: our own dies or a font's outlines.

Characters are drawn as a mask, so that the plate decides colour and embossing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]  # height x width, 255 where there is ink
FULL: Final = (255,)  # ink, as OpenCV's drawing wants a colour


class Alphabet(Protocol):
    """Draws single characters; measures are shares of the character's height."""

    def characters(self) -> frozenset[str]:
        """Return what it can write."""

    def width(self, character: str) -> float:
        """Return the character's width as a share of its height, without the gap beside it."""

    def stamp(
        self, mask: Mask, character: str, corner: tuple[float, float], size: tuple[float, float]
    ) -> None:
        """Draw the character white into `mask`, in the rectangle of `size` at `corner`."""


@dataclass(frozen=True, slots=True)
class Room:
    """A rectangle on the plate, in pixels of the canvas."""

    left: float
    top: float
    width: float
    height: float


def write(
    mask: Mask,
    text: str,
    room: Room,
    alphabet: Alphabet,
    *,
    gap: float = 0.12,
    space: float = 0.3,
    cells: float = 0.0,
) -> list[Room]:
    """Write `text` centred in `room`, at its full height, squeezed where it is too wide.

    `gap` lies between characters, `space` stands for a blank; both are shares of the height.
    `cells` from 0 to 1 moves widths towards equal ones, as most dies stand. Returns where each
    character lies, blanks too: a separator's emblem belongs there.
    """
    widths = [space if c == " " else alphabet.width(c) for c in text]
    inked = [w for w, c in zip(widths, text, strict=True) if c != " "]
    usual = max(inked, default=0.0)
    steps = [
        w if c == " " else w + max(0.0, usual - w) * cells
        for w, c in zip(widths, text, strict=True)
    ]
    total = sum(steps) + gap * max(0, len(text) - 1)
    scale = min(room.height, room.width / total) if total else room.height
    x = room.left + (room.width - total * scale) / 2
    places = []
    for character, width, step in zip(text, widths, steps, strict=True):
        places.append(Room(x, room.top, step * scale, room.height))
        if character != " ":
            corner = (x + (step - width) * scale / 2, room.top)
            alphabet.stamp(mask, character, corner, (width * scale, room.height))
        x += (step + gap) * scale
    return places
