"""A day's rows as bytes, and back: columns as they lie, with words and plates written out.

    u32 length, head (canonical JSON), then for `rows` rows: ids, columns, plates, visits' ids;
    for `sparse` entries: u32 row, u8 tag, 16 bytes

Numbers of words and plates mean something only in the memory they were given in, so the head has
the words and each row its plates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contract import canonical
from contract.canonical import Fields, Malformed, within
from server.index.columns import (
    EVENT_COLUMNS,
    PLATE_COLUMNS,
    ROW_COLUMNS,
    STORY_COLUMNS,
    WORD_COLUMNS,
    Columns,
)

_HEAD_MAX = 16 * 1024 * 1024
_ROWS_MAX = 500_000
_OWN_COLUMNS = {**EVENT_COLUMNS, **WORD_COLUMNS, **STORY_COLUMNS}
_SPARSE = np.dtype([("row", ">u4"), ("tag", "u1"), ("value", "u1", (16,))])


@dataclass(frozen=True, slots=True)
class Beside:
    """What of a day is no row: encoded statements, and blind time with its record's id and at."""

    statements: tuple[bytes, ...]
    blind: tuple[tuple[str, int, bytes], ...]


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What a segment holds, in numbers of its own."""

    ids: NDArray[np.uint8]  # 16 a row
    columns: dict[str, NDArray[Any]]
    words: dict[str, tuple[str, ...]]
    keys: Mapping[str, NDArray[Any]]  # plates and visits' ids, 16 a row, zeros for none
    sparse: NDArray[Any]  # `row` within the segment, `tag`, `value`
    beside: Beside


def packed(columns: Columns, rows: NDArray[np.int64], beside: Beside) -> bytes:
    """Return the bytes of these rows and of what stands beside them."""
    parts = [_ids(columns, rows).tobytes()]
    words: dict[str, list[str]] = {}
    for name, dtype in _OWN_COLUMNS.items():
        values = columns.column(name)[rows]
        if name in WORD_COLUMNS:
            used, values = np.unique(values, return_inverse=True)
            words[name] = [columns.words[name].word(int(n)) or "" for n in used]
        parts.append(values.astype(dtype).tobytes())
    for name in PLATE_COLUMNS:
        parts.append(_plates(columns, columns.column(name)[rows]).tobytes())
    for name in ROW_COLUMNS:
        other = columns.column(name)[rows].astype(np.int64)
        keys = _ids(columns, np.maximum(other - 1, 0))
        keys[other == 0] = 0
        parts.append(keys.tobytes())
    numbers = {int(row): n for n, row in enumerate(rows)}
    more = rows[columns.column("more")[rows] > 0]
    sparse = columns.sparse_of(more)
    for row, one in sparse:
        parts.append(numbers[row].to_bytes(4, "big") + bytes([one.tag]) + one.value)
    head = canonical.encoded(
        {
            "v": canonical.VERSION,
            "rows": len(rows),
            "sparse": len(sparse),
            "words": words,
            "statements": list(beside.statements),
            "blind": [{"id": i, "at": at, "blind": data} for i, at, data in beside.blind],
        }
    )
    return b"".join((len(head).to_bytes(4, "big"), head, *parts))


@canonical.reading("the rows of a segment")
def unpacked(data: bytes) -> Unpacked:
    """Return what the bytes hold; Damaged where they are cut, too long or of another version."""
    length = int.from_bytes(data[:4], "big")
    read = Fields(
        canonical.decoded(data[4 : 4 + length], bytes_max=_HEAD_MAX),
        ("v", "rows", "sparse", "words", "statements", "blind"),
    )
    read.version()
    count, sparse_count = read.whole("rows"), read.whole("sparse")
    within("rows", count, 0, _ROWS_MAX)
    within("sparse", sparse_count, 0, 64 * _ROWS_MAX)
    inside = read.inside("words", tuple(WORD_COLUMNS))
    words = {name: inside.entries(name, canonical.text) for name in WORD_COLUMNS}
    rest = _Rest(data, 4 + length)
    ids = rest.taken(np.dtype("u1"), count * 16).reshape(count, 16)
    columns = {name: rest.taken(np.dtype(dtype), count) for name, dtype in _OWN_COLUMNS.items()}
    for name in WORD_COLUMNS:
        if count and int(columns[name].max()) >= len(words[name]):
            raise Malformed(f"{name} has a number without a word")
    keys = {
        name: rest.taken(np.dtype("u1"), count * 16).reshape(count, 16)
        for name in (*PLATE_COLUMNS, *ROW_COLUMNS)
    }
    table = rest.taken(_SPARSE, sparse_count)
    rest.end()
    if sparse_count and int(table["row"].max()) >= count:
        raise Malformed("something is of a row that is not there")
    beside = Beside(read.entries("statements", canonical.octets), read.entries("blind", _blind))
    return Unpacked(ids, columns, words, keys, table, beside)


def _blind(value: object, path: str) -> tuple[str, int, bytes]:
    read = Fields(value, ("id", "at", "blind"), within=path)
    return read.text("id"), read.whole("at"), read.octets("blind")


class _Rest:
    """Bytes taken from the front, each once."""

    def __init__(self, data: bytes, begin: int) -> None:
        self._data = data
        self._at = begin

    def taken(self, dtype: np.dtype[Any], count: int) -> NDArray[Any]:
        size = dtype.itemsize * count
        if self._at + size > len(self._data):
            raise Malformed("it is cut")
        found = np.frombuffer(self._data, dtype, count, self._at)
        self._at += size
        return found

    def end(self) -> None:
        if self._at != len(self._data):
            raise Malformed("something follows its end")


def _ids(columns: Columns, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
    return _pairs(columns.ids.high[rows], columns.ids.low[rows])


def _plates(columns: Columns, numbers: NDArray[Any]) -> NDArray[np.uint8]:
    at = np.maximum(numbers.astype(np.int64) - 1, 0)
    if not len(columns.plates):
        return np.zeros((len(numbers), 16), np.uint8)
    found = _pairs(columns.plates.high[at], columns.plates.low[at])
    found[numbers == 0] = 0
    return found


def _pairs(high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.uint8]:
    pairs = np.empty((len(high), 2), ">u8")
    pairs[:, 0], pairs[:, 1] = high, low
    return pairs.view(np.uint8).reshape(len(high), 16)
