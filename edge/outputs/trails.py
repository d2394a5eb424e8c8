"""Where everything was in a recording, kept on the disk: a day of it would fill the memory.

A mark is a row of fixed size, and rows lie in the order of time, as the film, the table and
the snapshots want them. In memory stays what is known of a track: its kind and its plate.
"""

from __future__ import annotations

import contextlib
import os
import struct
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from edge.outputs.parts import Spelled
from edge.values import Box, Kind
from lot.times import microseconds, moment

_ROW = struct.Struct("<Iqd4d")  # track, microseconds, score, left, top, right, bottom
_ROWS_READ = 1024  # at once: a minute and a half of a vehicle and its plate


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a track was in one frame that the eyes looked at."""

    track: int
    time: datetime
    box: Box
    score: float


@dataclass(frozen=True, slots=True)
class Trail:
    """One track, as it is known at the recording's end."""

    kind: Kind
    last: datetime  # its last mark
    plate: Spelled | None = None


@dataclass(frozen=True, slots=True)
class Trails:
    """All tracks of a recording, by number, and the file in which their marks lie."""

    tracks: Mapping[int, Trail] = field(default_factory=dict)
    file: Path | None = None  # None: nothing was kept
    failure: OSError | None = None  # why marks are missing

    def marks(self) -> Iterator[Mark]:
        """Give the marks of these tracks in the order of time; those of false alarms are left out.

        Where the disk had no room for all of them, the OSError that said so is raised instead.
        """
        if self.failure is not None:
            raise self.failure
        if self.file is None:
            return
        with self.file.open("rb") as file:
            while rows := file.read(_ROWS_READ * _ROW.size):
                for track, time, score, *sides in _ROW.iter_unpack(rows):
                    if track in self.tracks:
                        yield Mark(track, moment(time), Box(*sides), score)


class Spool:
    """Takes marks to the disk, in a file of its own in `folder`.

    Where the disk is full it says so when the marks are wanted, not before: the recording is
    watched to its end all the same, and its events are told.
    """

    def __init__(self, folder: Path) -> None:
        self.failure: OSError | None = None
        self.path: Path | None = None
        self._file: BinaryIO | None = None
        try:
            handle, name = tempfile.mkstemp(dir=folder)
            self.path, self._file = Path(name), os.fdopen(handle, "wb")
        except OSError as error:
            self.failure = error

    def add(self, mark: Mark) -> None:
        """Keep one mark; they come in the order of time."""
        if self._file is None:
            return
        box = mark.box
        sides = box.left, box.top, box.right, box.bottom
        try:
            self._file.write(_ROW.pack(mark.track, microseconds(mark.time), mark.score, *sides))
        except OSError as error:
            self._give_up(error)

    def close(self) -> None:
        """Bring the last marks to the disk."""
        if self._file is None:
            return
        try:
            self._file.close()
            self._file = None
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self.failure = error
        if self._file is not None:
            with contextlib.suppress(OSError):  # what it still holds has nowhere to go
                self._file.close()
            self._file = None
