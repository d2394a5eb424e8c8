"""A stranger's bytes become a picture: judged by their header first, decoded in another process."""

from __future__ import annotations

import base64
import binascii
import re
import sys
from threading import Lock

import numpy as np

from edge.api.decoder import SIZE
from edge.reading.mortal import Died, MortalChild
from edge.sources.headers import header
from edge.values import Image
from lot.web.problems import Problem

PIXELS_MAX = 40_000_000
BYTES_MAX = 20 << 20
_START_S, _ANSWER_S = 20.0, 20.0
_DATA_URL = re.compile(r"data:[a-z/+.-]{0,40};base64,")


class Decoding:
    """One decoder, started when first needed and again when it died; threads take turns."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._child = MortalChild(
            [sys.executable, "-m", "edge.api.decoder"],
            start_seconds=_START_S,
            answer_seconds=_ANSWER_S,
            message_max=SIZE.size + 3 * PIXELS_MAX,
        )

    def image(self, data: bytes) -> Image:
        """Return the picture upright; Problem for all that is none."""
        found = header(data)
        if found is None:
            raise Problem("no_picture", "it is no JPEG, PNG, WebP or BMP")
        if found.width * found.height > PIXELS_MAX:
            raise Problem(
                "no_picture",
                f"it has {found.width} x {found.height} pixels, more than {PIXELS_MAX:,}",
            )
        answer = self._answer(data)
        if answer[:1] != b"\x01":
            raise Problem("no_picture", answer[1:].decode(errors="replace"))
        _, width, height = SIZE.unpack_from(answer)
        pixels = np.frombuffer(answer, np.uint8, offset=SIZE.size)
        return pixels.reshape(height, width, 3)

    def close(self) -> None:
        with self._lock:
            self._child.stop()

    def _answer(self, data: bytes) -> bytes:
        with self._lock:
            try:
                if not self._child.alive:
                    self._child.start()
                return self._child.ask(data)
            except Died:
                raise Problem("no_picture", "it was too much for the decoder") from None


def from_base64(text: str) -> bytes:
    """Return the bytes of base64 text, with or without what a data URL puts before it."""
    try:
        return base64.b64decode(_DATA_URL.sub("", text, count=1).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Problem("no_picture", "it is no base64 text") from None
