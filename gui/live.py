"""What happens, as it happens: one stream from the server, fanned out to all who watch.

The server gives out few streams and a lot has more screens than that, each with rights of its
own. So what is passed on says only that something changed; each browser then asks for what it
may see. Where the server gives no stream, browsers are told so and ask by themselves.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from flask import Blueprint, Response, current_app

from gui.carried import carried, server
from gui.server_api import Away, Holder, Problem, Server

blueprint = Blueprint("live", __name__)

WATCHERS_MAX = 50
_BEAT_S = 15
_LASTS_S = 600
_AGAIN_S = 3.0
_REFUSED_S = 60.0
_ASK = b"retry: 60000\nevent: ask\ndata: 1\n\n"  # look by yourself, and come back in a minute

Told = bool  # False: nothing more comes, ask by yourself
Waits = queue.SimpleQueue[Told]


class Fan:
    """Listens while anybody watches, with the session of whoever does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watchers: dict[int, Waits] = {}
        self._holders: dict[int, Holder] = {}
        self._next = 0
        self._listening = False
        self._silent_until = 0.0

    def watch(self, upstream: Server, holder: Holder) -> tuple[int, Waits] | None:
        """Join; None where too many watch already, or the server gives no stream."""
        with self._lock:
            silent = time.monotonic() < self._silent_until
            if silent or len(self._watchers) >= WATCHERS_MAX:
                return None
            self._next += 1
            waits: Waits = queue.SimpleQueue()
            self._watchers[self._next] = waits
            self._holders[self._next] = holder
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

    def _listen(self, upstream: Server) -> None:
        pause = threading.Event()
        while (found := self._somebody()) is not None:
            number, holder = found
            try:
                with upstream.stream("/stream", holder) as pieces:
                    for piece in pieces:
                        if b"data:" in piece:
                            self._tell(more=True)
                        if self._somebody() is None:
                            return
            except Away:
                pause.wait(_AGAIN_S)
            except Problem as problem:
                self._refused(number, problem)

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
    told = iter([_ASK]) if joined is None else _told(fan, *joined)
    answer = Response(told, content_type="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _told(fan: Fan, number: int, waits: Waits) -> Iterator[bytes]:
    try:
        yield b"retry: 3000\n\n"
        for _ in range(_LASTS_S // _BEAT_S):
            try:
                if not waits.get(timeout=_BEAT_S):
                    yield _ASK
                    return
                while not waits.empty():
                    waits.get()
                yield b"event: change\ndata: 1\n\n"
            except queue.Empty:
                yield b": still here\n\n"
    finally:
        fan.leave(number)
