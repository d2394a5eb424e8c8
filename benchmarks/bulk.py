"""A year of a busy lot as the index keeps it, drawn at once: a million events in segments.

Nothing here tells visits: every car comes and leaves, and its two rows say so already. What is
measured on them is finding, not telling.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import TREE
from lot.files import write_whole
from server.index import columns as columns_module
from server.index import packing
from server.index.columns import (
    BY,
    DOUBT,
    ENTRY,
    EVENT_COLUMNS,
    EXIT,
    STORY_COLUMNS,
    VEHICLE,
    WORD_COLUMNS,
    Columns,
)
from server.index.packing import Beside, packed

SEGMENTS = TREE / ".make" / "segments"
DAY_US = 86_400_000_000
FIRST_DAY = 20_000
DAYS = 365
LOT = b"l" * 16

_SEED = 4
_PLATES = 120_000  # of distinct cars in the year
_LETTERS = np.frombuffer(b"BCDFGHJKLMNPRSTVWXYZ", np.uint8)
_SPARSE = np.dtype([("row", ">u4"), ("tag", "u1"), ("value", "u1", (16,))])
_WORDS: Mapping[str, tuple[str, ...]] = {
    "edge": ("0" * 32,),
    "camera": ("north", "south", "east", "west"),
    "lane": ("", "left", "right"),
    "flags": ("", "near_match", "two_candidates"),
    "ways": ("", "north\x1fbottom\x1ftop", "north\x1ftop\x1fbottom"),
}


@dataclass(frozen=True, slots=True)
class _Day:
    """A day's rows, as `Columns.take` wants them."""

    ids: NDArray[np.uint8]
    columns: Mapping[str, NDArray[Any]]
    plates: NDArray[np.uint8]
    sparse: NDArray[Any]
    others: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 16), np.uint8))
    words: Mapping[str, Sequence[str]] = field(default_factory=lambda: _WORDS)

    def column(self, name: str) -> NDArray[Any]:
        return self.columns[name]


def segments(events: int, folder: Path = SEGMENTS) -> list[bytes]:
    """Return a year of segments with so many events; they are drawn once and kept."""
    sources = (__file__, columns_module.__file__, packing.__file__)
    made_of = hashlib.sha256(b"".join(Path(one).read_bytes() for one in sources)).hexdigest()
    own = folder / f"{events}-{made_of[:12]}"
    paths = [own / str(day) for day in range(DAYS)]
    if not all(path.exists() for path in paths):
        own.mkdir(parents=True, exist_ok=True)
        for path, data in zip(paths, _drawn(events), strict=True):
            write_whole(path, data)
    return [path.read_bytes() for path in paths]


def plate(number: int) -> str:
    """Return one of the drawn plates."""
    return bytes(_plates()[number]).rstrip(b"\0").decode("ascii")


def _drawn(events: int) -> Iterator[bytes]:
    random = np.random.default_rng(_SEED)
    texts = _plates()
    stays = events // 2 // DAYS
    for day in range(DAYS):
        number = stays if day < DAYS - 1 else events // 2 - stays * (DAYS - 1)
        columns = Columns()
        columns.take(LOT, [_day(day, number, texts, random)])
        yield packed(columns, np.arange(len(columns)), Beside((), ()))


def _plates() -> NDArray[np.uint8]:
    random = np.random.default_rng(_SEED + 1)
    found = np.zeros((_PLATES, 16), np.uint8)
    found[:, :3] = _LETTERS[random.integers(0, len(_LETTERS), (_PLATES, 3))]
    found[:, 3:7] = random.integers(ord("0"), ord("9") + 1, (_PLATES, 4))
    return found


def _day(day: int, stays: int, texts: NDArray[np.uint8], random: np.random.Generator) -> _Day:
    """Draw the day's stays: the even rows are entries, each odd one the exit of the row before."""
    rows = 2 * stays
    begin = (FIRST_DAY + day) * DAY_US
    came = np.sort(random.integers(6 * 3600, 20 * 3600, stays)) * 1_000_000 + begin
    left = came + random.integers(600, 4 * 3600, stays) * 1_000_000
    first = np.stack((came, left), axis=1).reshape(rows)
    ids = _ids(first, random)
    cars = np.repeat((random.random(stays) ** 2 * len(texts)).astype(np.int64), 2)
    entry = np.arange(rows) % 2 == 0
    kind = np.where(entry, ENTRY, EXIT)
    columns: dict[str, NDArray[Any]] = {
        name: np.zeros(rows, dtype) for name, dtype in {**EVENT_COLUMNS, **STORY_COLUMNS}.items()
    }
    columns |= {name: random.integers(0, len(_WORDS[name]), rows) for name in WORD_COLUMNS}
    columns["first"], columns["last"] = first, first + 6_000_000
    columns["sequence"] = np.arange(1, rows + 1) + day * rows
    columns["revision"] += 1
    columns["confidence"] = random.integers(600, 1000, rows)
    columns["kind"], columns["decided"] = kind, kind
    columns["by"] += np.uint8(BY.code("crossing"))
    columns["vehicle"] += np.uint8(VEHICLE.code("car"))
    columns["chance"] = random.integers(500, 1001, stays).repeat(2)
    columns["more"] = random.random(rows) < 0.05
    doubted = np.flatnonzero(columns["more"])
    sparse = np.zeros(len(doubted), _SPARSE)
    sparse["row"], sparse["tag"] = doubted, DOUBT
    sparse["value"][:, :4] = np.frombuffer(b"\x00B\x01\x00", np.uint8)
    used, plates = np.unique(cars, return_inverse=True)
    columns |= {
        "plate": plates + 1,
        "told": plates + 1,
        "visit": (np.arange(rows) & ~1) + 1,
        "partner": (np.arange(rows) ^ 1) + 1,
    }
    return _Day(ids, columns, texts[used], sparse)


def _ids(at: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.uint8]:
    high = (at // 1000 << 16 | 0x7000).astype(np.uint64) | random.integers(
        0, 2**12, len(at), np.uint64
    )
    low = np.uint64(1 << 63) | random.integers(0, 2**62, len(at), np.uint64)
    both = np.stack((high, low), axis=1).astype(">u8")
    return both.view(np.uint8).reshape(len(at), 16)
