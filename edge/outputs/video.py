"""The annotated film: a recording read a second time, when all that happened in it is known.

Only then can banners and chapters say what the table says. Every frame keeps its own time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace

from contract.event import Event
from edge.outputs.annotation import Annotation
from edge.outputs.canvas import Planar
from edge.outputs.drawing import draw, strip_height
from edge.outputs.mp4 import Chapter, Mp4, Shape, mp4, planar
from edge.sources.files import Decoded, Film, Recording
from edge.sources.turning import Turn
from lot.times import moment

_HD = 720  # players take a film without a word about its colours for HD from this height on
_BT709, _BT601 = (1,), (5, 6)
_FULL_RANGE = 2


def annotated(
    recording: Recording,
    annotation: Annotation,
    events: Iterable[Event],
    path: Path,
    *,
    progress: Callable[[int], None] = lambda frames: None,
) -> None:
    """Write `recording` with its annotation to `path`, with a chapter an event.

    `progress` is told after each frame how many are written. Stopped by Ctrl-C, the film is
    whole up to there.
    """
    told = sorted(events, key=lambda event: event.at)
    chapters = [Chapter(moment(event.at), chapter_title(event)) for event in told]
    pictures = recording.decoded()
    first = next(pictures, None)
    if first is None:
        return
    with mp4(path, _shape(recording, first)) as film:
        for chapter in chapters:
            film.mark(chapter)
        waiting = [chapter.at for chapter in chapters]
        decoded: Decoded | None = first
        written = 0
        while decoded is not None:
            key = bool(waiting) and waiting[0] <= decoded.time
            while waiting and waiting[0] <= decoded.time:
                waiting.pop(0)
            _add(film, recording, decoded, annotation, key=key)
            written += 1
            progress(written)
            decoded = next(pictures, None)
        if recording.end is not None and pictures.outcome.broke_off is None:
            film.stands_until(recording.end)


def chapter_title(event: Event) -> str:
    """Return what a player lists: the kind and the plate, or why there is none."""
    if event.plate is not None:
        return f"{event.kind} {event.plate}"
    return f"{event.kind} ({(event.reason or 'no plate').replace('_', ' ')})"


def _add(
    film: Mp4, recording: Recording, decoded: Decoded, annotation: Annotation, *, key: bool
) -> None:
    sheet, canvas = film.blank()
    height = _even(recording.facts.height)
    picture, strip = canvas.rows(0, height), canvas.rows(height, canvas.height)
    _copy(planar(_as_film(decoded.picture, recording.film)), picture, recording.film.turn)
    draw(picture, strip, annotation.at(decoded.time))
    film.add(sheet, decoded.time, key=key)


def _even(height: int) -> int:
    """Leave out an odd picture's last line: halved colour knows even sides only."""
    return height // 2 * 2


def _copy(source: Planar, canvas: Planar, turn: Turn) -> None:
    for ours, theirs in ((canvas.y, source.y), (canvas.u, source.u), (canvas.v, source.v)):
        upright = turn.applied(theirs)
        np.copyto(ours, upright[: ours.shape[0], : ours.shape[1]])


def _as_film(picture: VideoFrame, source: Film) -> VideoFrame:
    """Bring other pixels (10 bits, full range, full colour) and changed sizes to the film's."""
    usual = picture.format.name == "yuv420p" and picture.color_range != _FULL_RANGE
    same_size = (picture.width, picture.height) == (source.width, source.height)
    if usual and same_size:
        return picture
    return picture.reformat(
        format="yuv420p",
        width=source.width,
        height=source.height,
        dst_colorspace=Colorspace.ITU709 if _wide(picture) else Colorspace.ITU601,
        dst_color_range=ColorRange.MPEG,
        threads=1,
    )


def _wide(picture: VideoFrame) -> bool:
    if picture.colorspace in _BT709:
        return True
    if picture.colorspace in _BT601:
        return False
    return min(picture.width, picture.height) >= _HD


def _shape(recording: Recording, first: Decoded) -> Shape:
    facts, start = recording.facts, recording.start
    return Shape(
        facts.width,
        _even(facts.height) + strip_height(facts.width, facts.height),
        recording.film.rate,
        wide_colours=_wide(first.picture),
        pixel=recording.film.pixel,
        began=first.time if start.known else None,
    )
