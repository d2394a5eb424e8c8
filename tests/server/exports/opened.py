"""Opened events with pictures, made on the spot."""

from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from typing import Any

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from contract.event import Event
from contract.ids import uuid7
from tests.contract.writers import AN_EVENT, NOON

MINUTE = 60_000_000


def event(number: int = 1, **changed: Any) -> Event:
    at = NOON + number * MINUTE
    plain = replace(
        AN_EVENT, id=uuid7(at, number), sequence=number, first_seen=at, best_at=at, last_seen=at
    )
    if "plate" in changed and changed["plate"] is not None:
        changed.setdefault("characters", (990,) * len(changed["plate"]))
    return replace(plain, **changed)


def jpeg(width: int = 320, height: int = 240, value: int = 200) -> bytes:
    """Return a picture of one grey."""
    frame = av.VideoFrame.from_ndarray(np.full((height, width, 3), value, np.uint8), "bgr24")
    coder = VideoCodecContext.create("mjpeg", "w")
    assert isinstance(coder, VideoCodecContext)
    coder.width, coder.height = width, height
    coder.pix_fmt, coder.time_base = "yuvj420p", Fraction(1, 25)
    packets = [*coder.encode(frame.reformat(format="yuvj420p")), *coder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)


def clip(frames: int = 10) -> bytes:
    """Return a film of a moving bar."""
    to = BytesIO()
    with av.open(to, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for n in range(frames):
            picture = np.zeros((120, 160, 3), np.uint8)
            picture[:, n * 10 : n * 10 + 10] = 255
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, "bgr24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return to.getvalue()
