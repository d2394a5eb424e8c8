"""Plates as they were photographed, with what they say: to train a reader on a lot's own light.

It is an owner's choice to let them leave. Only events go whose plate was read, and surely enough
that the picture teaches more than the reading's own mistakes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo

from contract.event import Event
from server.exports.package import Piece
from server.exports.shot import Shot
from server.exports.tables import NOTE_ON_CELLS, crop_lines

PICTURE = "plate"
CONFIDENCE_MIN = 900  # thousandths
NOTES = (NOTE_ON_CELLS, "text is what the reader read, at a confidence of at least 0.9")


def pieces(shots: Iterable[Shot], zone: tzinfo) -> Iterator[Piece]:
    """Yield a picture a plate, then the table of what they say."""
    named: list[tuple[str, Event]] = []
    for shot in shots:
        event = shot.event
        if PICTURE in shot.pictures and (event.confidence or 0) >= CONFIDENCE_MIN:
            name = f"{event.id}.jpg"
            named.append((name, event))
            yield Piece(name, [shot.pictures[PICTURE]])
    yield Piece("crops.csv", crop_lines(named, zone), is_table=True)
