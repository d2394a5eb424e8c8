"""A range as an MP4: every event's picture or clip, with time, camera and plate burnt in.

It is written in fragments, so that it can be sent while it is made: no open picture touches the
disk, and a day's film takes no more memory than one picture of it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from fractions import Fraction

import av
import av.error
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from contract.event import Event
from lot.times import local_text, moment
from server.exports.lettering import lettered
from server.exports.shot import Shot

WIDTH, HEIGHT, BANNER = 1280, 720, 56  # what a phone and a projector show, and two lines of text
STILL_SECONDS = 2
CLIP_SECONDS_MAX = 60
PIXELS_MAX = 40_000_000  # a small file can say that it is a picture of a hundred times that

_CLOCK = 90_000
_STILL_STEP = _CLOCK // 2  # two pictures a second: a player that jumps lands on one
_WHITE, _BLACK, _GREY = 235, 16, 128
# The fastest that is not wasteful: a Pi's film is mostly stills, of which each costs one picture.
_CODER = {"preset": "superfast", "crf": "25", "profile": "high"}
_FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}

Plane = NDArray[np.uint8]


def film(shots: Iterable[Shot], zone: tzinfo) -> Iterator[bytes]:
    """Yield the MP4's bytes, piece by piece; without a shot it is a film of one black picture."""
    sink = _Sink()
    with av.open(sink, "w", format="mp4", options=_FRAGMENTED) as container:
        stream = _stream(container)
        tick = 0
        for shot in shots:
            for picture, lasting in _pictures(shot, zone):
                _code(container, stream, picture, tick, is_key=lasting == _STILL_STEP)
                tick += lasting
                yield from sink.taken()
        _code(container, stream, _page("the end"), tick, is_key=True)
        for packet in stream.encode(None):
            container.mux(packet)
    yield from sink.taken()


def _pictures(shot: Shot, zone: tzinfo) -> Iterator[tuple[VideoFrame, int]]:
    """Yield what is shown of an event, each with how long it stands."""
    banner = _banner(shot.event, zone)
    clip = shot.pictures.get("clip")
    if clip is not None:
        try:
            yield from _clip(clip, banner)
        except av.error.FFmpegError:
            yield _page(f"{banner}   its clip cannot be shown"), _STILL_STEP
        return
    still = next(
        (shot.pictures[n] for n in ("frame", "vehicle", "plate") if n in shot.pictures), b""
    )
    try:
        shown = _placed(next(_decoded(still)), banner)
    except (av.error.FFmpegError, StopIteration):
        shown = _page(f"{banner}   no picture")
    for _ in range(STILL_SECONDS * _CLOCK // _STILL_STEP):
        yield shown, _STILL_STEP


def _clip(data: bytes, banner: str) -> Iterator[tuple[VideoFrame, int]]:
    last: int | None = None
    for frame in _decoded(data):
        tick = round((frame.time or 0.0) * _CLOCK)
        if tick > CLIP_SECONDS_MAX * _CLOCK:
            return
        lasting = _CLOCK // 25 if last is None else max(1, tick - last)
        last = tick
        yield _placed(frame, banner), lasting


def _decoded(data: bytes) -> Iterator[VideoFrame]:
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        if context.width * context.height > PIXELS_MAX:
            return
        yield from container.decode(stream)


def _placed(frame: VideoFrame, banner: str) -> VideoFrame:
    """Return a picture of the film's size with this one in it, as large as it fits."""
    room = HEIGHT - BANNER
    scale = min(WIDTH / frame.width, room / frame.height)
    width = min(WIDTH, max(2, int(frame.width * scale) // 2 * 2))
    height = min(room, max(2, int(frame.height * scale) // 2 * 2))
    small = frame.reformat(width, height, "yuv420p")
    page = _page(banner)
    left, top = (WIDTH - width) // 4 * 2, BANNER + (room - height) // 4 * 2
    for number, (to, source) in enumerate(zip(_planes(page), _planes(small), strict=True)):
        x, y = (left, top) if number == 0 else (left // 2, top // 2)
        to[y : y + source.shape[0], x : x + source.shape[1]] = source
    return page


def _page(banner: str) -> VideoFrame:
    """Return a black picture with a line of text on top."""
    page = VideoFrame(WIDTH, HEIGHT, "yuv420p")
    luma, *colours = _planes(page)
    luma[:] = _BLACK
    for colour in colours:
        colour[:] = _GREY
    ink = lettered(banner, BANNER // 2)[:, :WIDTH].astype(np.uint16)
    top = BANNER // 4
    scaled = _BLACK + ink * (_WHITE - _BLACK) // 255
    luma[top : top + ink.shape[0], 8 : 8 + ink.shape[1]] = scaled[:, : WIDTH - 8].astype(np.uint8)
    return page


def _planes(picture: VideoFrame) -> list[Plane]:
    return [
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[
            : plane.height, : plane.width
        ]
        for plane in picture.planes
    ]


def _banner(event: Event, zone: tzinfo) -> str:
    plate = event.plate or f"no plate ({event.reason or 'not read'})"
    return f"{local_text(moment(event.best_at), zone)}  {event.camera}  {event.kind}  {plate}"


def _stream(container: OutputContainer) -> VideoStream:
    stream = container.add_stream("libx264", rate=25, options=_CODER)
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    stream.codec_context.time_base = Fraction(1, _CLOCK)
    stream.thread_count = 2
    return stream


def _code(
    container: OutputContainer, stream: VideoStream, shown: VideoFrame, tick: int, *, is_key: bool
) -> None:
    shown.pts, shown.time_base = tick, Fraction(1, _CLOCK)
    shown.pict_type = av.video.frame.PictureType.I if is_key else av.video.frame.PictureType.NONE
    for packet in stream.encode(shown):
        container.mux(packet)


class _Sink:
    """A file that can only be written to: PyAV then writes nothing that must be mended later."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._waiting.append(bytes(data))
        return len(data)

    def taken(self) -> Iterator[bytes]:
        waiting, self._waiting = self._waiting, []
        if waiting:
            yield b"".join(waiting)
