"""An MP4 that plays in a browser and on a phone, written picture by picture.

H.264 in 8 bits with halved colour, the index in front, sides even. Coding runs on a thread of
its own: it gives up the interpreter while it codes, so the next picture is decoded and drawn
meanwhile; and a Ctrl-C, which Python raises in the main thread alone, never tears a picture.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import av.error
import numpy as np
from av.container import OutputContainer
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from edge.outputs.canvas import Planar
from lot.files import written_aside

if TYPE_CHECKING:
    from av.container.core import Chapter as MarkInFile  # it exists in PyAV's stubs alone

CLOCK_RATE = 90_000  # ticks a second: 24, 25, 29.97, 30 and 60 frames a second are all whole in it

# Measured at 1080p, processor time a frame and size a second at crf 25, a gate that stands
# still with a camera's noise / a picture that changes all over:
#   ultrafast                        7.6 ms  432 kB    9.7 ms  753 kB
#   superfast                       12.7 ms  394 kB   21.7 ms  440 kB
#   superfast with the macroblock
#     tree over ten pictures        10.5 ms   68 kB   20.8 ms  300 kB   <- this
#   veryfast                        13.5 ms   71 kB   38.2 ms  306 kB
_CODER = {
    "preset": "superfast",
    "crf": "25",
    "x264-params": "mbtree=1:rc-lookahead=10",
    "profile": "high",
}
_THREADS = 2  # beside the decoder's; each more holds some 12 MB at 1080p
_BEFORE_ALL = "beginning"
_WAITING_MAX = 4  # pictures between drawing and coding: 12 MB at 1080p


@dataclass(frozen=True, slots=True)
class Chapter:
    """A place to jump to."""

    at: datetime
    title: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What a film is, before its first picture."""

    width: int  # odd ones lose a line, since halved colour knows even sides only
    height: int
    rate: Fraction  # mean pictures a second; each keeps its own time
    wide_colours: bool  # BT.709 as in HD, else BT.601
    pixel: Fraction | None = None  # width to height of a pixel, where it is not square
    began: datetime | None = None  # written into the file, where it is known


@dataclass(frozen=True, slots=True)
class _Held:
    picture: VideoFrame
    tick: int


class Mp4:
    """A film in the making; pictures are given in the order of their times."""

    def __init__(self, container: OutputContainer, stream: VideoStream, shape: Shape) -> None:
        self.first: datetime | None = None
        self._container = container
        self._stream = stream
        self._step = round(CLOCK_RATE / shape.rate)
        self._held: _Held | None = None  # the last one added
        self._lasting: dict[int, int] = {}  # how long each picture stands that is being coded
        self._end: datetime | None = None
        self._chapters: list[Chapter] = []
        self._waiting: queue.Queue[VideoFrame | None] = queue.Queue(_WAITING_MAX)
        self._failure: Exception | None = None
        self._coder = threading.Thread(target=self._code, name="mp4", daemon=True)
        self._coder.start()

    def blank(self) -> tuple[VideoFrame, Planar]:
        """Return an empty picture of the film's size, and the canvas over its planes."""
        picture = VideoFrame(self._stream.width, self._stream.height, "yuv420p")
        return picture, planar(picture)

    def add(self, picture: VideoFrame, time: datetime, *, key: bool) -> None:
        """Add a picture; a `key` picture can be jumped to at once."""
        self._raise_failure()
        self.first = self.first or time
        tick = self._tick(time)
        if self._held is not None:
            tick = max(tick, self._held.tick + 1)
            self._pass_on(self._held, until=tick)
        picture.pts, picture.time_base = tick, Fraction(1, CLOCK_RATE)
        picture.pict_type = PictureType.I if key else PictureType.NONE
        self._held = _Held(picture, tick)

    def stands_until(self, time: datetime) -> None:
        """Let the last picture stand until then, if that is longer than pictures usually do."""
        self._end = time

    def mark(self, chapter: Chapter) -> None:
        """Keep a chapter for the end, in any order; one outside the film will fall away."""
        self._chapters.append(chapter)

    def close(self) -> None:
        """Code what waits, write the chapters and the index."""
        length = self._pass_on_the_last()
        self._stop()
        self._raise_failure()
        self._container.set_chapters(_marks(self._starts(), length * 1000 // CLOCK_RATE))
        self._container.close()

    def abandon(self) -> None:
        """Give everything back; does nothing to a film that is closed."""
        self._failure = self._failure or OSError("abandoned")
        self._stop()
        with contextlib.suppress(av.error.FFmpegError, OSError):
            self._container.close()

    def _stop(self) -> None:
        self._waiting.put(None)
        self._coder.join()

    def _pass_on(self, held: _Held, *, until: int) -> None:
        """Give the coder the picture that is held, now that it is known how long it stands."""
        self._lasting[held.tick] = until - held.tick
        self._waiting.put(held.picture)

    def _pass_on_the_last(self) -> int:
        """Return the film's length in ticks."""
        held = self._held
        if held is None:
            return 0
        end = held.tick + self._step
        if self._end is not None:
            end = max(end, self._tick(self._end))
        if end > held.tick + self._step:
            # A file keeps how long the last one stands that was coded. Only after a key picture
            # is that surely the last one shown: pictures between two others are coded after both.
            held.picture.pict_type = PictureType.I
        self._pass_on(held, until=end)
        self._held = None
        return end

    def _tick(self, time: datetime) -> int:
        since = timedelta() if self.first is None else time - self.first
        return round(since.total_seconds() * CLOCK_RATE)

    def _starts(self) -> list[tuple[int, str]]:
        """Return each chapter's millisecond, no two the same; what began sooner begins at 0."""
        starts: list[tuple[int, str]] = []
        for chapter in sorted(self._chapters, key=lambda one: one.at):
            start = max(0, self._tick(chapter.at) * 1000 // CLOCK_RATE)
            if starts:
                start = max(start, starts[-1][0] + 1)
            starts.append((start, chapter.title))
        return starts

    def _code(self) -> None:
        while (picture := self._waiting.get()) is not None:
            if self._failure is None:
                self._attempt(picture)
        if self._failure is None:
            self._attempt(None)

    def _attempt(self, picture: VideoFrame | None) -> None:
        try:
            for packet in self._stream.encode(picture):
                # PyAV cannot ask x264 to pass this on, and a film's last picture would not stand.
                packet.duration = self._lasting.pop(packet.pts or 0, self._step)
                self._container.mux(packet)
        except (av.error.FFmpegError, OSError) as error:
            self._failure = error  # raised again where the next picture is added

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


@contextlib.contextmanager
def mp4(path: Path, shape: Shape) -> Iterator[Mp4]:
    """Give a film to add pictures to; `path` appears when it is whole.

    A KeyboardInterrupt ends the film early: it is closed, kept and playable, and the interrupt
    goes on. After any other error nothing remains of it.
    """
    stopped: KeyboardInterrupt | None = None
    with written_aside(path) as aside, _errors_as_the_systems():
        film = _opened(aside, shape)
        try:
            try:
                yield film
            except KeyboardInterrupt as stop:
                stopped = stop
            if film.first is None:
                raise stopped or ValueError(f"{path} would be a film without a picture")
            film.close()
        finally:
            film.abandon()
    if stopped is not None:
        raise stopped


def _marks(starts: Sequence[tuple[int, str]], length: int) -> list[MarkInFile]:
    """Let each chapter last until the next, and the first begin with the film.

    Players that read chapters as a track know no gaps: without one at 0 the first event's
    would be moved there.
    """
    within = [(start, title) for start, title in starts if start < length]
    if not within:
        return []
    if within[0][0] > 0:
        within.insert(0, (0, _BEFORE_ALL))
    ends = [start for start, _ in within[1:]] + [length]
    return [
        {
            "id": number,
            "start": start,
            "end": end,
            "time_base": Fraction(1, 1000),
            "metadata": {"title": title},
        }
        for number, ((start, title), end) in enumerate(zip(within, ends, strict=True))
    ]


@contextlib.contextmanager
def _errors_as_the_systems() -> Iterator[None]:
    try:
        yield
    except av.error.FFmpegError as error:
        raise OSError(error.errno, error.strerror) from error


def planar(picture: VideoFrame) -> Planar:
    """Return a canvas over the planes of a yuv420p picture."""
    y, u, v = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[
            : plane.height, : plane.width
        ]
        for plane in picture.planes
    )
    return Planar(y, u, v, picture.width, picture.height)


def _opened(path: Path, shape: Shape) -> Mp4:
    container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
    stream = container.add_stream("libx264", rate=shape.rate, options=_CODER)
    stream.width, stream.height = shape.width // 2 * 2, shape.height // 2 * 2
    stream.pix_fmt = "yuv420p"
    stream.thread_count = _THREADS
    context = stream.codec_context
    context.time_base = Fraction(1, CLOCK_RATE)
    context.color_range = 1  # 16 to 235, as films have it
    matrix = 1 if shape.wide_colours else 6
    context.colorspace = context.color_primaries = context.color_trc = matrix
    if shape.pixel is not None:
        stream.sample_aspect_ratio = shape.pixel
    if shape.began is not None:
        container.metadata["creation_time"] = shape.began.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return Mp4(container, stream, shape)
