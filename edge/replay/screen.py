"""What is seen of a replay while it runs: a line of progress, and a window if one was asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone, tzinfo

from contract.event import Event
from contract.plates import Formats
from edge.outputs.annotation import NOTICE, clock_text
from edge.outputs.drawing import Notice, Overlay, Shown
from edge.outputs.parts import Spelled, as_voted
from edge.outputs.progress import Progress, Task
from edge.outputs.window import Window
from edge.replay.stopping import Stop
from edge.replay.watching import Glimpse
from edge.road import Step
from edge.sources.choosing import Input
from edge.sources.files import Recording
from edge.values import Look
from edge.voting import vote
from lot.times import moment


class Screen:
    """Follows one replay. Leaving it takes the window and the line away."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._number: int | None = None
        self._line = ExitStack()
        self._tick: Callable[[int], None] = lambda frames: None
        self._frames = 0

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    def watching(self, number: int, item: Input) -> None:
        """Count one more frame of a recording."""
        if number != self._number:
            frames = item.expected_frames if isinstance(item, Recording) else 1
            self.begin(Task(item.path.name, frames, item.facts.rate))
            self._number = number
        self.advance(1)

    def begin(self, task: Task) -> None:
        """Tell of another task from now on."""
        self._line.close()
        self._line = ExitStack()
        self._frames = 0
        self._tick = self._line.enter_context(self._progress.of(task))

    def advance(self, frames: int) -> None:
        """Count frames of the task at hand."""
        self._frames += frames
        self._tick(self._frames)

    def clear(self) -> None:
        """Make room for a line on the terminal."""
        self._progress.clear()

    def end(self) -> None:
        """End the task at hand; its last line remains."""
        self._line.close()
        self._line = ExitStack()
        self._tick = lambda frames: None

    @contextmanager
    def task(self, task: Task) -> Iterator[Callable[[int], None]]:
        """Tell of a task that counts its frames itself."""
        self.end()
        with self._progress.of(task) as tick:
            yield tick


class LiveWindow:
    """The window of --show: boxes as they are seen, events as they are first said."""

    def __init__(self, window: Window, formats: Formats, zone: tzinfo, stop: Stop) -> None:
        self._window = window
        self._formats = formats
        self._zone = zone
        self._stop = stop
        self._looks: dict[int, list[Look]] = {}
        self._plates: dict[int, Spelled] = {}
        self._notices: deque[tuple[datetime, Notice]] = deque()
        self._shown: tuple[Shown, ...] = ()
        self._now = datetime.min.replace(tzinfo=timezone.utc)

    def say(self, event: Event) -> None:
        """Show a revision; a later one of the same event takes its place."""
        kept = [one for one in self._notices if one[1].event.id != event.id]
        at = moment(event.at).astimezone(self._zone)
        self._notices = deque([*kept, (self._now, Notice(event, f"{at:%H:%M:%S}"))])

    def show(self, glimpse: Glimpse, item: Input) -> None:
        """Show one frame; q closes the window and ends the reading."""
        time = self._now = glimpse.frame.time
        if glimpse.step is not None and glimpse.step.looked:
            self._learn(glimpse.step)
        while self._notices and time - self._notices[0][0] > NOTICE:
            self._notices.popleft()
        notices = tuple(notice for _, notice in reversed(self._notices))
        clock = clock_text(time, self._zone, dated=item.start.known)
        if not self._window.show(glimpse.frame.image, Overlay(self._shown, notices, clock)):
            self._stop.ask()

    def _learn(self, step: Step) -> None:
        for number, looks in step.looks.items():
            known = self._looks.setdefault(number, [])
            known += looks
            if plate := as_voted(vote(known, self._formats)):
                self._plates[number] = plate
        self._shown = tuple(
            Shown(track.box, track.kind, track.score, track.id, self._plates.get(track.id))
            for track in step.tracks
        )
        self._forget({track.id for track in step.tracks})

    def _forget(self, in_view: set[int]) -> None:
        for number in [number for number in self._looks if number not in in_view]:
            del self._looks[number]
            self._plates.pop(number, None)
