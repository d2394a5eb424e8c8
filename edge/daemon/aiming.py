"""`--aim`: is this mount good enough to read plates, and if not, what to change.

Each plate that passes is measured; a line says how it was and what to do. The judgement of a
mount is that of its last plates, since one glare on one bumper says nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from edge.daemon.lookout import Lookout, News
from edge.daemon.loop import Seen
from edge.reading.crops import condition, cut
from edge.values import Box, Image

CHARACTERS = 7  # of most plates: what a mount is judged by, whoever drives past
JUDGED = 5  # plates that a mount is judged by
_TILTS = np.arange(-20, 20.5, 1.0)
_TILT_SIZE = (96, 48)
_WHITE = 250


@dataclass(frozen=True, slots=True)
class Good:
    """What a mount must give."""

    pixels_a_character: float = 12.0  # 84 pixels for seven: the gate calls 70 legible
    tilt_degrees: float = 10.0
    sharpness: float = 0.25
    glare: float = 0.15
    dark: float = 40.0
    bright: float = 215.0


GOOD = Good()


@dataclass(frozen=True, slots=True)
class Measured:
    """One plate as this mount shows it."""

    pixels_a_character: float
    tilt_degrees: float
    sharpness: float
    glare: float  # share of the plate that is burnt out
    light: float  # mean shade, 0 to 255

    def faults(self) -> list[str]:
        """Return what is wrong with it and what to change, a few words each."""
        good, found = GOOD, []
        if self.pixels_a_character < good.pixels_a_character:
            found.append("too small: zoom in, or come nearer")
        if abs(self.tilt_degrees) > good.tilt_degrees:
            found.append("tilted: turn the camera level, or less from the side")
        if self.sharpness < good.sharpness:
            found.append("blurred: focus; shutter 1/500 s or shorter")
        if self.glare > good.glare:
            found.append("glare: less light on it, or another angle")
        if self.light < good.dark:
            found.append("dark: more light, or a longer exposure")
        if self.light > good.bright:
            found.append("too bright: a shorter exposure")
        return found


def measured(image: Image, plate: Box) -> Measured:
    """Measure the plate in `plate`."""
    how = condition(image, plate)
    crop = cut(image, plate, 0.0)
    grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), np.uint8)
    return Measured(
        # A plate's letters fill nine tenths of its width.
        how.width * 0.9 / CHARACTERS,
        tilt(grey),
        how.sharpness,
        float((grey >= _WHITE).mean()),
        how.brightness,
    )


def tilt(grey: Image) -> float:
    """Return by how many degrees the line of letters falls to the right.

    Letters' tops and feet are rows of edges: turned level, these rows are the sharpest.
    """
    size = _TILT_SIZE
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    scale = (grey.shape[1] / size[0]) / max(1e-6, grey.shape[0] / size[1])
    middle = (size[0] / 2, size[1] / 2)
    best, sharpest = 0.0, -1.0
    for angle in _TILTS:
        matrix = cv2.getRotationMatrix2D(middle, float(angle), 1.0)
        turned = cv2.warpAffine(small, matrix, size, borderMode=cv2.BORDER_REPLICATE)
        rows = turned[8:-8, 12:-12].astype(np.float32).mean(axis=1)
        sharp = float(np.square(np.diff(rows)).sum())
        if sharp > sharpest:
            best, sharpest = float(angle), sharp
    # The crop was squeezed to one size, and its angle with it.
    return float(np.degrees(np.arctan(np.tan(np.radians(best)) / scale)))


class Aiming(Seen):
    """Says of each plate in view how this mount shows it."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._last: dict[str, OrderedDict[int, bool]] = {}  # by track, as it was nearest
        self._told: dict[tuple[str, int], float] = {}

    def turn(self, lookouts: Sequence[Lookout], news: Sequence[News]) -> None:
        for one, new in zip(lookouts, news, strict=True):
            if new.frame is None or new.step is None or not new.step.looked:
                continue
            for track in new.step.tracks:
                seen = track.kind == "plate" and track.last_frame == new.frame.index
                # Told again where it has come a third nearer: the nearest is what counts.
                if seen and track.box.width > 1.3 * self._told.get((one.name, track.id), 0.0):
                    self._told[one.name, track.id] = track.box.width
                    self._tell(one.name, track.id, measured(new.frame.image, track.box))

    def verdicts(self) -> list[str]:
        """Return a line a camera: whether its mount passed."""
        return [
            f"{name}: {'PASS' if 2 * sum(last.values()) > len(last) else 'FAIL'}"
            f" ({sum(last.values())} of the last {len(last)} plates were good)"
            for name, last in sorted(self._last.items())
        ]

    def _tell(self, name: str, track: int, plate: Measured) -> None:
        faults = plate.faults()
        last = self._last.setdefault(name, OrderedDict())
        last[track] = not faults
        while len(last) > JUDGED:
            last.popitem(last=False)
        self._say(
            f"{name}: {plate.pixels_a_character:.0f} px/char, tilt {plate.tilt_degrees:+.0f}°,"
            f" sharp {plate.sharpness:.2f}, glare {plate.glare:.0%}, light {plate.light:.0f}"
            f" -> {'good' if not faults else faults[0]}"
        )
        for fault in faults[1:]:
            self._say(f"{'':{len(name)}}  {fault}")
