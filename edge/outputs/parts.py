"""The few things that are drawn: a plate's plaque, a label at a box, an event's banner, the clock.

A plate looks like a plate: a light plaque with thick dark letters. A letter that is not sure
is paler, the less sure the paler, with a dotted line below it, so that doubt is seen at once.
Each part is a small opaque picture, and is kept, since most stand unchanged for many frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from contract.event import Event
from edge.outputs.canvas import Colour, Patch
from edge.outputs.lettering import lettered, width_of
from edge.values import Image, Kind
from edge.voting import Voted

# Okabe and Ito's palette, which the colour-blind tell apart; blue, green, red.
INK: Colour = (24, 20, 16)
PLAQUE: Colour = (235, 245, 248)
GROUND: Colour = (40, 34, 28)
WORDS: Colour = (245, 245, 245)
QUIET: Colour = (190, 185, 180)
BLUE, GREEN, ORANGE, SKY, YELLOW = (
    (178, 114, 0),
    (115, 158, 0),
    (0, 159, 230),
    (233, 180, 86),
    (66, 228, 240),
)
OF_BOX: dict[Kind, Colour] = {
    "car": SKY,
    "motorcycle": SKY,
    "bus": SKY,
    "truck": SKY,
    "plate": YELLOW,
}
OF_EVENT: dict[str, Colour] = {"entry": GREEN, "exit": ORANGE, "seen": BLUE, "void": QUIET}

SURE = 0.9  # from there on a letter is solid; the gate calls it strong from the same figure
# What is in view at once, and no more: each small picture that is kept lies among the frames
# in memory and holds their place. 512 of them made 680 MB of a film that needs 310.
_KEPT = 16
_PALEST = 0.35  # share of ink that the least sure letter keeps: it must still be read


@dataclass(frozen=True, slots=True)
class Spelled:
    """A plate's text with how sure each letter is."""

    text: str
    characters: tuple[float, ...]  # 0 to 1
    confidence: float


def spelled(event: Event) -> Spelled | None:
    """Return an event's plate as it is shown; None where it could not be read."""
    if event.plate is None:
        return None
    return Spelled(
        event.plate,
        tuple(character / 1000 for character in event.characters),
        (event.confidence or 0) / 1000,
    )


def as_voted(voted: Voted | None) -> Spelled | None:
    """Return what a track's readings came to as it is shown; None where they came to nothing."""
    return None if voted is None else Spelled(voted.plate, voted.characters, voted.confidence)


@lru_cache(maxsize=_KEPT)
def plaque(plate: Spelled, height: int) -> Patch:
    """Draw a plate; `height` is that of its letters' line."""
    margin = max(2, height // 6)
    image = _filled(height + 2 * margin, width_of(plate.text, height) + 2 * margin, PLAQUE)
    for number, (letter, sure) in enumerate(zip(plate.text, plate.characters, strict=True)):
        left = margin + number * width_of("0", height)
        share = 1.0 if sure >= SURE else max(_PALEST, sure)
        ink = _between(PLAQUE, INK, share)
        _write(image, letter, (left, margin), height, ink)
        if sure < SURE:
            _dot(image, (left, margin + height - max(1, height // 12)), width_of("0", height))
    edge = max(1, height // 16)
    image[:edge], image[-edge:], image[:, :edge], image[:, -edge:] = (INK,) * 4
    return Patch(image)


@lru_cache(maxsize=_KEPT)
def label(text: str, height: int, colour: Colour) -> Patch:
    """Draw a line of words that will stand for some frames on a ground of `colour`."""
    image = _filled(height, width_of(text, height) + height // 2, colour)
    dark = sum(colour) < 3 * 110
    _write(image, text, (height // 4, 0), height, WORDS if dark else INK)
    return Patch(image)


@lru_cache(maxsize=_KEPT)
def ground(width: int, height: int) -> Patch:
    """Return what banners and clock stand on."""
    return Patch(_filled(height, width, GROUND))


def clock(text: str, height: int) -> Patch:
    """Draw date and time, one above the other; not kept, for the next frame has another."""
    lines = text.split(" ")
    margin = max(4, height // 3)
    across = max(width_of(line, height) for line in lines) + 2 * margin
    image = _filled(2 * height + margin, across, GROUND)
    top = (image.shape[0] - len(lines) * height) // 2
    for number, line in enumerate(lines):
        left = across - margin - width_of(line, height)
        _write(image, line, (left, top + number * height), height, WORDS)
    return Patch(image)


@lru_cache(maxsize=_KEPT)
def banner(event: Event, clock: str, height: int) -> Patch:
    """Draw an event as the table has it: its plate, its kind, how sure, its flags."""
    colour = OF_EVENT[event.kind]
    plate = spelled(event)
    if plate is None:
        why = (event.reason or "no plate").replace("_", " ")
        left_part = label(f" {why} ", 4 * height // 3, QUIET)
    else:
        left_part = plaque(plate, 2 * height - 2 * max(2, 2 * height // 8))
    lines = _lines(event, clock)
    gap = max(4, height // 3)
    across = left_part.width + max(width_of(line, height) for line in lines) + 4 * gap
    down = max(left_part.height, 2 * height) + gap
    image = _filled(down, across, GROUND)
    image[:, :gap] = colour
    top = (down - left_part.height) // 2
    image[top : top + left_part.height, 2 * gap : 2 * gap + left_part.width] = left_part.image
    words_at = 3 * gap + left_part.width
    for number, (line, ink) in enumerate(zip(lines, (WORDS, QUIET), strict=True)):
        _write(image, line, (words_at, (down - 2 * height) // 2 + number * height), height, ink)
    return Patch(image)


def _lines(event: Event, clock: str) -> tuple[str, str]:
    how_sure = [] if event.confidence is None else [f"{event.confidence / 1000:.3f}"]
    ground = [event.kind_by] if event.kind_by else []
    # Without a known start the clock shows no date; to repeat it in every banner is noise.
    flags = [flag for flag in event.flags if flag != "no_clock"]
    words: Sequence[str] = (*how_sure, *ground, *flags)
    return f"{event.kind.upper()} {clock}", " ".join(words)


def _filled(height: int, width: int, colour: Colour) -> Image:
    return np.full((height, width, 3), colour, np.uint8)


def _write(image: Image, text: str, corner: tuple[int, int], height: int, ink: Colour) -> None:
    left, top = corner
    mask = lettered(text, height)[..., np.newaxis].astype(np.float32) / 255
    place = image[top : top + mask.shape[0], left : left + mask.shape[1]]
    place[:] = (place + (np.array(ink, np.float32) - place) * mask[:, : place.shape[1]]).astype(
        np.uint8
    )


def _dot(image: Image, corner: tuple[int, int], width: int) -> None:
    left, top = corner
    size = max(2, width // 8)
    for at in range(left + size // 2, left + width - size // 2, 2 * size):
        image[top : top + size, at : at + size] = INK


def _between(one: Colour, other: Colour, share: float) -> Colour:
    blue, green, red = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return blue, green, red
