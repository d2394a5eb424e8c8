"""A recording on disk becomes frames with the file's own times.

PyAV gives the stamp of every picture, where cv2.VideoCapture rounds it or invents one. A
file is opened once to be judged, so that a bad one is named before any work, and again for
every reading.

No station needs to know of the planes below: a frame is BGR to whoever asks for its image. It is
made only then, since two of three frames pass unasked, and the way to BGR is a good part of
decoding (`python -m benchmarks.stages FILE`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from typing import cast

import av.error
import numpy as np
from av.container import InputContainer
from av.sidedata.sidedata import SideData, Type
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from edge.sources.decoding import Decoding, opened, shown_before, unreadable
from edge.sources.spans import WHOLE, Span
from edge.sources.starts import Start, borne_by_container, start_of
from edge.sources.timing import SteadyTime
from edge.sources.turning import UPRIGHT, Turn, turn_of_matrix
from edge.values import Frame, Image
from lot.errors import Unreadable

_FALLBACK_RATE = Fraction(25)  # where the file does not say
_SECOND = 1_000_000  # µs
_LONGEST = 30 * 24 * 3600  # s; a header that claims more is damaged


@dataclass(frozen=True, slots=True)
class Facts:
    """What a recording says of itself before it is read; for progress, never for rules."""

    width: int  # upright
    height: int
    rate: float | None = None  # mean frames a second
    frames: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Film:
    """How the file numbers its pictures, and how they lie."""

    origin: int | None  # the stamp of the first
    unit: Fraction  # seconds of one stamp
    rate: Fraction
    width: int  # as coded, not upright
    height: int
    turn: Turn
    pixel: Fraction | None  # an upright pixel's width to its height, where it is not square

    @property
    def step(self) -> int:
        """The usual distance of two frames, in microseconds."""
        return round(_SECOND / self.rate)

    def micros(self, stamp: int | None) -> int | None:
        """Return a stamp as microseconds since the first frame."""
        if stamp is None or self.origin is None:
            return None
        return (stamp - self.origin) * self.unit.numerator * _SECOND // self.unit.denominator

    def stamp(self, seconds: float) -> int:
        """Return the stamp of a second counted from the first frame."""
        return (self.origin or 0) + int(Fraction(seconds) / self.unit)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reading went, so far or at its end."""

    frames: int = 0
    first: datetime | None = None
    last: datetime | None = None
    damaged: int = 0  # packets of which nothing could be made
    broke_off: float | None = None  # the second after which nothing more could be read

    def complaint(self, path: Path) -> Unreadable | None:
        """Return what the operator should know, in a line; None where all went well."""
        if self.broke_off is not None:
            return Unreadable(
                f"{path} cannot be read beyond second {self.broke_off:.1f}",
                then="what came before is kept; copy the file again if the rest is wanted",
            )
        if self.damaged:
            places = "one place" if self.damaged == 1 else f"{self.damaged} places"
            return Unreadable(
                f"{path} is damaged in {places}",
                then="the rest of it was read; copy the file again if every frame is wanted",
            )
        return None


@dataclass(frozen=True, slots=True)
class Decoded:
    """A frame as the file holds it, not yet turned upright."""

    index: int
    time: datetime
    picture: VideoFrame


@dataclass(frozen=True, slots=True)
class Recording:
    """A video file that could be opened; each iteration reads it from the beginning."""

    path: Path
    camera: str
    start: Start
    facts: Facts
    film: Film
    span: Span
    threads: int

    def __iter__(self) -> Frames:
        return Frames(self)

    def decoded(self) -> Pictures:
        """Return the same frames before the way to BGR, for who writes them again."""
        return Pictures(self)

    @property
    def end(self) -> datetime | None:
        """When the recording, or its span, ends by its own word; None where it does not say."""
        seconds, until = self.facts.seconds, self.span.until
        if seconds is None:
            return None
        return self.start.at + timedelta(seconds=seconds if until is None else min(seconds, until))

    @property
    def expected_frames(self) -> int | None:
        """About how many frames its span has, for progress; None where nobody knows."""
        frames, seconds = self.facts.frames, self.facts.seconds
        if not frames or not seconds:
            return frames
        until = seconds if self.span.until is None else min(seconds, self.span.until)
        return round(frames * max(0.0, until - self.span.since) / seconds)


def open_recording(
    path: Path,
    *,
    camera: str,
    zone: tzinfo,
    told: datetime | None = None,
    span: Span = WHOLE,
    threads: int = 2,
) -> Recording:
    """Judge a video file by its first frame; Unreadable says in a line what is wrong with it.

    `threads` decode ahead while the caller works; more than the machine has cores only wait.
    """
    container, stream = opened(path, threads)
    with container:
        try:
            first = next(Decoding(container, stream))
        except StopIteration:
            raise Unreadable(f"{path} holds no frame", then="copy or record it again") from None
        tags = {**stream.metadata, **container.metadata}
        film = _film(stream, first)
        facts = _facts(container, stream, film)
    start = start_of(path, told=told, borne=borne_by_container(tags), zone=zone)
    return Recording(path, camera, start, facts, film, span, threads)


def digest(path: Path) -> bytes:
    """Return the SHA-256 of a file's bytes, read once through."""
    whole = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                whole.update(piece)
    except OSError as error:
        raise unreadable(path, error) from error
    return whole.digest()


class Pictures(Iterator[Decoded]):
    """One reading of a recording; `outcome` says how it went so far."""

    def __init__(self, recording: Recording) -> None:
        self.outcome = Outcome()
        self._recording = recording
        self._pictures = self._read()

    def __next__(self) -> Decoded:
        return next(self._pictures)

    def _read(self) -> Iterator[Decoded]:
        recording, film, span = self._recording, self._recording.film, self._recording.span
        clock = SteadyTime(film.step)
        decoding, first_index = _begun(recording)
        with decoding:
            for index, picture in enumerate(decoding, first_index):
                micros = clock.at(film.micros(picture.pts))
                seconds = micros / _SECOND
                if span.until is not None and seconds >= span.until:
                    return
                self.outcome = replace(self.outcome, damaged=decoding.damaged)
                if seconds >= span.since:
                    yield self._passed_on(index, micros, picture)
            self._ended(decoding)

    def _passed_on(self, index: int, micros: int, picture: VideoFrame) -> Decoded:
        time = self._recording.start.at + timedelta(microseconds=micros)
        self.outcome = replace(
            self.outcome,
            frames=self.outcome.frames + 1,
            first=self.outcome.first or time,
            last=time,
        )
        return Decoded(index, time, picture)

    def _ended(self, decoding: Decoding) -> None:
        recording = self._recording
        last = self.outcome.last or recording.start.at
        read = (last - recording.start.at).total_seconds()
        # A second's grace: sound may go on a little, and the last frame may stand longer.
        missing = (recording.facts.seconds or 0) - read - max(1.0, 3 / float(recording.film.rate))
        broken = decoding.broken or missing > 0
        self.outcome = replace(
            self.outcome, damaged=decoding.damaged, broke_off=read if broken else None
        )


class Frames(Iterator[Frame]):
    """One reading of a recording as Frames, upright and read-only."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._pictures = recording.decoded()

    @property
    def outcome(self) -> Outcome:
        """How the reading went so far, or at its end."""
        return self._pictures.outcome

    def __next__(self) -> Frame:
        decoded = next(self._pictures)
        image = cache(partial(bgr, decoded.picture, self._recording.film))
        return Frame(self._recording.camera, decoded.index, decoded.time, image)


def bgr(picture: VideoFrame, film: Film) -> Image:
    """Return a decoded picture as stations see it: BGR, upright, read-only."""
    # One thread: a second would be taken from the decoder.
    pixels = picture.to_ndarray(format="bgr24", width=film.width, height=film.height, threads=1)
    image = film.turn.applied(np.asarray(pixels, dtype=np.uint8))
    image.setflags(write=False)
    return image


def _begun(recording: Recording) -> tuple[Decoding, int]:
    """Open the file at the last key frame before the span, and say which frame that is."""
    film = recording.film
    container, stream = opened(recording.path, recording.threads)
    if recording.span.since == 0 or film.origin is None:
        return Decoding(container, stream), 0
    wanted = film.stamp(recording.span.since)
    try:
        container.seek(wanted, stream=stream, backward=True)
        first = next(Decoding(container, stream)).pts
        if first is not None and first <= wanted:
            container.seek(wanted, stream=stream, backward=True)
            return Decoding(container, stream), shown_before(recording.path, first)
    except (av.error.FFmpegError, OSError, StopIteration):
        pass  # nothing to seek by: as below
    container.close()
    container, stream = opened(recording.path, recording.threads)
    return Decoding(container, stream), 0


def _film(stream: VideoStream, first: VideoFrame) -> Film:
    matrix = _display_matrix(first)
    turn = UPRIGHT if matrix is None else turn_of_matrix(matrix)
    rate = stream.average_rate or stream.guessed_rate
    pixel = stream.sample_aspect_ratio
    if pixel and turn.transposed:
        pixel = 1 / pixel
    return Film(
        origin=first.pts,
        unit=first.time_base or stream.time_base or Fraction(1, 90_000),
        rate=rate if rate and rate > 0 else _FALLBACK_RATE,
        width=first.width,
        height=first.height,
        turn=turn,
        pixel=pixel if pixel and pixel != 1 else None,
    )


def _display_matrix(picture: VideoFrame) -> bytes | None:
    # PyAV's stub calls it a dictionary; it is a row of values that name their type.
    notes = cast("Iterable[SideData]", picture.side_data)
    return next((bytes(note) for note in notes if note.type == Type.DISPLAYMATRIX), None)


def _facts(container: InputContainer, stream: VideoStream, film: Film) -> Facts:
    width, height = film.turn.size(film.width, film.height)
    seconds: float | None = None
    if stream.duration is not None and stream.time_base is not None:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration is not None and len(container.streams) == 1:
        seconds = container.duration / _SECOND  # with sound beside it, it may be the sound's
    if seconds is not None and not 0 < seconds < _LONGEST:
        seconds = None
    rate = float(stream.average_rate) if stream.average_rate else None
    frames = stream.frames or (round(seconds * rate) if seconds and rate else None)
    return Facts(width, height, rate, frames or None, seconds)
