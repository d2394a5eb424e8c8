"""The values that flow through the edge, from a frame to a passage.

Every box is in fractions of the picture, so that no rule depends on a camera's resolution;
only who cuts a crop or draws a line multiplies by pixels. Times are aware UTC datetimes of
the source itself (a recording has its own time, never the wall's).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]  # height x width x 3, blue green red

Vehicle = Literal["car", "motorcycle", "bus", "truck"]
Kind = Literal["car", "motorcycle", "bus", "truck", "plate"]
KINDS: tuple[Kind, ...] = ("car", "motorcycle", "bus", "truck", "plate")
Border = Literal["left", "top", "right", "bottom"]
Along = Literal["along", "against", "touched"]
NoPlate = Literal["too_small", "blurred", "dark", "hidden", "none_found"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a camera. The image is read-only: stations share it."""

    camera: str
    index: int  # counts from 0 in its source
    time: datetime
    # The image, or what gives it: most frames lie between two looks, and nobody asks for theirs.
    given: Image | Callable[[], Image]

    @property
    def image(self) -> Image:
        return self.given() if callable(self.given) else self.given


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of the picture: 0 is left or top, 1 is right or bottom."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def overlap(self, other: Box) -> float:
        """Return the area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)

    def iou(self, other: Box) -> float:
        """Return intersection over union: 1 is the same box, 0 is apart."""
        both = self.overlap(other)
        union = self.area + other.area - both
        return both / union if union > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Detection:
    """One thing the detector saw in one picture."""

    box: Box
    kind: Kind
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What one engine made of one crop: an opinion, not yet a plate.

    An empty text says that nothing was legible.
    """

    text: str
    characters: tuple[float, ...]  # a probability a character, calibrated by its engine
    runners: tuple[tuple[tuple[str, float], ...], ...]  # a character's runner-ups, best first
    engine: str
    region: str | None = None
    region_confidence: float = 0.0

    def __post_init__(self) -> None:
        if not len(self.text) == len(self.characters) == len(self.runners):
            raise ValueError(
                f"{self.engine}: {len(self.text)} characters, {len(self.characters)} "
                f"probabilities, {len(self.runners)} lists of runner-ups"
            )
        if not all(0.0 <= p <= 1.0 for p in self.characters):
            raise ValueError(f"{self.engine}: a probability is outside 0..1")


@dataclass(frozen=True, slots=True)
class Look:
    """A reading with the moment and the crop it was taken from."""

    reading: Reading
    at: datetime
    frame: int
    box: Box  # the plate's, in its frame
    width: float  # the plate's width in pixels of the source
    sharpness: float


@dataclass(frozen=True, slots=True)
class LaneTouch:
    """The lane a vehicle used, and how it went in it."""

    name: str
    how: Along


@dataclass(frozen=True, slots=True)
class Passage:
    """One vehicle's stay in one camera's view.

    The gate is told of it while it lasts, growing, under one id, and when it has ended.
    """

    id: str
    camera: str
    first_seen: datetime
    last_seen: datetime
    came_by: Border | None  # known only if the track began at that border
    left_by: Border | None
    stood_first: Box | None  # where it stood when first seen, if it stood then
    stood_last: Box | None
    moved: bool
    went_length: bool  # it was its own length away from where it came by
    lane: LaneTouch | None
    vehicle: Vehicle | None
    looks: tuple[Look, ...]  # the ten surest
    no_plate: NoPlate | None  # the reason why there is no look
    legible: bool  # near enough that a plate would have been legible
    others: tuple[tuple[str, float], ...]  # other plates read strongly on it (a trailer)
    best_frame: int
    ended: bool
