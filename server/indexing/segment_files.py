"""The index on the disk: a sealed file a day, its key apart from it, and each lot's lessons.

A file's name bears its generation. The key is written first and the segment then, each aside,
synced and renamed, and only then what was before is destroyed: so whenever the power goes, one
whole pair of the day is there, or none, and then the day is read from its records again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from contract import canonical
from contract.canonical import Fields, sized
from contract.head import ID_BYTES
from lot.errors import Damaged, Unreadable
from lot.files import destroy, remove, write_private
from server.index.segments import BYTES_MAX
from server.keys.holder.calls import Lessons, SegmentBytes
from server.settings import Places

_SEGMENT = re.compile(r"(?P<day>[0-9]{1,10})-(?P<generation>[0-9]{1,19})\.segment")
_LESSONS = re.compile(r"lessons-(?P<generation>[0-9]{1,19})")
_CAUGHT_UP = "caught-up.json"
_CAUGHT_UP_BYTES_MAX = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SegmentFiles:
    """Where the index lies; only sealed bytes go through here."""

    segments: Path
    keys: Path  # beside the wraps: who destroys a key has forgotten its day in every copy

    def days(self, lot: bytes) -> dict[int, int]:
        """Return the days that have a whole pair of files, each with its newest generation."""
        found: dict[int, int] = {}
        for day, generation in self._pairs(lot):
            found[day] = max(generation, found.get(day, 0))
        return found

    def size(self, lot: bytes, days: Mapping[int, int]) -> int:
        """Return how many bytes of segments those days have, each in its generation."""
        paths = (self._paths(lot, day, generation)[0] for day, generation in days.items())
        return sum(path.stat().st_size for path in paths if path.exists())

    def read(self, lot: bytes, day: int, generation: int) -> SegmentBytes:
        """Return a day's segment; Unreadable where the disk does not give it."""
        segment, key = self._paths(lot, day, generation)
        return SegmentBytes(generation, _read(segment), _read(key))

    def keep(self, lot: bytes, day: int, made: SegmentBytes) -> None:
        """Keep a day's segment in place of the one before."""
        segment, key = self._paths(lot, day, made.generation)
        write_private(key, made.key)
        write_private(segment, made.sealed)
        self._destroy(lot, day, all_but=made.generation)

    def destroy(self, lot: bytes, day: int) -> None:
        """Destroy a day's keys, and then its segments: it is forgotten."""
        self._destroy(lot, day, all_but=None)

    def lessons(self, lot: bytes) -> Lessons | None:
        """Return the newest lessons of a lot."""
        generations = self._lessons(lot)
        if not generations:
            return None
        newest = max(generations)
        return Lessons(newest, _read(self._of(lot) / f"lessons-{newest}"))

    def keep_lessons(self, lot: bytes, made: Lessons) -> None:
        """Keep a lot's lessons in place of those before."""
        write_private(self._of(lot) / f"lessons-{made.generation}", made.sealed)
        self._forget_lessons(lot, all_but=made.generation)

    def forget_lessons(self, lot: bytes) -> None:
        """Remove lessons that do not open: they are learned again."""
        self._forget_lessons(lot, all_but=None)

    def caught_up(self, lot: bytes) -> dict[bytes, int]:
        """Return up to when (µs UTC) each writer's records are in the segments; none if unknown."""
        path = self._of(lot) / _CAUGHT_UP
        if not path.exists():
            return {}
        try:
            return _caught_up(_read(path))
        except Damaged:
            return {}  # then all is read again, and told once

    def keep_caught_up(self, lot: bytes, received: Mapping[bytes, int]) -> None:
        """Keep it, when every segment is written: what came later is read at the next opening."""
        known = [{"writer": one, "received": at} for one, at in sorted(received.items())]
        said = canonical.encoded({"v": canonical.VERSION, "writers": known})
        path = self._of(lot) / _CAUGHT_UP
        if not path.exists() or path.read_bytes() != said:
            write_private(path, said)

    def _pairs(self, lot: bytes) -> Iterator[tuple[int, int]]:
        for path in self._of(lot).glob("*.segment"):
            if (found := _SEGMENT.fullmatch(path.name)) is None:
                continue
            day, generation = int(found["day"]), int(found["generation"])
            if self._paths(lot, day, generation)[1].exists():
                yield day, generation

    def _destroy(self, lot: bytes, day: int, all_but: int | None) -> None:
        own = f"{day}-*"
        kept = [] if all_but is None else [path.name for path in self._paths(lot, day, all_but)]
        for path in (self.keys / lot.hex()).glob(f"{own}.key"):
            if path.name not in kept:
                destroy(path)
        for path in self._of(lot).glob(f"{own}.segment"):
            if path.name not in kept:
                remove(path)

    def _lessons(self, lot: bytes) -> list[int]:
        names = (_LESSONS.fullmatch(path.name) for path in self._of(lot).glob("lessons-*"))
        return [int(found["generation"]) for found in names if found]

    def _forget_lessons(self, lot: bytes, all_but: int | None) -> None:
        for generation in self._lessons(lot):
            if generation != all_but:
                remove(self._of(lot) / f"lessons-{generation}")

    def _of(self, lot: bytes) -> Path:
        return self.segments / lot.hex()

    def _paths(self, lot: bytes, day: int, generation: int) -> tuple[Path, Path]:
        name = f"{day}-{generation}"
        return self._of(lot) / f"{name}.segment", self.keys / lot.hex() / f"{name}.key"


def segment_files(places: Places) -> SegmentFiles:
    return SegmentFiles(places.segments, places.segment_keys)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(2 * BYTES_MAX)
    except OSError as error:
        raise Unreadable(
            f"cannot read {path}: {error.strerror or error}", then="it is built from the records"
        ) from error


@canonical.reading("what the index has caught up with")
def _caught_up(data: bytes) -> dict[bytes, int]:
    read = Fields(canonical.decoded(data, bytes_max=_CAUGHT_UP_BYTES_MAX), ("v", "writers"))
    read.version()
    return dict(read.entries("writers", _writer))


def _writer(value: object, path: str) -> tuple[bytes, int]:
    read = Fields(value, ("writer", "received"), within=path)
    writer = read.octets("writer")
    sized("writer", writer, ID_BYTES)
    return writer, read.whole("received")
