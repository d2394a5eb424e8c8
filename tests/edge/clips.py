"""Tiny recordings made on the spot: each picture bears its own number as a grey level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

from edge.values import Image

STEP = 20  # of grey from one picture to the next; coding errs by two or three


@dataclass(frozen=True, slots=True)
class Clip:
    """What to record; ten pictures of 64 x 48 at ten a second unless told otherwise."""

    stamps: Sequence[int] = tuple(range(0, 1000, 100))  # ms
    size: tuple[int, int] = (64, 48)
    codec: str = "libx264"
    pixels: str = "yuv420p"
    tags: dict[str, str] = field(default_factory=dict)
    rotation: int | None = None  # degrees to the left, as a phone notes it
    options: dict[str, str] = field(default_factory=dict)  # the container's
    coder: dict[str, str] = field(default_factory=lambda: {"g": "5", "bf": "0"})


def record(path: Path, clip: Clip | None = None) -> Path:
    """Write `clip` to `path`; the suffix names the container."""
    clip = clip or Clip()
    with av.open(str(path), "w", options=clip.options) as out:
        out.metadata.update(clip.tags)
        stream = out.add_stream(clip.codec, rate=10, options=clip.coder)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = clip.size
        stream.pix_fmt = clip.pixels
        stream.codec_context.time_base = Fraction(1, 1000)
        if clip.rotation is not None:
            stream.set_display_rotation(clip.rotation)
        for number, stamp in enumerate(clip.stamps):
            picture = av.VideoFrame.from_ndarray(numbered(number, clip.size), format="bgr24")
            picture.pts, picture.time_base = stamp, Fraction(1, 1000)
            out.mux(stream.encode(picture))
        out.mux(stream.encode())
    return path


def record_sound(path: Path) -> Path:
    """Write half a second of silence."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=8000)
        for at in range(0, 4096, 1024):
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            silence.rate, silence.pts = 8000, at
            out.mux(stream.encode(silence))
        out.mux(stream.encode())
    return path


def numbered(number: int, size: tuple[int, int]) -> Image:
    """Return picture `number`: its grey over all, and the left upper eighth white."""
    width, height = size
    image = np.full((height, width, 3), number * STEP % 240, np.uint8)
    image[: height // 4, : width // 2] = 255
    return image


def number_of(image: Image) -> int:
    """Read the number back, from the middle of the picture."""
    height, width = image.shape[:2]
    middle = image[height // 2 - 4 : height // 2 + 4, width // 2 - 4 : width // 2 + 4]
    return round(float(middle.mean()) / STEP)


def picture(path: Path, size: tuple[int, int] = (64, 48)) -> Path:
    """Write a still picture; the suffix names the format."""
    done, coded = cv2.imencode(path.suffix, numbered(5, size))
    assert done
    path.write_bytes(coded.tobytes())
    return path
