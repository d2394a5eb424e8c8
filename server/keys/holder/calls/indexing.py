"""What the index is fed with, and what of it lies on the disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.keys.holder.calls.records import SealedRecord


@dataclass(frozen=True, slots=True)
class IndexBegin:
    """Begin an index of these lots, empty: their zones by the lots' ids in hex."""

    zones: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IndexAdd:
    """Take records into the index; what is damaged among them is answered, and left out."""

    lot: bytes
    records: tuple[SealedRecord, ...]


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with which of the things asked about, by their place in the question."""

    faults: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class IndexState:
    """What does the index hold of these days of a lot?"""

    lot: bytes
    days: tuple[int, ...]  # since 1970, by the lot's zone


@dataclass(frozen=True, slots=True)
class Segment:
    """A day of a lot in the index: how many records and what they are, to compare with rows."""

    day: int  # since 1970
    count: int
    digest: bytes
    is_written: bool  # what is in memory is on the disk too


@dataclass(frozen=True, slots=True)
class Segments:
    """The index's days of a lot."""

    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class SegmentOut:
    """Give a day's segment, sealed, to be written."""

    lot: bytes
    day: int


@dataclass(frozen=True, slots=True)
class SegmentBytes:
    """A sealed segment, and its own key as the index key wraps it: a file each."""

    generation: int  # the how manieth writing of the day: it rises
    sealed: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class DaySegment:
    """A day's segment as it lies."""

    day: int
    segment: SegmentBytes


@dataclass(frozen=True, slots=True)
class SegmentsIn:
    """Take days' segments from the disk: after IndexBegin, before any record of the lot.

    One that is torn, altered or another day's is answered, and left out.
    """

    lot: bytes
    days: tuple[DaySegment, ...]
    follow: int = 0  # bytes of segments that come in later questions, to make room for at once


@dataclass(frozen=True, slots=True)
class Learn:
    """Learn a lot's lessons anew, from all of its cars; they are then kept beside the segments."""

    lot: bytes


@dataclass(frozen=True, slots=True)
class Lessons:
    """A lot's lessons, sealed."""

    generation: int  # when they were learned, µs UTC
    sealed: bytes


@dataclass(frozen=True, slots=True)
class LessonsIn:
    """Take a lot's lessons from the disk."""

    lot: bytes
    lessons: Lessons


@dataclass(frozen=True, slots=True)
class SegmentWritten:
    """A day's segment is on the disk, under this generation."""

    lot: bytes
    day: int
    generation: int


@dataclass(frozen=True, slots=True)
class SegmentsDue:
    """Which days of a lot are not on the disk as they stand in the index?"""

    lot: bytes


@dataclass(frozen=True, slots=True)
class Days:
    """Days since 1970, by the lot's zone."""

    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DayDropped:
    """A day was erased: the index forgets it."""

    lot: bytes
    day: int


@dataclass(frozen=True, slots=True)
class RecordsDropped:
    """These records were erased, one by one: the index forgets them, and tells which days changed.

    What lies of those days on the disk may name what is gone.
    """

    lot: bytes
    ids: tuple[str, ...]
