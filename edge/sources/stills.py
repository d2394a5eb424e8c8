"""A still picture is a recording of one frame: someone's photo, or a camera that sends pictures.

Its time is EXIF's, else that in its name; a picture without either stands alone. FFmpeg decodes
it, as it does films: OpenCV passes damaged pictures as good, and libjpeg and libpng below it
write their complaints to standard error themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

import av
import av.error
import numpy as np
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext

from edge.sources.decoding import unreadable
from edge.sources.files import Facts
from edge.sources.headers import Exif, header
from edge.sources.starts import Start, iso_time, start_of
from edge.values import Frame, Image
from lot.errors import Unreadable

PIXELS_MAX = 100_000_000  # 300 MB as BGR; the largest phone cameras give 50 to 200 million
BYTES_MAX = 256 << 20
_EXIF_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Still:
    """A picture that could be decoded; iterating gives its one frame."""

    path: Path
    camera: str
    start: Start
    facts: Facts

    def __iter__(self) -> Iterator[Frame]:
        yield Frame(
            self.camera, 0, self.start.at, picture_in(picture_bytes(self.path), str(self.path))
        )


def open_still(path: Path, *, camera: str, zone: tzinfo, told: datetime | None = None) -> Still:
    """Judge a picture by decoding it; Unreadable says in a line what is wrong with it."""
    data = picture_bytes(path)
    height, width = picture_in(data, str(path)).shape[:2]
    found = header(data)
    taken = None if found is None else _taken(found.exif, zone)
    if told is None and taken is not None:
        start = Start(taken, "exif")
    else:
        start = start_of(path, told=told, borne=None, zone=zone)
    return Still(path, camera, start, Facts(width, height, frames=1))


def picture_in(data: bytes, name: str) -> Image:
    """Decode a JPEG, PNG, WebP or BMP, upright and read-only; `name` is for the complaint."""
    found = header(data)
    if found is None:
        raise Unreadable(
            f"{name} is no jpg, png, webp or bmp picture", then="leave it out or convert it"
        )
    if found.width * found.height > PIXELS_MAX:
        raise Unreadable(
            f"{name} has {found.width} x {found.height} pixels, more than {PIXELS_MAX:,}",
            then="make it smaller first",
        )
    damaged = Unreadable(f"{name} is damaged or cut off", then="copy it again or leave it out")
    if not found.whole:
        raise damaged
    try:
        pixels = _decoded(data, found.codec)
    except av.error.FFmpegError as error:
        raise damaged from error
    if pixels is None:
        raise damaged
    image = found.exif.turn.applied(pixels)
    image.setflags(write=False)
    return image


def _decoded(data: bytes, codec: str) -> Image | None:
    context = av.CodecContext.create(codec, "r")
    assert isinstance(context, VideoCodecContext)
    context.options = {"err_detect": "explode"}  # else damage becomes grey blocks
    context.thread_count = 1
    pictures = context.decode(Packet(data)) or context.decode(None)
    if not pictures:
        return None
    return np.asarray(pictures[0].to_ndarray(format="bgr24", threads=1), dtype=np.uint8)


def picture_bytes(path: Path) -> bytes:
    """Return a picture file's bytes; Unreadable for none, or too many to be a picture's."""
    try:
        with path.open("rb") as file:
            data = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    if not data:
        raise Unreadable(f"{path} is empty", then="copy it again or leave it out")
    if len(data) > BYTES_MAX:
        raise Unreadable(f"{path} is no picture of a sensible size", then="leave it out")
    return data


def _taken(exif: Exif, zone: tzinfo) -> datetime | None:
    """Return EXIF's time; without an offset the camera is taken to show the lot's time."""
    found = _EXIF_TIME.fullmatch(exif.taken.strip())
    if found is None:
        return None
    year, month, day, time = found.groups()
    return iso_time(f"{year}-{month}-{day} {time}{exif.offset.strip()}", zone)
