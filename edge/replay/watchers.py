"""Who watches: one pair of eyes, telling as it goes, or several processes, a recording each.

Both name passages by when their recording began, so that the same file gives the same events
whatever --jobs says and whatever other files are replayed with it.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.synchronize import Event as Flag
from typing import Protocol

from edge.eyes import Eyes, opened
from edge.replay.stopping import Stop
from edge.replay.watching import FrameTimes, Glimpse, Plan, Watched, Watching
from edge.settings import Settings
from edge.sources.choosing import Input
from edge.sources.files import Recording
from edge.values import Passage
from lot.times import microseconds, moment


@dataclass(frozen=True, slots=True)
class News:
    """What the gate is told at a time: passages, grown or ended."""

    now: datetime
    passages: tuple[Passage, ...]


class Watchers(Protocol):
    """Gives each recording's news in the order of its time, and at its end what was seen."""

    @property
    def models(self) -> Mapping[str, str]:
        """The SHA-256 of the weights they see with, by name."""

    def news(self, number: int) -> Iterator[News]:
        """Watch the recording of that number from its beginning."""

    def times(self, number: int) -> FrameTimes:
        """Return when the frames of a recording were, as far as there was news of it."""

    def watched(self, number: int) -> Watched:
        """Return what was seen of a recording whose news ended."""


OnGlimpse = Callable[[int, Glimpse], None]


class OnePair:
    """One pair of eyes, in this process: what happens is told while it is watched."""

    def __init__(
        self, items: Sequence[Input], plan: Plan, eyes: Eyes, stop: Stop, seen: OnGlimpse
    ) -> None:
        self._items = items
        self._prefixes = prefixes(items)
        self._plan = plan
        self._eyes = eyes
        self._stop = stop
        self._seen = seen
        self._times: dict[int, FrameTimes] = {}
        self._watched: dict[int, Watched] = {}

    @property
    def models(self) -> Mapping[str, str]:
        return self._eyes.models

    def news(self, number: int) -> Iterator[News]:
        watching = Watching(
            self._items[number],
            self._plan,
            self._eyes,
            prefix=self._prefixes[number],
            stop=self._stop,
        )
        self._times[number] = watching.times
        for glimpse in watching:
            self._seen(number, glimpse)
            yield News(glimpse.frame.time, glimpse.told)
        self._watched[number] = watching.watched()

    def times(self, number: int) -> FrameTimes:
        return self._times.get(number, FrameTimes())

    def watched(self, number: int) -> Watched:
        return self._watched[number]


class Crew:
    """Several processes, a recording each; what happened in one is told when it is through."""

    def __init__(
        self,
        items: Sequence[Input],
        plan: Plan,
        settings: Settings,
        jobs: int,
        stop: Stop,
        advanced: Callable[[int], None],
    ) -> None:
        context = multiprocessing.get_context("spawn")
        # Opened here too: what is wrong with them is then said once, and in a line.
        self.models: Mapping[str, str] = opened(settings).models
        self._ended = context.Event()
        self._frames = context.Queue()
        self._stop = stop
        self._pool = ProcessPoolExecutor(
            # A network's threads beside a colleague's only wait for a core, as a decoder's do.
            jobs,
            context,
            _hired,
            (plan, replace(settings, threads=1), self._ended, self._frames),
        )
        self._futures: list[Future[Watched]] = [
            self._pool.submit(_watch, replace(i, threads=1) if isinstance(i, Recording) else i, p)
            for i, p in zip(items, prefixes(items), strict=True)
        ]
        self._advance = threading.Thread(target=self._count, args=(advanced,), daemon=True)
        self._advance.start()

    def news(self, number: int) -> Iterator[News]:
        if self._stop.asked:
            self._ended.set()
        watched = self._waited_for(number)
        if watched.last is not None:
            yield News(moment(watched.last), watched.passages)

    def times(self, number: int) -> FrameTimes:
        return self.watched(number).times

    def watched(self, number: int) -> Watched:
        return self._futures[number].result()

    def close(self) -> None:
        """Send everybody home."""
        self._ended.set()
        self._pool.shutdown(cancel_futures=True)
        self._frames.put(None)
        self._advance.join()

    def _waited_for(self, number: int) -> Watched:
        future = self._futures[number]
        while True:
            if wait([future], timeout=0.2).done:
                return future.result()
            if self._stop.asked:
                self._ended.set()

    def _count(self, advanced: Callable[[int], None]) -> None:
        for frames in iter(self._frames.get, None):
            advanced(frames)


def prefixes(items: Sequence[Input]) -> tuple[str, ...]:
    """Return what the ids of each recording's passages begin with, up to and with a dot.

    Those without a known beginning share theirs, and stand alone. Pictures of one second are
    told apart by a number.
    """
    given: Counter[int] = Counter()
    found = []
    for item in items:
        began = microseconds(item.start.at)
        twin = f"-{given[began]}" if given[began] and item.start.known else ""
        given[began] += 1
        found.append(f"{began}{twin}.")
    return tuple(found)


@dataclass(slots=True)
class _Post:
    """A worker process's tools, made once."""

    plan: Plan
    eyes: Eyes
    stop: Stop
    ended: Flag
    frames: multiprocessing.Queue[int | None]


_post: _Post | None = None


def _hired(
    plan: Plan, settings: Settings, ended: Flag, frames: multiprocessing.Queue[int | None]
) -> None:
    global _post  # noqa: PLW0603  # a pool hands its workers nothing else to hold their tools in
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal tells all; the parent decides
    _post = _Post(plan, opened(settings), Stop(), ended, frames)


_TOLD_EVERY = 25  # frames between two words of progress


def _watch(item: Input, prefix: str) -> Watched:
    assert _post is not None
    watching = Watching(item, _post.plan, _post.eyes, prefix=prefix, stop=_post.stop)
    for count, _ in enumerate(watching, start=1):
        if count % _TOLD_EVERY == 0:
            _post.frames.put(_TOLD_EVERY)
            if _post.ended.is_set():
                _post.stop.ask()
    return watching.watched()
