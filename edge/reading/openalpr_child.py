"""The process in which OpenALPR lives and may die: pictures in, its own JSON out.

Run by its path with nothing of ours beside it (`python -I openalpr_child.py ORDERS DESCRIPTOR`),
so it starts quickly and carries no network. How it speaks: `edge.reading.mortal`. ORDERS is one
JSON object: libraries, country, config, runtime, region, top_n.

It asks `isLoaded` before anything else: every other call on an object that did not load is a
segmentation fault. What the library says on standard error while it loads is handed on, since
that is the only place where a missing configuration shows.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_SAID_MAX = 2000
_MISSING = "Missing config value"


class Alpr:
    """OpenALPR's C interface for Python, as its own binding uses it."""

    def __init__(self, library: ctypes.CDLL, country: str, config: str, runtime: str) -> None:
        for name, result, *takes in (
            ("initialize", ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p),
            ("isLoaded", ctypes.c_bool, ctypes.c_void_p),
            ("setTopN", None, ctypes.c_void_p, ctypes.c_int),
            ("setDefaultRegion", None, ctypes.c_void_p, ctypes.c_char_p),
            ("recognizeArray", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint),
            ("freeJsonMem", None, ctypes.c_void_p),
        ):
            function = getattr(library, name)
            function.restype, function.argtypes = result, takes
        self._library = library
        self._handle = library.initialize(country.encode(), config.encode(), runtime.encode())

    @property
    def loaded(self) -> bool:
        """Whether it may be used at all."""
        return bool(self._handle) and bool(self._library.isLoaded(self._handle))

    def prepare(self, region: str, top_n: int) -> None:
        """Say how many candidates to give, and whose templates to try."""
        self._library.setTopN(self._handle, top_n)
        if region:
            self._library.setDefaultRegion(self._handle, region.encode())

    def recognised(self, picture: bytes) -> bytes:
        """Return its JSON for an encoded picture."""
        answer = self._library.recognizeArray(self._handle, picture, len(picture))
        text = ctypes.string_at(answer)
        self._library.freeJsonMem(answer)
        return text


def opened(libraries: Sequence[str]) -> ctypes.CDLL | None:
    """Return the first library that loads: a bare name on the loader's path, or a full path."""
    for name in libraries:
        beside = Path(name).with_name("libopenalpr.so.2")
        try:
            if beside.is_file():  # what it needs may lie beside it, where no loader looks
                ctypes.CDLL(str(beside), mode=ctypes.RTLD_GLOBAL)
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def main(orders: dict[str, object], answers: int) -> int:
    """Load, say so, and answer until the input ends."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold pictures
    libraries = orders["libraries"]
    assert isinstance(libraries, list)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        library = opened(libraries)
        if library is None:
            return _told(answers, {"wrong": "no library"})
        alpr = Alpr(library, str(orders["country"]), str(orders["config"]), str(orders["runtime"]))
        said.seek(0)
        words = said.read(_SAID_MAX).decode(errors="replace").strip()
        if not alpr.loaded:
            return _told(answers, {"wrong": "not loaded", "said": words})
        if _MISSING in words:
            return _told(answers, {"wrong": "no configuration", "said": words})
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    alpr.prepare(str(orders["region"]), int(str(orders["top_n"])))
    _told(answers, {"ready": True})
    while picture := _message(sys.stdin.fileno()):
        _send(answers, alpr.recognised(picture))
    return 0


def _told(answers: int, words: dict[str, object]) -> int:
    _send(answers, json.dumps(words).encode())
    return 0


def _send(answers: int, message: bytes) -> None:
    rest = memoryview(len(message).to_bytes(4, "big") + message)
    while rest:
        rest = rest[os.write(answers, rest) :]


def _message(source: int) -> bytes:
    """Return the next message; empty at the end of the input."""
    return _read(source, int.from_bytes(_read(source, 4), "big"))


def _read(source: int, length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        part = os.read(source, length - len(found))
        if not part:
            return b""
        found += part
    return bytes(found)


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1]), int(sys.argv[2])))
