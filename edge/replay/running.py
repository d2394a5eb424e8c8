"""One replay from end to end: watch, decide, tell, write, draw, score.

The table is written before the films: a disk that is full then has the events on it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from contract.event import Event
from edge.eyes import Eyes, opened
from edge.gate.values import Verdict
from edge.outputs.annotation import Annotation
from edge.outputs.progress import Progress, Task
from edge.outputs.tables import DetectionTable, write_events
from edge.outputs.video import annotated
from edge.outputs.window import Window
from edge.passage_files import Kept, keep_passages
from edge.replay.deciding import Deciding, gate_settings
from edge.replay.drawing import detection_rows, write_snapshots
from edge.replay.origins import Origins
from edge.replay.preparing import Work
from edge.replay.results import (
    DETECTIONS,
    SNAPSHOTS,
    TABLE,
    earlier_set_aside,
    film_paths,
)
from edge.replay.scoring import claims, times
from edge.replay.screen import LiveWindow, Screen
from edge.replay.stopping import Stop
from edge.replay.summing import Summary
from edge.replay.telling import complain, note, tell
from edge.replay.watchers import Crew, OnePair, Watchers
from edge.replay.watching import Glimpse, Plan
from edge.road import Pace
from edge.scoring import Claim, TimeOf
from edge.settings import Settings
from edge.sources.files import Recording
from edge.sources.spans import Span
from edge.stamping import replay_ids, replayed
from lot.errors import DONE, SOME_REFUSED, STOPPED_BY_HAND, Unreadable
from lot.files import unwritable
from lot.times import moment

EyesOf = Callable[[Settings], Eyes]


def run(
    work: Work,
    stop: Stop,
    progress: Progress,
    open_eyes: EyesOf = opened,
) -> int:
    """Do the work; return the exit status."""
    films = film_paths(work.output, work.items)
    for refusal in work.refused:
        complain(refusal)
    with ExitStack() as stack:
        screen = stack.enter_context(Screen(progress))
        watching = _Watching(work, stop, screen, stack, open_eyes)
        events: list[Event] = []
        try:
            for event in watching.events():
                events.append(event)
                screen.clear()
                tell(event, work.settings.zone, as_json=work.ask.json)
        except BaseException:
            # Stopped for good, or a bug: what was told so far is on the disk all the same.
            write_events(work.output / TABLE, events, work.settings.zone)
            with earlier_set_aside(work.output, films, note):
                raise
        screen.end()
        watching.complain()
        write_events(work.output / TABLE, events, work.settings.zone)
        with earlier_set_aside(work.output, films, note):
            _write(work, watching)
            _draw(work, watching, events, films, screen, stop)
    return _summed_up(work, watching, events, stop)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a replay would say, for who scores it."""

    claims: list[Claim]
    time_of: TimeOf
    broke_off: tuple[Unreadable, ...]  # recordings that could not be read to their end


def judged(work: Work, stop: Stop, progress: Progress, open_eyes: EyesOf = opened) -> Judged:
    """Watch and decide as `run` does, but tell, write and draw nothing."""
    with ExitStack() as stack:
        screen = stack.enter_context(Screen(progress))
        watching = _Watching(work, stop, screen, stack, open_eyes)
        events = list(watching.events())
        screen.end()
    complaints = [watching.watchers.watched(number).complaint for number in watching.seen()]
    return Judged(
        claims(events, watching.origins, work.items),
        times(work.items, watching.watchers, watching.seen()),
        tuple(complaint for complaint in complaints if complaint is not None),
    )


class _Watching:
    """The recordings on their way through eyes and gate."""

    def __init__(
        self,
        work: Work,
        stop: Stop,
        screen: Screen,
        stack: ExitStack,
        open_eyes: EyesOf,
    ) -> None:
        self._work = work
        self._open_eyes = open_eyes
        self._stop = stop
        self._screen = screen
        self._view = _view(work, stop, stack) if work.ask.show else None
        self.watchers = self._hired(stack)
        self.origins = Origins(work.items, self.watchers)
        self.deciding = Deciding(
            {work.camera.name: work.camera},
            gate_settings(work.settings, work.formats),
            replay_ids(self.origins.of),
            self.watchers,
            self._revised,
        )
        self.verdicts: list[Verdict] = []

    def events(self) -> Iterator[Event]:
        return replayed(self._final(), self.origins.of, self.watchers.models)

    def seen(self) -> list[int]:
        """Return the places of the recordings of which a frame was seen."""
        return [n for n in range(len(self._work.items)) if n in self.deciding.watched]

    def complain(self) -> None:
        for number in self.seen():
            if complaint := self.watchers.watched(number).complaint:
                complain(complaint)

    def _final(self) -> Iterator[Verdict]:
        for verdict in self.deciding.verdicts(
            self._work.items, self._work.camera.name, self.origins.enter, self._stop
        ):
            self.origins.remember(verdict)
            self.verdicts.append(verdict)
            yield self.origins.at_its_frame(verdict)

    def _hired(self, stack: ExitStack) -> Watchers:
        work, ask = self._work, self._work.ask
        pace = Pace(work.settings.analysed_per_second, work.settings.legible_pixels)
        plan = Plan(work.camera, work.formats, pace, _spools(work, stack))
        jobs = min(ask.jobs, len(work.items))
        if jobs == 1:
            eyes = self._open_eyes(work.settings)
            return OnePair(work.items, plan, eyes, self._stop, self._glimpsed)
        frames = sum(item.facts.frames or 0 for item in work.items)
        crew = Crew(work.items, plan, work.settings, jobs, self._stop, self._screen.advance)
        stack.callback(crew.close)
        self._screen.begin(Task(f"{len(work.items)} recordings", frames or None))
        return crew

    def _glimpsed(self, number: int, glimpse: Glimpse) -> None:
        if not glimpse.fresh:
            return
        self._screen.watching(number, self._work.items[number])
        if self._view is not None:
            self._view.show(glimpse, self._work.items[number])

    def _revised(self, verdicts: Sequence[Verdict]) -> None:
        if self._view is not None:
            for event in replayed(verdicts, self.origins.of, self.watchers.models):
                self._view.say(event)


def _spools(work: Work, stack: ExitStack) -> Path | None:
    """Make a folder, for this replay alone, in which is kept where everything was."""
    if not (work.ask.video or work.ask.detections or work.ask.snapshots):
        return None
    # Beside the results: there is room where a film goes, and /tmp is memory on many machines.
    try:
        folder = tempfile.TemporaryDirectory(prefix=".marks.", dir=work.output)
    except OSError as error:
        raise unwritable(work.output, error) from error
    return Path(stack.enter_context(folder))


def _write(work: Work, watching: _Watching) -> None:
    if work.ask.keep_passages:
        passages = [p for n in watching.seen() for p in watching.watchers.watched(n).passages]
        cameras = {work.camera.name: work.camera}
        keep_passages(
            work.ask.keep_passages, Kept(cameras, tuple(watching.deciding.blind), tuple(passages))
        )
    if work.ask.detections:
        with DetectionTable(work.output / DETECTIONS, work.settings.zone) as table:
            for number in watching.seen():
                table.add(detection_rows(watching.watchers.watched(number)))


def _draw(
    work: Work,
    watching: _Watching,
    events: Sequence[Event],
    films: Sequence[Path],
    screen: Screen,
    stop: Stop,
) -> None:
    for number in watching.seen():
        item, watched = work.items[number], watching.watchers.watched(number)
        here = [e for e in events if number in watching.origins.files_of(e.id)]
        if work.ask.snapshots:
            ids = {event.id for event in here}
            verdicts = [v for v in watching.verdicts if v.id in ids]
            write_snapshots(work.output / SNAPSHOTS, item, verdicts, watched)
        if work.ask.video and isinstance(item, Recording) and watched.last is not None:
            annotation = Annotation(
                watched.trails.tracks,
                watched.trails.marks(),
                here,
                zone=work.settings.zone,
                clock_known=item.start.known,
            )
            task = Task(f"drawing {item.path.name}", len(watched.times.micros), item.facts.rate)
            with screen.task(task) as tick:
                drawn = _as_far_as_read(item, moment(watched.last)) if stop.asked else item
                annotated(drawn, annotation, here, films[number], progress=tick)


def _as_far_as_read(item: Recording, end: datetime) -> Recording:
    """Return the recording up to the last frame seen: reading may have been stopped."""
    read = (end - item.start.at).total_seconds()
    return replace(item, span=Span(item.span.since, read + 0.001))


def _summed_up(work: Work, watching: _Watching, events: Sequence[Event], stop: Stop) -> int:
    refused = len(work.refused)
    summary = Summary(events, work.output / TABLE, refused=refused)
    summary.add_uncounted(watching.deciding.uncounted)
    if forgotten := watching.deciding.forgotten:
        summary.add({}, [f"{forgotten} cars inside had to make room: too many at once"])
    if work.passed_over:
        summary.add({}, [f"{work.passed_over} other files in the folders were passed over"])
    if work.scoring is not None:
        score = work.scoring.score(events, watching.origins, watching.watchers, watching.seen())
        counts = score.summary()
        summary.add(counts, [", ".join(f"{count} {name}" for name, count in counts.items())])
        if absent := len(work.scoring.absent):
            summary.add({}, [f"the truth names {absent} more videos, which were not replayed"])
    summary.add_comparison(work.old, work.settings.zone)
    if stop.asked:
        words = "stopped by hand: what was read until then is decided, written and drawn"
        summary.add({"stopped": True}, [words])
    summary.tell(as_json=work.ask.json)
    if stop.asked:
        return STOPPED_BY_HAND
    broke_off = any(watching.watchers.watched(n).complaint for n in watching.seen())
    return SOME_REFUSED if refused or broke_off else DONE


def _view(work: Work, stop: Stop, stack: ExitStack) -> LiveWindow:
    window = stack.enter_context(Window("Lotkeeper"))
    return LiveWindow(window, work.formats, work.settings.zone, stop)
