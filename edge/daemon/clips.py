"""A short annotated clip of each event, made in memory: nothing of it lies open on a disk.

While something is in view each picture is kept small, with what was seen in it; the film is made
when its event is final, and says what proved right. What has gone from the room that there is
makes the clip shorter, or there is none: an event without a clip is an event.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from contract.event import Event
from edge.daemon.gallery import coded, decoded, narrowed
from edge.daemon.lookout import Lookout, News
from edge.daemon.loop import Seen
from edge.outputs.drawing import Notice, Overlay
from edge.outputs.overlaying import Overlaying
from edge.outputs.sheet import sheet
from edge.values import Image
from lot.times import moment

BYTES_MAX = 32 * 1024 * 1024  # of small pictures: some minutes of a busy gate
CLIP_BYTES_MAX = 3 * 1024 * 1024  # a part of the wire holds 4 MiB, its seal and zeros included
AROUND = timedelta(seconds=3)  # the best picture, before and after
_EVERY = timedelta(seconds=0.18)  # five a second of a camera's ten: half the work, and it moves
_WIDTH, _QUALITY = 640, 80
_CLOCK = 90_000
# A browser plays it from its first bytes, and it is written front to back, as memory wants it.
_FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
# 31 pictures of this size take 0.16 s of a PC's processor: longer than until the next picture.
_CODER = {"preset": "ultrafast", "crf": "28", "maxrate": "2M", "bufsize": "2M"}
_BARE = Overlay()


@dataclass(frozen=True, slots=True)
class Kept:
    """A small picture, and what is drawn over it."""

    camera: str
    time: datetime
    small: bytes  # a JPEG
    overlay: Overlay = _BARE


class Clips(Seen):
    """One daemon's recent pictures with what was seen in them, the oldest let go first."""

    def __init__(
        self, cameras: Mapping[str, Overlaying], zone: tzinfo, bytes_max: int = BYTES_MAX
    ) -> None:
        self._overlaying = cameras
        self._zone = zone
        self._bytes_max = bytes_max
        self._bytes = 0
        self._kept: deque[Kept] = deque()
        self._newest: dict[str, datetime] = {}

    def turn(self, lookouts: Sequence[Lookout], news: Sequence[News]) -> None:
        for one, new in zip(lookouts, news, strict=True):
            if new.frame is None:
                continue
            time = new.frame.time
            overlay = self._overlaying[one.name].at(time, new.step)
            before = self._newest.get(one.name)
            if one.busy and (before is None or time - before >= _EVERY):
                self._newest[one.name] = time
                self._keep(one.name, time, new.frame.image, overlay)

    def of(self, camera: str, event: Event) -> list[Kept]:
        """Return the pictures of the event's clip, none where there is nothing to make it of."""
        best = moment(event.best_at)
        kept = [
            one for one in self._kept if one.camera == camera and abs(one.time - best) <= AROUND
        ]
        at = moment(event.at).astimezone(self._zone)
        notices = (Notice(event, f"{at:%H:%M:%S}"),)
        return [replace(one, overlay=replace(one.overlay, notices=notices)) for one in kept]

    def _keep(self, camera: str, time: datetime, image: Image, overlay: Overlay) -> None:
        kept = Kept(camera, time, coded(narrowed(image, _WIDTH), _QUALITY), overlay)
        self._kept.append(kept)
        self._bytes += len(kept.small)
        while self._bytes > self._bytes_max:
            self._bytes -= len(self._kept.popleft().small)


def clip_of(kept: Sequence[Kept]) -> bytes | None:
    """Return the pictures as an MP4, each at its own time; None where that is too large to send."""
    film = _filmed(kept)
    return film if len(film) <= CLIP_BYTES_MAX else None


def _filmed(kept: Sequence[Kept]) -> bytes:
    sink = io.BytesIO()
    began = kept[0].time
    with av.open(sink, "w", format="mp4", options=_FRAGMENTED) as film:
        stream: VideoStream | None = None
        for one in kept:
            drawn = _even(sheet(decoded(one.small), one.overlay))
            if stream is None:
                stream = _stream(film, drawn)
            elif (stream.height, stream.width) != drawn.shape[:2]:
                continue  # the camera was set otherwise in between
            picture = VideoFrame.from_ndarray(drawn, format="bgr24").reformat(format="yuv420p")
            picture.pts = round((one.time - began).total_seconds() * _CLOCK)
            picture.time_base = Fraction(1, _CLOCK)
            film.mux(stream.encode(picture))
        assert stream is not None, "who asks has pictures"
        film.mux(stream.encode(None))
    return sink.getvalue()


def _stream(film: av.container.OutputContainer, first: Image) -> VideoStream:
    stream = film.add_stream("libx264", rate=5, options=_CODER)
    assert isinstance(stream, VideoStream)
    stream.height, stream.width = first.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = Fraction(1, _CLOCK)
    return stream


def _even(image: Image) -> Image:
    """Halved colour knows even sides only."""
    height, width = image.shape[:2]
    return np.ascontiguousarray(image[: height // 2 * 2, : width // 2 * 2])
