"""A whole plate drawn from the front, clean and in focus, whose text is known.

Scenes hang it on a vehicle and the reader's training wears it down (`wear`); neither needs a
font file. The same text, design and generator give the same picture to the last bit.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.values import Image
from models.drawing.design import PlateDesign, fitting, serial_of
from models.drawing.designs import designs, designs_of, random_serial
from models.drawing.faces import face
from models.drawing.lettering import FULL, Mask, Room, write

__all__ = [
    "PlateDesign",
    "designs",
    "designs_of",
    "drawn_plate",
    "fitting",
    "random_serial",
    "serial_of",
]

_OVERSIZE: Final = 2  # drawn so much larger, then averaged down: edges as a lens gives them
_LOWEST: Final = 150  # below it strokes would be thinner than a pixel of the drawing
Colour = tuple[int, int, int]


def drawn_plate(text: str, design: PlateDesign, height: int, rng: np.random.Generator) -> Image:
    """Draw `text` (A-Z and 0-9) as a plate of the design, `height` pixels high."""
    canvas = _Canvas(design, max(_LOWEST, height * _OVERSIZE), rng)
    canvas.surroundings()
    for row, room in canvas.rows(_arranged(text, design)):
        canvas.serial(row, room)
    size = (max(1, round(height * design.aspect)), height)
    return cv2.resize(canvas.finished(), size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _arranged(text: str, design: PlateDesign) -> list[str]:
    template = fitting(text, design)
    if template is None:  # a personal plate
        rows = max(f.count("/") for f in design.formats) + 1
        middle = len(text) // 2
        return [text] if rows == 1 or middle == 0 else [text[:middle], text[middle:]]
    letters = iter(text)
    return "".join(c if c in "- /" else next(letters) for c in template).split("/")


class _Canvas:
    """One plate while it is painted; lengths are shares of its height."""

    def __init__(self, design: PlateDesign, height: int, rng: np.random.Generator) -> None:
        self._design = design
        self._rng = rng
        self._height = height
        self._width = round(height * design.aspect)
        self._image: NDArray[np.float32] = np.empty((height, self._width, 3), np.float32)
        self._letters = face(design.faces[rng.integers(len(design.faces))])
        self._titles = face(design.title_faces[rng.integers(len(design.title_faces))])

    def finished(self) -> NDArray[np.float32]:
        return self._image

    def surroundings(self) -> None:
        """Paint everything but the serial."""
        design = self._design
        self._ground()
        if design.scenery:
            self._scenery()
        if design.border:
            self._border(colour(design.border))
        self._band()
        self._titles_above_and_below()
        if design.stickers:
            self._stickers()
        self._holes()

    def rows(self, texts: list[str]) -> list[tuple[str, Room]]:
        """Return where each row of the serial stands."""
        design, h = self._design, self._height
        left = self._band_width() + 0.1 * h
        width = self._width - left - 0.1 * h
        each = design.serial_height * h / len(texts)
        gap = 0.1 * each if len(texts) > 1 else 0.0
        return [
            (text, Room(left, design.serial_top * h + index * (each + gap / 2), width, each - gap))
            for index, text in enumerate(texts)
        ]

    def serial(self, text: str, room: Room) -> None:
        """Press and ink one row of the serial."""
        mask = self._mask()
        narrow = self._design.separator in ("gap", "dot", "dash")
        places = write(
            mask,
            text.replace("-", " "),
            room,
            self._letters,
            gap=float(self._rng.uniform(0.09, 0.16)),
            space=0.22 if narrow else 0.3,
            cells=self._design.cells,
        )
        for character, place in zip(text, places, strict=True):
            if character == "-":
                self._separator(mask, place)
        if self._design.embossed:
            self._emboss(mask)
        self._paint(mask, colour(self._design.ink))

    def _ground(self) -> None:
        colours = np.array([colour(c) for c in self._design.ground], np.float32)
        places = np.linspace(0, len(colours) - 1, self._height)
        steps = np.arange(len(colours))
        column = np.stack([np.interp(places, steps, colours[:, i]) for i in range(3)], axis=1)
        self._image[:] = column[:, None, :]

    def _scenery(self) -> None:
        """Print pale hills, and now and then a disc, behind the serial."""
        h, w = self._height, self._width
        x = np.arange(0, w, 8)
        for _ in range(int(self._rng.integers(1, 4))):
            waves = self._rng.uniform(1, 5, 3)[:, None] * x / w * np.pi
            tops = np.sin(waves + self._rng.uniform(0, 6, (3, 1))).sum(0) * self._rng.uniform(
                0.02, 0.06
            )
            line = np.column_stack([x, (self._rng.uniform(0.5, 0.95) + tops) * h])
            hill = np.vstack([line, [[w, line[-1, 1]], [w, h], [0, h]]]).astype(np.int32)
            mask = self._mask()
            cv2.fillPoly(mask, [hill], FULL, cv2.LINE_AA)
            self._paint(mask, self._tint(), float(self._rng.uniform(0.1, 0.45)))
        if self._rng.random() < 0.5:
            mask = self._mask()
            place = (int(self._rng.uniform(0.2, 0.8) * w), int(self._rng.uniform(0.25, 0.7) * h))
            cv2.circle(mask, place, int(self._rng.uniform(0.1, 0.3) * h), FULL, -1, cv2.LINE_AA)
            self._paint(mask, self._tint(), float(self._rng.uniform(0.1, 0.4)))

    def _tint(self) -> Colour:
        blue, green, red = self._rng.integers(40, 245, 3)
        return int(blue), int(green), int(red)

    def _border(self, ink: Colour) -> None:
        h, w = self._height, self._width
        thick, away = max(2, round(0.022 * h)), round(0.03 * h)
        mask = self._mask()
        _rounded_rectangle(mask, (away, away, w - away, h - away), 0.08 * h)
        inside = self._mask()
        inner = away + thick
        _rounded_rectangle(inside, (inner, inner, w - inner, h - inner), 0.07 * h)
        mask[inside > 0] = 0
        self._paint(mask, ink)

    def _band_width(self) -> float:
        h, rows = self._height, max(f.count("/") for f in self._design.formats) + 1
        if self._design.band == "eu":
            return (0.4 if rows == 1 else 0.14) * h
        return {"gb": 0.36 * h, "in": 0.3 * h}.get(self._design.band, 0.0)

    def _band(self) -> None:
        h, width = self._height, round(self._band_width())
        if self._design.band == "mercosur":
            cv2.rectangle(self._image, (0, 0), (self._width, round(0.24 * h)), _MERCOSUR, -1)
        if not width:
            return
        if self._design.band == "in":
            self._title(
                self._design.country, Room(0.06 * h, 0.42 * h, width - 0.06 * h, 0.12 * h), _INDIA
            )
            return
        cv2.rectangle(self._image, (0, 0), (width, h), _EUROPE, -1)
        if self._design.band == "eu":
            self._stars(width / 2, 0.32 * h, 0.36 * width)
        else:
            cv2.rectangle(
                self._image,
                (round(0.05 * h), round(0.2 * h)),
                (round(width - 0.05 * h), round(0.45 * h)),
                _UNION,
                -1,
            )
            cv2.line(
                self._image,
                (width // 2, round(0.2 * h)),
                (width // 2, round(0.45 * h)),
                _WHITE,
                max(1, h // 30),
            )
            cv2.line(
                self._image,
                (round(0.05 * h), round(0.325 * h)),
                (round(width - 0.05 * h), round(0.325 * h)),
                _WHITE,
                max(1, h // 30),
            )
        self._title(
            self._design.country,
            Room(0.2 * width, 0.64 * h, 0.6 * width, min(0.2 * h, 0.7 * width)),
            _WHITE,
        )

    def _stars(self, x: float, y: float, radius: float) -> None:
        mask = self._mask()
        for angle in np.arange(12) * np.pi / 6:
            place = (round(x + radius * np.cos(angle)), round(y + radius * np.sin(angle)))
            cv2.circle(mask, place, max(1, round(radius * 0.17)), FULL, -1, cv2.LINE_AA)
        self._paint(mask, _GOLD)

    def _titles_above_and_below(self) -> None:
        design, h, w = self._design, self._height, self._width
        tall = 0.14 if design.aspect > 1.5 else 0.1
        if design.header_ground:
            cv2.rectangle(
                self._image, (0, 0), (w, round(0.24 * h)), colour(design.header_ground), -1
            )
        if design.header:
            share = float(self._rng.uniform(0.85, 1.1))
            room = Room(0.22 * w, 0.06 * h, 0.56 * w, tall * share * h)
            self._title(design.header, room, colour(design.header_ink))
        if design.footer:
            room = Room(0.24 * w, 0.85 * h, 0.52 * w, float(self._rng.uniform(0.06, 0.09)) * h)
            self._title(
                design.footer,
                room,
                colour(design.header_ink if not design.header_ground else design.ink),
            )
        if design.name.startswith("us-tx") and design.separator != "gap":
            mask = self._mask()
            fill_star(mask, (0.1 * w, 0.16 * h), 0.085 * h)
            self._paint(mask, colour(design.ink))

    def _title(self, text: str, room: Room, ink: Colour) -> None:
        known = self._titles.characters()
        mask = self._mask()
        write(mask, "".join(c if c in known else " " for c in text), room, self._titles, gap=0.1)
        self._paint(mask, ink)

    def _stickers(self) -> None:
        h, w = self._height, self._width
        for left in (0.035 * w, 0.965 * w - 0.24 * h):
            if self._rng.random() < 0.75:
                room = Room(left, 0.06 * h, 0.24 * h, 0.15 * h)
                corner = (round(room.left), round(room.top))
                end = (round(room.left + room.width), round(room.top + room.height))
                cv2.rectangle(self._image, corner, end, self._tint(), -1)
                inner = Room(room.left + 3, room.top + 0.035 * h, room.width - 6, 0.08 * h)
                month = ("JAN", "MAY", "AUG", "DEC", "24", "25", "26", "27")[self._rng.integers(8)]
                self._title(month, inner, _WHITE if self._rng.random() < 0.5 else _BLACK)

    def _holes(self) -> None:
        h, w = self._height, self._width
        if self._design.holes == "none":
            return
        rows = (0.09, 0.91) if self._design.holes == "four" else (0.12,)
        for y in rows:
            for x in (0.2, 0.8):
                centre, axes = (round(x * w), round(y * h)), (round(0.045 * h), round(0.025 * h))
                cv2.ellipse(self._image, centre, axes, 0, 0, 360, (70, 72, 74), -1, cv2.LINE_AA)

    def _separator(self, mask: Mask, blank: Room) -> None:
        x, y = blank.left + blank.width / 2, blank.top + blank.height / 2
        half = min(blank.width / 2, 0.16 * blank.height)
        match self._design.separator:
            case "dash":
                thick = round(0.05 * blank.height)
                cv2.rectangle(
                    mask,
                    (round(x - half), round(y - thick)),
                    (round(x + half), round(y + thick)),
                    FULL,
                    -1,
                )
            case "dot":
                cv2.circle(mask, (round(x), round(y)), round(half * 0.55), FULL, -1, cv2.LINE_AA)
            case "star":
                fill_star(mask, (x, y), half)
            case "map":
                _fill(mask, _MAP * (2.2 * half) + np.array([x - 1.1 * half, y - 1.1 * half]))
            case "seals":  # a test's and a town's, one above the other
                for up in (-1, 1):
                    self._seal((x, y + up * 0.26 * blank.height), 0.2 * blank.height)
            case "crest":
                self._seal((x, y), 0.24 * blank.height)
            case "gap":
                pass

    def _seal(self, centre: tuple[float, float], radius: float) -> None:
        for share in (1.0, 0.7, 0.4):  # rings of other colours: what is on it cannot be made out
            mask = self._mask()
            place = (round(centre[0]), round(centre[1]))
            cv2.circle(mask, place, max(1, round(radius * share)), FULL, -1, cv2.LINE_AA)
            self._paint(mask, self._tint())

    def _emboss(self, mask: Mask) -> None:
        """Light the raised edge from above and leave the lower one in shade."""
        rise = max(1, round(0.012 * self._height))
        raised = cv2.dilate(mask, np.ones((2 * rise + 1, 2 * rise + 1), np.uint8)).astype(
            np.float32
        )
        relief = np.roll(raised, -rise, axis=0) - np.roll(raised, rise, axis=0)
        relief *= float(self._rng.uniform(0.05, 0.3))
        self._image[:] = np.clip(self._image + relief[:, :, None], 0, 255)

    def _mask(self) -> Mask:
        return np.zeros((self._height, self._width), np.uint8)

    def _paint(self, mask: Mask, ink: Colour, opacity: float = 1.0) -> None:
        x, y, width, height = cv2.boundingRect(mask)
        part = self._image[y : y + height, x : x + width]
        inked = mask[y : y + height, x : x + width].astype(np.float32)
        part += (np.array(ink, np.float32) - part) * (inked * (opacity / 255))[:, :, None]


_EUROPE: Final = (160, 60, 10)
_MERCOSUR: Final = (150, 50, 5)
_UNION: Final = (100, 30, 40)
_INDIA: Final = (150, 70, 20)
_GOLD: Final = (40, 205, 250)
_WHITE: Final = (245, 245, 245)
_BLACK: Final = (20, 20, 20)
_MAP: Final = np.array(  # a state's outline in a unit square, near enough at a dash's size
    [(0.3, 0.0), (0.5, 0.0), (0.5, 0.25), (0.95, 0.33), (1.0, 0.62), (0.72, 0.8), (0.7, 1.0),
     (0.52, 0.92), (0.38, 0.68), (0.24, 0.76), (0.0, 0.45), (0.3, 0.45)]
)  # fmt: skip


def colour(written: str) -> Colour:
    """Return #rrggbb as blue, green, red."""
    red, green, blue = (int(written[i : i + 2], 16) for i in (1, 3, 5))
    return blue, green, red


def fill_star(mask: Mask, centre: tuple[float, float], radius: float) -> None:
    """Fill a five-pointed star."""
    angles = np.arange(10) * np.pi / 5 - np.pi / 2
    lengths = np.where(np.arange(10) % 2 == 0, radius, radius * 0.4)
    _fill(
        mask,
        np.column_stack([np.cos(angles), np.sin(angles)]) * lengths[:, None] + np.array(centre),
    )


def _fill(mask: Mask, points: NDArray[np.float64]) -> None:
    cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], FULL, cv2.LINE_AA, shift=4)


def _rounded_rectangle(mask: Mask, edges: tuple[int, int, int, int], radius: float) -> None:
    left, top, right, bottom = edges
    r = round(radius)
    cv2.rectangle(mask, (left + r, top), (right - r, bottom), FULL, -1)
    cv2.rectangle(mask, (left, top + r), (right, bottom - r), FULL, -1)
    for x in (left + r, right - r):
        for y in (top + r, bottom - r):
            cv2.circle(mask, (x, y), r, FULL, -1, cv2.LINE_AA)
