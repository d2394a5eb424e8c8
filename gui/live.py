"""What happens, as it happens: one stream from the server, fanned out to all who watch.

The server gives out eight streams and a lot has more screens than that, each with rights of its
own. So what is passed on says only that something changed; each browser then asks for what it
may see.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

from flask import Blueprint, Response, abort

from gui.carried import carried, server
from gui.server_api import Away, Holder, Problem, Server

blueprint = Blueprint("live", __name__)

WATCHERS_MAX = 50
_BEAT_S = 15
_LASTS_S = 600
_AGAIN_S = 3.0


class Fan:
    """Listens while anybody watches, with the session of whoever does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watchers: dict[int, queue.SimpleQueue[None]] = {}
        self._holders: dict[int, Holder] = {}
        self._next = 0
        self._listening = False

    def watch(self, upstream: Server, holder: Holder) -> tuple[int, queue.SimpleQueue[None]] | None:
        """Join; None where too many watch already."""
        with self._lock:
            if len(self._watchers) >= WATCHERS_MAX:
                return None
            self._next += 1
            waits: queue.SimpleQueue[None] = queue.SimpleQueue()
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
        while (holder := self._somebody()) is not None:
            try:
                with upstream.stream("/stream", holder) as pieces:
                    for piece in pieces:
                        if b"data:" in piece:
                            self._tell()
                        if self._somebody() is None:
                            return
            except (Away, Problem):
                pause.wait(_AGAIN_S)

    def _somebody(self) -> Holder | None:
        with self._lock:
            holder = next(iter(self._holders.values()), None)
            if holder is None:
                self._listening = False
            return holder

    def _tell(self) -> None:
        with self._lock:
            for waits in self._watchers.values():
                waits.put(None)


_FAN = Fan()


@blueprint.get("/live")
def stream() -> Response:
    """Say when something changed; who is one too many asks again by itself."""
    joined = _FAN.watch(server(), carried().holder)
    if joined is None:
        abort(503, "too many screens watch already; this one asks every ten seconds")
    number, waits = joined

    def told() -> Iterator[bytes]:
        try:
            yield b"retry: 3000\n\n"
            for _ in range(_LASTS_S // _BEAT_S):
                try:
                    waits.get(timeout=_BEAT_S)
                    while not waits.empty():
                        waits.get()
                    yield b"event: change\ndata: 1\n\n"
                except queue.Empty:
                    yield b": still here\n\n"
        finally:
            _FAN.leave(number)

    answer = Response(told(), content_type="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"
    return answer
