"""A toy gate: blue cars with numbered plates, and eyes that see nothing else.

What the replay does with what is seen is then tested on real files, apart from how well the
networks see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

from edge.eyes import Eyes
from edge.settings import Settings
from edge.values import Box, Detection, Image, Reading

SIZE = (320, 192)
PLATES = ("ABC1234", "XYZ9876", "KLM4421", "TRK0042")
_CAR = (200, 60, 30)
_RED_STEP = 60  # apart enough to outlive H.264


@dataclass(frozen=True, slots=True)
class ToyCar:
    """A car that crosses the picture: from second `begins` on, by `speed` widths a second."""

    plate: int
    begins: float
    speed: float = 0.4
    rightwards: bool = True
    stands: tuple[float, float] | None = None  # for so many seconds after so many seconds

    def left(self, second: float) -> float:
        """Return its left side in fractions; it is out of the picture below -0.3 and above 1."""
        driven = second - self.begins
        if self.stands is not None:
            after, wait = self.stands
            driven = min(driven, after) + max(0.0, driven - after - wait)
        along = driven * self.speed
        return -0.3 + along if self.rightwards else 1.0 - along


def picture(cars: Iterable[ToyCar], second: float) -> Image:
    """Draw the gate at a second of the recording."""
    width, height = SIZE
    image = np.full((height, width, 3), 110, np.uint8)
    for car in cars:
        if second < car.begins:
            continue
        left = round(car.left(second) * width)
        cv2.rectangle(image, (left, 60), (left + 95, 140), _CAR, -1)
        red = 15 + car.plate * _RED_STEP
        cv2.rectangle(image, (left + 10, 110), (left + 84, 126), (20, 230, red), -1)
    return image


def record_gate(path: Path, seconds: float, cars: Sequence[ToyCar], rate: int = 10) -> Path:
    """Write a recording of the gate."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=rate, options={"crf": "12", "preset": "ultrafast"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, rate)
        for number in range(round(seconds * rate)):
            frame = av.VideoFrame.from_ndarray(picture(cars, number / rate), format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


class ToyDetector:
    """Sees blue cars and their green plates."""

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        return [[*_seen(image, "car"), *_seen(image, "plate")] for image in images]


class ToyReader:
    """Reads a plate by how red it is."""

    margin = 0.0

    def read(self, crops: Sequence[Image]) -> list[Reading]:
        return [_reading(crop) for crop in crops]


def toy_eyes(_: Settings) -> Eyes:
    """Open the toy eyes, whatever was chosen."""
    return Eyes(ToyDetector(), ToyReader(), {"plate_detector": "0" * 64})


def _seen(image: Image, kind: str) -> list[Detection]:
    blue, green = image[:, :, 0].astype(int), image[:, :, 1].astype(int)
    if kind == "car":
        found = (blue > 150) & (green < 110) | (green > 180) & (blue < 90)
    else:
        found = (green > 180) & (blue < 90)
    count, _, stats, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8))
    height, width = image.shape[:2]
    boxes = [stats[n].tolist() for n in range(1, count) if stats[n][4] > 100]
    return [
        Detection(
            Box(x / width, y / height, (x + w) / width, (y + h) / height),
            "car" if kind == "car" else "plate",
            0.9,
        )
        for x, y, w, h, _ in boxes
    ]


def _reading(crop: Image) -> Reading:
    middle = crop[crop.shape[0] // 4 : -(crop.shape[0] // 4) or None]
    number = round((float(np.median(middle[:, :, 2])) - 15) / _RED_STEP)
    text = PLATES[min(max(number, 0), len(PLATES) - 1)]
    return Reading(text, (0.97,) * len(text), ((),) * len(text), "toy")
