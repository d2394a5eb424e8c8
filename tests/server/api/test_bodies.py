"""A body is read as long as its headers say, however it comes."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from lot.web.problems import Problem
from server.api import bodies
from server.api.operations import OCTETS, Bytes, Door, Operation

DATA = bytes(range(256)) * 300
DELIVER = Operation(
    "deliver", "POST", "/deliver", Door.EDGE, "Bring.", body=Bytes(OCTETS, len(DATA))
)


class _InPieces:
    """Gives less than is asked for, and ends or breaks where it is told to."""

    def __init__(self, data: bytes, breaks: Callable[[], bytes] = lambda: b"") -> None:
        self._data = io.BytesIO(data)
        self._breaks = breaks

    def read(self, size: int) -> bytes:
        assert 0 < size <= len(DATA), "more was asked for than the headers said"
        return self._data.read(min(size, 1000)) or self._breaks()


def _gone() -> bytes:
    raise ConnectionResetError


def _asked(stream: _InPieces | io.BytesIO, length: int = len(DATA)) -> Request:
    environ = EnvironBuilder(method="POST").get_environ()
    more = {"CONTENT_LENGTH": str(length), "wsgi.input": stream, "wsgi.input_terminated": True}
    return Request({**environ, **more})


@pytest.mark.parametrize("stream", [io.BytesIO(DATA + b"more"), _InPieces(DATA + b"more")])
def test_a_body_is_read_to_its_length_and_no_further(stream: _InPieces | io.BytesIO) -> None:
    assert bodies.read(DELIVER, _asked(stream)) == DATA
    assert stream.read(4) == b"more"


@pytest.mark.parametrize("stream", [_InPieces(DATA[:-1]), _InPieces(DATA[:-1], _gone)])
def test_a_body_that_ends_before_its_length_is_refused(stream: _InPieces) -> None:
    with pytest.raises(Problem) as told:
        bodies.read(DELIVER, _asked(stream))
    assert told.value.code == "malformed"


def test_what_has_no_body_is_empty() -> None:
    assert bodies.read(DELIVER, _asked(_InPieces(DATA), length=0)) == b""
