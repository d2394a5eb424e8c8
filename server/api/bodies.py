"""Bodies: judged by their headers, read only when there is room, and parsed strictly."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from flask import Request

from lot.web.problems import Problem
from lot.web.shapes import Given, Object
from server.api.callers import Caller, Stranger
from server.api.operations import JSON, Bytes, Operation

# Of the 64 threads that serve; so those who send slowly, or nothing, leave the others alone.
_STRANGERS_MAX = 12
_OF_ONE_ADDRESS_MAX = 3
_KNOWN_MAX = 16
_DEPTH_MAX = 16


class Room:
    """Counts bodies that are being read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._strangers: Counter[str] = Counter()
        self._known = 0

    @contextmanager
    def taken(self, caller: Caller, address: str) -> Iterator[None]:
        """Hold a place while a body is read; Problem where there is none."""
        is_stranger = isinstance(caller, Stranger)
        with self._lock:
            if not self._has_place(address, is_stranger=is_stranger):
                raise Problem("busy", "too many bodies are being read", retry_s=2)
            self._count(address, 1, is_stranger=is_stranger)
        try:
            yield
        finally:
            with self._lock:
                self._count(address, -1, is_stranger=is_stranger)

    def _has_place(self, address: str, *, is_stranger: bool) -> bool:
        if not is_stranger:
            return self._known < _KNOWN_MAX
        many = self._strangers.total() >= _STRANGERS_MAX
        return not many and self._strangers[address] < _OF_ONE_ADDRESS_MAX

    def _count(self, address: str, more: int, *, is_stranger: bool) -> None:
        if not is_stranger:
            self._known += more
            return
        self._strangers[address] += more
        if not self._strangers[address]:
            del self._strangers[address]


def check_headers(operation: Operation, request: Request) -> None:
    """Refuse a body by what its headers say."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem("wrong_media", "bodies are taken unpacked: leave Content-Encoding out")
    length = request.content_length
    if length is None and "Transfer-Encoding" in request.headers:
        raise Problem("length_required", "send Content-Length instead of chunks")
    if (length or 0) > operation.bytes_max:
        raise Problem("too_large", f"at most {operation.bytes_max} bytes are taken here")
    if operation.body is None:
        return
    wanted = JSON if isinstance(operation.body, Object) else operation.body.media_type
    if request.mimetype != wanted:
        raise Problem("wrong_media", f"send the body as {wanted}")


def read(operation: Operation, request: Request) -> Given | bytes | None:
    """Return the body as the operation's shape makes it."""
    if operation.body is None:
        return None
    data = _whole(request, min(request.content_length or 0, operation.bytes_max))
    if len(data) != (request.content_length or 0):
        raise Problem("malformed", "the body ended before its length")
    if isinstance(operation.body, Bytes):
        return data
    assert isinstance(operation.body, Object)  # no form is taken here
    return operation.body.read(_parsed(data), "")


def _whole(request: Request, length: int) -> bytes:
    """Return so many bytes of a body, fewer where it ends before.

    Asked for at once: through the framework's stream each 64 kB of a batch are copied four times,
    and 64 threads wait for each other as often.
    """
    stream, pieces, left = request.environ["wsgi.input"], [], length
    with suppress(OSError, ValueError):  # who sent it is gone
        while left and (piece := stream.read(left)):
            pieces.append(piece)
            left -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _parsed(data: bytes) -> object:
    try:
        value: object = json.loads(
            data.decode(), object_pairs_hook=_once, parse_float=_no_float, parse_constant=_no_float
        )
    except RecursionError:
        raise Problem("malformed", "the body is nested too deeply") from None
    except ValueError:  # not UTF-8, not JSON, or a number of thousands of digits
        raise Problem("malformed", "the body is no JSON of ours") from None
    if _depth(value) > _DEPTH_MAX:
        raise Problem("malformed", "the body is nested too deeply")
    return value


def _once(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_float(_: str) -> float:
    raise ValueError("numbers are whole")


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0
