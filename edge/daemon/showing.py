"""Who looks on while the gate runs: a window, a recording. Off unless asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime, timedelta, tzinfo
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from contract.event import Event
from edge.daemon.lookout import Lookout, News
from edge.daemon.loop import Seen
from edge.outputs.drawing import Overlay
from edge.outputs.mp4 import Chapter, Mp4, Shape, mp4, planar
from edge.outputs.overlaying import Overlaying
from edge.outputs.sheet import sheet
from edge.outputs.tables import write_events
from edge.outputs.video import chapter_title
from edge.outputs.window import Window
from edge.values import Frame, Image
from lot.errors import Unwritable
from lot.times import moment

FILM_LASTS = timedelta(hours=1)  # a crash loses the film in the making, and no more
_HD = 720
_log = logging.getLogger("lotkeeper.gate")


class Onlookers(Seen):
    """Draws each camera's pictures once, for all who look on."""

    def __init__(
        self,
        cameras: Mapping[str, Overlaying],
        windows: Mapping[str, Window],
        recorder: Recorder | None,
        stop: Callable[[], None],
    ) -> None:
        """Who closes a window stops the gate."""
        self._overlaying = cameras
        self._windows = windows
        self._recorder = recorder
        self._stop = stop

    def turn(self, lookouts: Sequence[Lookout], news: Sequence[News]) -> None:
        for one, new in zip(lookouts, news, strict=True):
            if new.frame is not None:
                overlay = self._overlaying[one.name].at(new.frame.time, new.step)
                self._look(one.name, new.frame, overlay)

    def events(self, events: Sequence[Event]) -> None:
        for event in events:
            if event.camera in self._overlaying:
                self._overlaying[event.camera].say(event)
        self._record(lambda recorder: recorder.events(events))

    def _look(self, name: str, frame: Frame, overlay: Overlay) -> None:
        if name in self._windows and not self._windows[name].show(frame.image, overlay):
            self._stop()
        self._record(
            lambda recorder: recorder.picture(name, sheet(frame.image, overlay), frame.time)
        )

    def _record(self, what: Callable[[Recorder], None]) -> None:
        """A recording that can be kept no more, on a full disk, must not stop the gate."""
        if self._recorder is None:
            return
        try:
            what(self._recorder)
        except (Unwritable, OSError) as error:
            self._recorder = None
            _log.error("record=ended said=%r", str(error))


class Recorder:
    """Films of an hour a camera and a table beside them, in a folder that its owner named.

    What lies there is in clear: plates, pictures, times.
    """

    def __init__(self, folder: Path, rate: float, zone: tzinfo) -> None:
        self._folder = folder
        self._rate = Fraction(round(rate * 1000), 1000)
        self._zone = zone
        self._films: dict[str, _Film] = {}
        self._told: dict[str, Event] = {}

    def picture(self, camera: str, drawn: Image, time: datetime) -> None:
        film = self._films.get(camera)
        if film is not None and (time - film.began >= FILM_LASTS or film.size != drawn.shape[:2]):
            film.close()
            film = None
        if film is None:
            film = self._films[camera] = _Film(
                self._named(camera, time, "mp4"), drawn, time, self._rate
            )
        film.add(drawn, time)

    def events(self, events: Sequence[Event]) -> None:
        for event in events:
            self._told[event.id] = event
            film = self._films.get(event.camera)
            if film is not None and event.final and event.kind != "void":
                film.mark(event)
        for day in {self._day(one) for one in events if one.final}:
            self._write(day)

    def close(self) -> None:
        for film in self._films.values():
            film.close()
        self._films.clear()

    def _write(self, day: date) -> None:
        """Write a day's table anew; yesterday's last events become final after midnight."""
        final = [one for one in self._told.values() if one.final and one.kind != "void"]
        of_day = [one for one in final if self._day(one) == day]
        of_day.sort(key=lambda one: (one.at, one.id))
        write_events(self._folder / f"events-{day:%Y%m%d}.csv", of_day, self._zone)
        oldest = day - timedelta(days=1)
        self._told = {key: one for key, one in self._told.items() if self._day(one) >= oldest}

    def _day(self, event: Event) -> date:
        return moment(event.at).astimezone(self._zone).date()

    def _named(self, camera: str, time: datetime, suffix: str) -> Path:
        plain = "".join(c if c.isalnum() else "_" for c in camera)
        local = time.astimezone(self._zone)
        return self._folder / f"{plain}-{local:%Y%m%d_%H%M%S}.{suffix}"


class _Film:
    def __init__(self, path: Path, first: Image, began: datetime, rate: Fraction) -> None:
        height, width = first.shape[:2]
        self.began = began
        self.size = first.shape[:2]
        self._stack = ExitStack()
        shape = Shape(width, height // 2 * 2, rate, wide_colours=height >= _HD, began=began)
        self._film: Mp4 = self._stack.enter_context(mp4(path, shape))

    def add(self, drawn: Image, time: datetime) -> None:
        picture, canvas = self._film.blank()
        source = planar(
            VideoFrame.from_ndarray(np.ascontiguousarray(drawn), format="bgr24").reformat(
                format="yuv420p"
            )
        )
        for ours, theirs in ((canvas.y, source.y), (canvas.u, source.u), (canvas.v, source.v)):
            np.copyto(ours, theirs[: ours.shape[0], : ours.shape[1]])
        self._film.add(picture, time, key=False)

    def mark(self, event: Event) -> None:
        self._film.mark(Chapter(moment(event.at), chapter_title(event)))

    def close(self) -> None:
        self._stack.close()
