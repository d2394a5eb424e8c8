"""The gate's side of the hatch: who looks in sees what it sees, drawn over, and its figures.

Pictures are drawn and coded only while somebody watches, five a second at most, and one that is
not fetched in time is passed over: whoever watches never holds the gate up.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from contract.event import Event
from edge.daemon.gallery import coded, narrowed
from edge.daemon.hatch import reached
from edge.daemon.lookout import Lookout, News
from edge.daemon.loop import Seen
from edge.outputs.overlaying import Overlaying
from edge.outputs.sheet import sheet
from lot.errors import Unwritable

WATCHERS_MAX = 8
_EVERY_S = 0.2
_WIDTH, _QUALITY = 1280, 75
_SILENT_S = 30.0  # a camera that is blind sends nothing; who watches asks again
_ASKED_BYTES_MAX = 512
_log = logging.getLogger("lotkeeper.gate")


class Hatchway(Seen):
    """Serves the hatch from threads of its own; `turn` and `events` are the loop's to call."""

    def __init__(
        self, folder: Path, overlaying: Mapping[str, Overlaying], figures: Callable[[], bytes]
    ) -> None:
        self._folder = folder
        self._overlaying = overlaying
        self._figures = figures
        self._fresh = threading.Condition()
        self._watchers: Counter[str] = Counter()
        self._newest: dict[str, tuple[int, bytes]] = {}
        self._drawn_s: dict[str, float] = {}
        self._listening = _listening(folder)
        self._thread = threading.Thread(target=self._accept, name="hatch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._listening.close()
        with suppress(OSError), reached(self._folder) as path:
            Path(path).unlink()

    def turn(self, lookouts: Sequence[Lookout], news: Sequence[News]) -> None:
        now_s = time.monotonic()
        for one, new in zip(lookouts, news, strict=True):
            if new.frame is None or not self._watchers[one.name]:
                continue
            overlay = self._overlaying[one.name].at(new.frame.time, new.step)
            if now_s - self._drawn_s.get(one.name, 0.0) < _EVERY_S:
                continue
            self._drawn_s[one.name] = now_s
            self._show(one.name, coded(sheet(narrowed(new.frame.image, _WIDTH), overlay), _QUALITY))

    def events(self, events: Sequence[Event]) -> None:
        for event in events:
            if self._watchers[event.camera] and event.camera in self._overlaying:
                self._overlaying[event.camera].say(event)

    def _show(self, camera: str, jpeg: bytes) -> None:
        with self._fresh:
            number, _ = self._newest.get(camera, (0, b""))
            self._newest[camera] = (number + 1, jpeg)
            self._fresh.notify_all()

    def _accept(self) -> None:
        while True:
            try:
                asking, _ = self._listening.accept()
            except OSError:
                return  # closed: the gate ends
            threading.Thread(target=self._answer, args=(asking,), daemon=True).start()

    def _answer(self, asking: socket.socket) -> None:
        asking.settimeout(_SILENT_S)
        with asking, suppress(OSError):
            if not _is_ours(asking):
                return
            line = asking.recv(_ASKED_BYTES_MAX).partition(b"\n")[0].decode(errors="replace")
            what, _, camera = line.partition(" ")
            if what == "cameras":
                _send(asking, json.dumps(sorted(self._overlaying)).encode())
            elif what == "figures":
                _send(asking, self._figures())
            elif what == "live" and camera in self._overlaying:
                self._live(asking, camera)

    def _live(self, asking: socket.socket, camera: str) -> None:
        with self._fresh:
            if self._watchers.total() >= WATCHERS_MAX:
                return
            self._watchers[camera] += 1
            seen = self._newest.get(camera, (0, b""))[0]
        try:
            while jpeg := self._next(camera, seen):
                seen, data = jpeg
                _send(asking, data)
        finally:
            with self._fresh:
                self._watchers[camera] -= 1

    def _next(self, camera: str, seen: int) -> tuple[int, bytes] | None:
        with self._fresh:
            self._fresh.wait_for(
                lambda: self._newest.get(camera, (0, b""))[0] > seen, timeout=_SILENT_S
            )
            newest = self._newest.get(camera)
        return newest if newest is not None and newest[0] > seen else None


def _listening(folder: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with reached(folder) as path:
            with suppress(FileNotFoundError):
                Path(path).unlink()  # what a killed gate left
            before = os.umask(0o177)
            try:
                made.bind(path)
            finally:
                os.umask(before)
        made.listen(WATCHERS_MAX)
    except OSError as error:
        made.close()
        raise Unwritable(
            f"cannot listen in {folder}: {error.strerror}",
            then="give the folder to the user that runs this",
        ) from error
    return made


def _is_ours(asking: socket.socket) -> bool:
    """Say whether root or our own user is at the other end."""
    said = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", said)
    return user in (0, os.getuid())


def _send(asking: socket.socket, message: bytes) -> None:
    asking.sendall(len(message).to_bytes(4, "big") + message)
