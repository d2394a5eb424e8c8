"""What the index knew goes to the disk, and comes back from it.

Only sealed bytes pass here: the keyholder seals them and opens them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lot.errors import Damaged, Unreadable
from server.indexing.segment_files import SegmentFiles
from server.keys.holder import calls
from server.keys.holder.client import Keyholder

_log = logging.getLogger("lotkeeper.indexing")

_BATCH_BYTES_MAX = 8 * 1024 * 1024  # half of a frame


@dataclass(frozen=True, slots=True)
class IndexOnDisk:
    """The index of one keyholder, as it lies."""

    keyholder: Keyholder
    files: SegmentFiles

    def read_in(self, lot: bytes) -> int | None:
        """Give the keyholder what lies here; return when the lot's lessons were learned.

        What does not open is removed: it is read from the records.
        """
        days = self.files.days(lot)
        follow = self.files.size(lot, days)
        for some in self._batches(lot, days):
            follow = max(0, follow - sum(len(one.segment.sealed) for one in some))
            asked = calls.SegmentsIn(lot, tuple(some), follow)
            for number, why in self.keyholder.segments_in(asked):
                self._torn(lot, some[number].day, why)
        try:
            lessons = self.files.lessons(lot)
            if lessons is None:
                return None
            self.keyholder.lessons_in(lot, lessons)
        except (Damaged, Unreadable):
            self.files.forget_lessons(lot)
            return None
        return lessons.generation

    def write(self, lot: bytes, received: Mapping[bytes, int]) -> int:
        """Write the segments that are due; return how many.

        `received` is up to when (µs UTC) the index was told of each writer before this was asked.
        """
        due = self.keyholder.segments_due(lot)
        for day in due:
            made = self.keyholder.segment_out(lot, day)
            self.files.keep(lot, day, made)
            self.keyholder.segment_written(calls.SegmentWritten(lot, day, made.generation))
        self.files.keep_caught_up(lot, received)
        return len(due)

    def learn(self, lot: bytes) -> int:
        """Learn a lot's lessons from its cars, and keep them; return when that was."""
        made = self.keyholder.learn(lot)
        self.files.keep_lessons(lot, made)
        return made.generation

    def _batches(self, lot: bytes, days: Mapping[int, int]) -> Iterator[list[calls.DaySegment]]:
        """Yield what lies on the disk, as much at once as the keyholder's frames can carry."""
        batch: list[calls.DaySegment] = []
        size = 0
        for day, generation in sorted(days.items()):
            try:
                segment = self.files.read(lot, day, generation)
            except Unreadable as fault:
                self._torn(lot, day, fault.what)
                continue
            if batch and size + len(segment.sealed) > _BATCH_BYTES_MAX:
                yield batch
                batch, size = [], 0
            batch.append(calls.DaySegment(day, segment))
            size += len(segment.sealed)
        if batch:
            yield batch

    def _torn(self, lot: bytes, day: int, why: str) -> None:
        _log.warning("indexing=torn lot=%s day=%d why=%r", lot.hex()[:8], day, why)
        self.files.destroy(lot, day)
