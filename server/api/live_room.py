"""One stream of server-sent events: what came, for who may see the gate live."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from time import monotonic

from flask import Response

from server.access.roles import Right
from server.api.app import Asked
from server.api.operations import Bytes, Operation, Room
from server.records.live import Happened, Live, Watching

EVENTS = "text/event-stream"
BEAT_S = 15.0
LASTS_S = 600.0


def room(
    live: Live,
    *,
    beat_s: float = BEAT_S,
    lasts_s: float = LASTS_S,
    steady: Callable[[], float] = monotonic,
) -> Room:
    """Return the room."""
    here = Room("live", "What happens, as it happens")

    @here.answers(
        Operation(
            "watch",
            "GET",
            "/stream",
            Right.SEE_LIVE,
            "Server-sent events: entry, exit, alarm, change, vault; ids and lots, never a plate. "
            "A comment every 15 seconds; it ends after ten minutes, and one asks again. A session "
            "has two at most: a third ends its first.",
            answer=Bytes(EVENTS),
            problems=("busy",),
            is_presence=False,
        )
    )
    def watch(asked: Asked) -> Response:
        watching = live.watch(asked.person.session, asked.person.sees)
        pieces = _pieces(watching, steady() + lasts_s, beat_s, steady)
        answer = Response(pieces, content_type=EVENTS)
        answer.call_on_close(lambda: live.leave(watching))  # also where nothing was sent
        answer.headers["X-Accel-Buffering"] = "no"
        return answer

    return here


def _pieces(
    watching: Watching, until: float, beat_s: float, steady: Callable[[], float]
) -> Iterator[bytes]:
    yield b"retry: 3000\n\n"
    while (left := until - steady()) > 0:
        found = watching.next(min(beat_s, left))
        if watching.is_over:
            return
        yield b": still here\n\n" if found is None else _spelt(found)


def _spelt(one: Happened) -> bytes:
    said = {
        "lot": one.lot and one.lot.hex(),
        "id": one.id,
        "camera": one.camera,
        "at": one.at,
        "said": one.said,
    }
    data = json.dumps(
        {name: value for name, value in said.items() if value is not None},
        ensure_ascii=True,  # no line of it may end within a value
        separators=(",", ":"),
    )
    return f"event: {one.what}\ndata: {data}\n\n".encode()
