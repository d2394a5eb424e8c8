"""The hatch between the gate and who looks in from another process: a socket in the edge's folder.

Asked is one line, `cameras`, `figures` or `live NAME`; answered are messages, four bytes of length
and the rest. The gate serves it (`hatchway`); the recognition API shows what comes.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from lot.web.problems import Problem

SOCKET = "gate.sock"
ANSWER_S = 5.0
MESSAGE_MAX = 8 << 20
_LENGTH = 4


class Hatch:
    """Looks in. Problem `gate_away` where no gate runs here."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def cameras(self) -> list[str]:
        with Watching(self._asked("cameras")) as watching:
            return [str(one) for one in json.loads(next(iter(watching), b"[]"))]

    def figures(self) -> bytes:
        """Return the gate's figures; empty where no gate runs here."""
        try:
            with Watching(self._asked("figures")) as watching:
                return next(iter(watching), b"")
        except Problem:
            return b""

    def watch(self, camera: str) -> Watching:
        """Return a camera's pictures as they come."""
        if camera not in self.cameras():
            raise Problem("not_found", "the gate has no such camera")
        return Watching(self._asked(f"live {camera}"))

    def _asked(self, line: str) -> socket.socket:
        asking = socket.socket(socket.AF_UNIX)
        asking.settimeout(ANSWER_S)
        try:
            with reached(self._folder) as path:
                asking.connect(path)
            asking.sendall(line.encode() + b"\n")
        except OSError:
            asking.close()
            raise Problem("gate_away", "no gate runs beside this interface", retry_s=5) from None
        return asking


class Watching:
    """Messages as they come, until the gate ends them or who watches does."""

    def __init__(self, asked: socket.socket) -> None:
        self._asked = asked

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        with suppress(OSError):
            while message := self._message():
                yield message
        self.close()

    def close(self) -> None:
        self._asked.close()

    def _message(self) -> bytes:
        length = int.from_bytes(self._exactly(_LENGTH), "big")
        return b"" if length > MESSAGE_MAX else self._exactly(length)

    def _exactly(self, length: int) -> bytes:
        found = bytearray()
        while len(found) < length:
            piece = self._asked.recv(min(1 << 16, length - len(found)))
            if not piece:
                return b""
            found += piece
        return bytes(found)


class reached:  # noqa: N801 - used as a word: with reached(folder) as path
    """A short name for the socket in a folder: one of more than 107 bytes cannot be bound."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor = -1

    def __enter__(self) -> str:
        self._descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return f"/proc/self/fd/{self._descriptor}/{SOCKET}"

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
