"""What is seen of a replay while it runs: a line of progress, and a window if one was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import tzinfo

from contract.event import Event
from contract.plates import Formats
from edge.outputs.overlaying import Overlaying
from edge.outputs.progress import Progress, Task
from edge.outputs.window import Window
from edge.replay.stopping import Stop
from edge.replay.watching import Glimpse
from edge.sources.choosing import Input
from edge.sources.files import Recording


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
        self._overlaying = Overlaying(formats, zone)
        self._stop = stop

    def say(self, event: Event) -> None:
        """Show a revision; a later one of the same event takes its place."""
        self._overlaying.say(event)

    def show(self, glimpse: Glimpse, item: Input) -> None:
        """Show one frame; q closes the window and ends the reading."""
        overlay = self._overlaying.at(glimpse.frame.time, glimpse.step, dated=item.start.known)
        if not self._window.show(glimpse.frame.image, overlay):
            self._stop.ask()
