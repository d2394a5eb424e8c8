"""What happens, as it happens: one stream from the server, fanned out to all who watch.

The server gives out few streams and a lot has more screens than that, each with rights of its
own. So what is passed on says only that something changed; each browser then asks for what it
may see. What came while a stream was not open was told to nobody, so whoever joins one is told to
look. Where the server gives no stream, browsers are told so and ask by themselves.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Protocol, cast

from flask import Blueprint, Response, current_app

from gui.carried import carried, server
from gui.server_api import Away, Holder, Problem

blueprint = Blueprint("live", __name__)

WATCHERS_MAX = 50
BEAT_S = 15.0
LASTS_S = 600.0
_AGAIN_S = 3.0
_REFUSED_S = 60.0
BEGIN = b"retry: 3000\n\n"
BEAT = b": still here\n\n"
CHANGE = b"event: change\ndata: 1\n\n"
ASK = b"retry: 60000\nevent: ask\ndata: 1\n\n"  # look by yourself, and come back in a minute

Told = bool  # False: nothing more comes, ask by yourself
Waits = queue.SimpleQueue[Told]


class Upstream(Protocol):
    """The server, as far as it says what happens."""

    def stream(self, path: str, holder: Holder) -> AbstractContextManager[Iterator[bytes]]:
        """Give an answer piece by piece."""


class Fan:
    """Listens while anybody watches, with the session of whoever does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watchers: dict[int, Waits] = {}
        self._holders: dict[int, Holder] = {}
        self._next = 0
        self._listening = False
        self._open = 0  # streams of the server's: one, or none while it is asked for again
        self._silent_until = 0.0

    def watch(self, upstream: Upstream, holder: Holder) -> tuple[int, Waits] | None:
        """Join; None where too many watch already, or the server gives no stream."""
        with self._lock:
            silent = time.monotonic() < self._silent_until
            if silent or len(self._watchers) >= WATCHERS_MAX:
                return None
            self._next += 1
            waits: Waits = queue.SimpleQueue()
            self._watchers[self._next] = waits
            self._holders[self._next] = holder
            if self._open:
                waits.put(True)  # noqa: FBT003 - the queue's own word
            if not self._listening:
                self._listening = True
                threading.Thread(
                    target=self._listen, args=[upstream], name="live", daemon=True
                ).start()
            return self._next, waits

    def leave(self, number: int) -> None:
        with self._lock:
            self._watchers.pop(number, None)
            self._holders.pop(number, None)

    def _listen(self, upstream: Upstream) -> None:
        pause = threading.Event()
        while (found := self._somebody()) is not None:
            number, holder = found
            try:
                with self._opened(upstream, holder) as heard:
                    for piece in heard:
                        if b"data:" in piece:
                            self._tell(more=True)
                        if self._somebody() is None:
                            return
            except Away:
                pause.wait(_AGAIN_S)
            except Problem as problem:
                self._refused(number, problem)

    @contextmanager
    def _opened(self, upstream: Upstream, holder: Holder) -> Iterator[Iterator[bytes]]:
        with upstream.stream("/stream", holder) as heard:
            with self._lock:
                self._open += 1
            try:
                self._tell(more=True)
                yield heard
            finally:
                with self._lock:
                    self._open -= 1

    def _somebody(self) -> tuple[int, Holder] | None:
        with self._lock:
            found = next(iter(self._holders.items()), None)
            if found is None:
                self._listening = False
            return found

    def _refused(self, number: int, problem: Problem) -> None:
        """Go on with another's session; where nobody would be let in, send everybody away."""
        with self._lock:
            self._holders.pop(number, None)
            if problem.status != 401:
                self._silent_until = time.monotonic() + _REFUSED_S
                self._holders.clear()
        if not self._holders:
            self._tell(more=False)

    def _tell(self, *, more: bool) -> None:
        with self._lock:
            for waits in self._watchers.values():
                waits.put(more)


@blueprint.get("/live")
def stream() -> Response:
    """Say when something changed; who is one too many asks again by itself."""
    holder = replace(carried().holder, automatic=True)
    server().get("/sessions/own", holder)  # a stranger takes no place
    fan = cast("Fan", current_app.extensions["live"])
    joined = fan.watch(server(), holder)
    told = iter([ASK]) if joined is None else pieces(fan, *joined)
    answer = Response(told, content_type="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def pieces(
    fan: Fan, number: int, waits: Waits, steady: Callable[[], float] = time.monotonic
) -> Generator[bytes, None, None]:
    """Yield what one watcher is told, until they go or the stream's time is over."""
    until = steady() + LASTS_S
    try:
        yield BEGIN
        while (left := until - steady()) > 0:
            try:
                more = waits.get(timeout=min(BEAT_S, left))
            except queue.Empty:
                yield BEAT
                continue
            while more and not waits.empty():
                more = waits.get()
            if not more:
                yield ASK
                return
            yield CHANGE
    finally:
        fan.leave(number)
