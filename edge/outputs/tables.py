"""Results as tables for a spreadsheet: one row an event, and one a detection if wanted.

Times are ISO 8601 by the lot's clock with its offset, probabilities have three decimals, lists
are set apart by blanks (`ABC123:0.120 A8C123:0.050`), and what is unknown is an empty cell.
No cell is a formula (`lot/cells.py`).
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from types import TracebackType
from typing import TextIO

from contract.event import Event, Spelling
from edge.values import Box, Kind
from lot.cells import harmless, thousandths, write_rows
from lot.files import keep, unwritable, write_whole
from lot.times import local_text, moment

EVENT_COLUMNS = (
    "event_id",
    "kind",
    "kind_by",
    "plate",
    "confidence",
    "vehicle",
    "first_seen",
    "last_seen",
    "camera",
    "frame",
    "timecode",
    "alternatives",
    "flags",
    "reason",
)
DETECTION_COLUMNS = (
    "frame",
    "time",
    "track",
    "kind",
    "score",
    "left",
    "top",
    "right",
    "bottom",
    "plate",
    "confidence",
)


@dataclass(frozen=True, slots=True)
class DetectionRow:
    """One thing seen in one frame, its box in fractions of the picture."""

    frame: int
    time: datetime
    track: int | None
    kind: Kind
    score: float
    box: Box
    plate: str | None = None
    confidence: float | None = None


def write_events(path: Path, events: Iterable[Event], zone: tzinfo) -> None:
    """Write the table of events, whole or not at all, in the order given."""
    text = io.StringIO(newline="")
    write_rows(text, [EVENT_COLUMNS])
    write_rows(text, (_event_cells(event, zone) for event in events))
    write_whole(path, text.getvalue().encode())


class DetectionTable:
    """The table of detections, written while the recording is read: it may have millions of rows.

    On leaving it stands under its name, also when reading broke off: what was seen is kept.
    """

    def __init__(self, path: Path, zone: tzinfo) -> None:
        self._path = path
        self._aside = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._zone = zone
        self._file: TextIO | None = None

    def __enter__(self) -> DetectionTable:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._aside.open("w", encoding="utf-8", newline="")
            write_rows(self._file, [DETECTION_COLUMNS])
        except OSError as error:
            raise unwritable(self._path, error) from error
        return self

    def add(self, rows: Iterable[DetectionRow]) -> None:
        """Add one frame's rows."""
        assert self._file is not None, "to be used in a with statement"
        try:
            write_rows(self._file, (_detection_cells(row, self._zone) for row in rows))
        except OSError as error:
            raise unwritable(self._path, error) from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        assert self._file is not None
        try:
            self._file.close()
            keep(self._aside, self._path)
        except OSError as full:
            self._aside.unlink(missing_ok=True)
            if error is None:  # else it would hide why reading ended
                raise unwritable(self._path, full) from full


def _event_cells(event: Event, zone: tzinfo) -> Sequence[str]:
    return (
        event.id,
        event.kind,
        event.kind_by or "",
        harmless(event.plate or ""),
        "" if event.confidence is None else thousandths(event.confidence),
        event.vehicle or "",
        local_text(moment(event.first_seen), zone),
        local_text(moment(event.last_seen), zone),
        harmless(event.camera),
        "" if event.frame is None else str(event.frame),
        event.timecode or "",
        harmless(" ".join(map(_spelling, event.alternatives))),
        " ".join(event.flags),
        event.reason or "",
    )


def _detection_cells(row: DetectionRow, zone: tzinfo) -> Sequence[str]:
    box = row.box
    return (
        str(row.frame),
        local_text(row.time, zone),
        "" if row.track is None else str(row.track),
        row.kind,
        f"{row.score:.3f}",
        *(f"{side:.5f}" for side in (box.left, box.top, box.right, box.bottom)),
        harmless(row.plate or ""),
        "" if row.confidence is None else f"{row.confidence:.3f}",
    )


def _spelling(one: Spelling) -> str:
    return f"{one.plate}:{thousandths(one.confidence)}"
