"""A day's rows as bytes, and back: columns of numbers, with words and plates written out.

    u32 length, head (canonical JSON), then for `rows` rows, sorted by id: ids, and each column;
    for `plates` and `others` (ids of rows of other days): 16 bytes each;
    for `sparse` entries: u32 row, u8 tag, 16 bytes

Numbers of words, plates and rows mean something only in the memory they were given in, so a
segment has numbers of its own: of its words (the head has them) and plates, and of its rows, which
the others follow. 0 is none. So a year is taken in without looking up what a day says of itself.

A column has as few bytes a number as its largest needs, and what rises is counted from its least:
a year is a third smaller so, for the card and for a processor that has no instruction for AES.
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
    ALL_COLUMNS,
    OWN_COLUMNS,
    PLATE_COLUMNS,
    ROW_COLUMNS,
    WORD_COLUMNS,
    Columns,
    pairs,
)
from server.index.keys import Keys, rises

_HEAD_MAX = 16 * 1024 * 1024
_ROWS_MAX = 500_000
_KEY_BYTES = 16
_NUMBERS = (*OWN_COLUMNS, *PLATE_COLUMNS, *ROW_COLUMNS)
_FROM_LEAST = ("first", "last", "sequence")  # `last` as how long after its row's `first`
_WIDTHS = (1, 2, 4, 8)
_SPARSE = np.dtype([("row", ">u4"), ("tag", "u1"), ("value", "u1", (16,))])


@dataclass(frozen=True, slots=True)
class Beside:
    """What of a day is no row: encoded statements, and blind time with its record's id and at."""

    statements: tuple[bytes, ...]
    blind: tuple[tuple[str, int, bytes], ...]


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What a segment holds, in numbers of its own: of plates; of rows, and after them of others."""

    ids: NDArray[np.uint8]  # 16 a row
    words: dict[str, tuple[str, ...]]
    plates: NDArray[np.uint8]  # 16 each
    others: NDArray[np.uint8]  # ids of rows of other segments
    sparse: NDArray[Any]  # `row` within the segment, `tag`, `value`
    beside: Beside
    narrow: Mapping[str, NDArray[Any]]  # as they lie
    least: Mapping[str, int]

    def column(self, name: str) -> NDArray[Any]:
        """Return a column: made when it is asked for, since all of a batch's are much memory."""
        if name not in self.least:
            return self.narrow[name]
        values: NDArray[Any] = self.narrow[name].astype(np.int64) + self.least[name]
        return values + self.column("first") if name == "last" else values


def packed(columns: Columns, rows: NDArray[np.int64], beside: Beside) -> bytes:
    """Return the bytes of these rows and of what stands beside them."""
    rows = rows[np.lexsort((columns.ids.low[rows], columns.ids.high[rows]))]
    values, words = _own(columns, rows)
    plates, plate_numbers = _plates(columns, rows)
    others, row_numbers = _others(columns, rows)
    values |= plate_numbers | row_numbers
    least = {name: int(values[name].min()) if len(rows) else 0 for name in _FROM_LEAST}
    narrow = [_narrow(values[name] - least.get(name, 0)) for name in _NUMBERS]
    sparse = _sparse(columns, rows)
    head = canonical.encoded(
        {
            "v": canonical.VERSION,
            "rows": len(rows),
            "plates": len(plates) // _KEY_BYTES,
            "others": len(others) // _KEY_BYTES,
            "sparse": len(sparse),
            "least": least,
            "widths": [one.itemsize for one in narrow],
            "words": words,
            "statements": list(beside.statements),
            "blind": [{"id": i, "at": at, "blind": data} for i, at, data in beside.blind],
        }
    )
    parts = [_keys(columns.ids, rows), *(one.tobytes() for one in narrow)]
    parts += [plates, others, sparse.tobytes()]
    return b"".join((len(head).to_bytes(4, "big"), head, *parts))


def _own(
    columns: Columns, rows: NDArray[np.int64]
) -> tuple[dict[str, NDArray[Any]], dict[str, list[str]]]:
    """Return the columns that stand for themselves, and the words that some of them number."""
    values: dict[str, NDArray[Any]] = {}
    words: dict[str, list[str]] = {}
    for name in OWN_COLUMNS:
        values[name] = columns.column(name)[rows]
        if name in WORD_COLUMNS:
            used, values[name] = np.unique(values[name], return_inverse=True)
            words[name] = [columns.words[name].word(int(n)) or "" for n in used]
    values["last"] = values["last"] - values["first"]
    return values, words


def _narrow(values: NDArray[Any]) -> NDArray[Any]:
    most = int(values.max()) if len(values) else 0
    return values.astype(f"<u{next(width for width in _WIDTHS if most < 256**width)}")


def _plates(columns: Columns, rows: NDArray[np.int64]) -> tuple[bytes, dict[str, NDArray[Any]]]:
    """Return the plates of these rows, sorted, and each column's numbers of them."""
    given = {name: columns.column(name)[rows] for name in PLATE_COLUMNS}
    used = np.unique(np.concatenate(list(given.values()))).astype(np.int64)
    used = used[used > 0] - 1
    used = used[np.lexsort((columns.plates.low[used], columns.plates.high[used]))]
    number_of = np.zeros(len(columns.plates) + 1, np.uint32)
    number_of[used + 1] = np.arange(1, len(used) + 1)
    return _keys(columns.plates, used), {name: number_of[one] for name, one in given.items()}


def _others(columns: Columns, rows: NDArray[np.int64]) -> tuple[bytes, dict[str, NDArray[Any]]]:
    """Return the ids of the rows elsewhere that these name, and each column's numbers."""
    given = {name: columns.column(name)[rows].astype(np.int64) for name in ROW_COLUMNS}
    named = np.unique(np.concatenate(list(given.values())))
    others = np.setdiff1d(named[named > 0] - 1, rows)
    every = np.concatenate((rows, others))
    order = np.argsort(every)
    numbers: dict[str, NDArray[Any]] = {}
    for name, one in given.items():
        some = one > 0
        numbers[name] = np.zeros(len(rows), np.int64)
        numbers[name][some] = order[np.searchsorted(every[order], one[some] - 1)] + 1
    return _keys(columns.ids, others), numbers


def _sparse(columns: Columns, rows: NDArray[np.int64]) -> NDArray[Any]:
    numbers = {int(row): n for n, row in enumerate(rows)}
    found = columns.sparse_of(rows[columns.column("more")[rows] > 0])
    table = np.zeros(len(found), _SPARSE)
    for n, (row, one) in enumerate(found):
        table[n] = (numbers[row], one.tag, np.frombuffer(one.value, np.uint8))
    return table


@canonical.reading("the rows of a segment")
def unpacked(data: bytes) -> Unpacked:
    """Return what the bytes hold; Damaged where they are cut, too long or of another version."""
    length = int.from_bytes(data[:4], "big")
    counted = {"rows": 1, "plates": 2, "others": 2, "sparse": 64}  # at the most, of each row
    read = Fields(
        canonical.decoded(data[4 : 4 + length], bytes_max=_HEAD_MAX),
        ("v", *counted, "least", "widths", "words", "statements", "blind"),
    )
    read.version()
    count, plate_count, other_count, sparse_count = (read.whole(name) for name in counted)
    for name, a_row in counted.items():
        within(name, read.whole(name), 0, a_row * _ROWS_MAX)
    inside = read.inside("words", tuple(WORD_COLUMNS))
    words = {name: inside.entries(name, canonical.text) for name in WORD_COLUMNS}
    rest = _Rest(data, 4 + length)
    ids, narrow = rest.keys(count), _narrow_ones(read, rest, count)
    plates, others = rest.keys(plate_count), rest.keys(other_count)
    table = rest.taken(_SPARSE, sparse_count)
    rest.end()
    bounds = {name: len(words[name]) for name in WORD_COLUMNS}
    bounds |= dict.fromkeys(PLATE_COLUMNS, plate_count + 1)
    bounds |= dict.fromkeys(ROW_COLUMNS, count + other_count + 1)
    if any(count and int(narrow[name].max()) >= bound for name, bound in bounds.items()):
        raise Malformed("it numbers what it does not hold")
    if sparse_count and int(table["row"].max()) >= count:
        raise Malformed("something is of a row that is not there")
    if not rises(*pairs(ids)):
        raise Malformed("its rows are not sorted, or one stands twice")
    beside = Beside(read.entries("statements", canonical.octets), read.entries("blind", _blind))
    ground = read.inside("least", _FROM_LEAST)
    least = {name: ground.whole(name) for name in _FROM_LEAST}
    return Unpacked(ids, words, plates, others, table, beside, narrow, least)


def _narrow_ones(read: Fields, rest: _Rest, count: int) -> dict[str, NDArray[Any]]:
    """Return the numbers of every column as they lie."""
    widths = read.entries("widths", canonical.whole)
    if len(widths) != len(_NUMBERS):
        raise Malformed("it has other columns")
    found: dict[str, NDArray[Any]] = {}
    for name, width in zip(_NUMBERS, widths, strict=True):
        if width not in _WIDTHS or width > np.dtype(ALL_COLUMNS[name]).itemsize:
            raise Malformed(f"the numbers of {name} have a size that none has")
        found[name] = rest.taken(np.dtype(f"<u{width}"), count)
    return found


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

    def keys(self, count: int) -> NDArray[np.uint8]:
        return self.taken(np.dtype("u1"), count * _KEY_BYTES).reshape(count, _KEY_BYTES)

    def end(self) -> None:
        if self._at != len(self._data):
            raise Malformed("something follows its end")


def _keys(keys: Keys, numbers: NDArray[np.int64]) -> bytes:
    found = np.empty((len(numbers), 2), ">u8")
    found[:, 0], found[:, 1] = keys.high[numbers], keys.low[numbers]
    return found.tobytes()
