"""What every room that takes a picture does with it: read, counted, and kept as an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge.api.figures import Figures
from edge.api.pictures import BYTES_MAX, from_base64
from edge.api.reading import Read, Readings
from edge.api.sent import Sent
from lot.web.problems import Problem

# Base64 is a third longer, and a form has words around it.
FORM_BYTES_MAX = BYTES_MAX * 4 // 3 + (1 << 20)


@dataclass(frozen=True, slots=True)
class Desk:
    """Reads what is sent."""

    readings: Readings
    sent: Sent
    figures: Figures
    camera: str  # of pictures that name none

    def read(
        self,
        data: bytes,
        camera: str | None = None,
        regions: Sequence[str] = (),
        *,
        is_event: bool = True,
    ) -> Read:
        """Return what a picture shows; its cars are kept as events when this returns."""
        if not data:
            raise Problem("no_picture", "there is no picture in it")
        if len(data) > BYTES_MAX:
            raise Problem("too_large", f"a picture has at most {BYTES_MAX >> 20} MB")
        try:
            read = self.readings.read(data, self.sent.camera(camera, self.camera), regions)
        except Problem as problem:
            self.figures.picture(problem.code)
            raise
        self.figures.picture("plate" if read.plates else "no_plate")
        if is_event:
            self.sent.take(read)
        return read

    def sent_picture(self, file: bytes | None, text: str | None) -> bytes:
        """Return the bytes of a form's picture: a file, or base64 as text."""
        if file is not None:
            return file
        if text is not None:
            return from_base64(text)
        raise Problem("wrong_field", "there is no picture in it")
