"""All rows of all tables as one stream of bytes, whichever database they come from or go to.

A dump of the database's own would tie the copy to its make and version, and each make forgets and
quotes in its own way. `LKD1`, then for each table a header and its rows, then an end with the
number of rows: so a stream that was cut is told from one that ended.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, cast

from sqlalchemy import Connection, Table, insert, select

from contract import canonical
from contract.canonical import Fields, Malformed, at_most
from lot.errors import WrongUsage

MARK = b"LKD1"

_ROWS_AT_ONCE = 200  # with a sealed text each some hundred kilobytes
_ROW_BYTES_MAX = 16 * 1024 * 1024
_HEADER_BYTES_MAX = 64 * 1024
_TABLE, _ROW, _END = b"T", b"R", b"E"
_LENGTH = struct.Struct(">I")
_NUMBER = struct.Struct(">q")

Value = int | str | bytes | bool | None


def dump(read: Connection, tables: Sequence[Table], to: BinaryIO) -> int:
    """Write every row; return how many. All is read in the one transaction that is open."""
    to.write(MARK)
    count = 0
    for table in tables:
        names = [column.name for column in table.columns]
        _put(to, _TABLE, canonical.encoded({"v": 1, "table": table.name, "columns": names}))
        wanted = select(table).order_by(*table.primary_key.columns)
        for row in read.execute(wanted.execution_options(yield_per=_ROWS_AT_ONCE)):
            _put(to, _ROW, b"".join(_spelled(value) for value in row))
            count += 1
    _put(to, _END, _NUMBER.pack(count))
    return count


def load(write: Connection, tables: Sequence[Table], source: BinaryIO) -> int:
    """Put every row into empty tables; Damaged where the stream is not whole."""
    known = {table.name: table for table in tables}
    count = 0
    waiting: list[dict[str, Value]] = []
    table: Table | None = None
    for name, values in _read(source, known):
        if table is not None and (name != table.name or len(waiting) >= _ROWS_AT_ONCE):
            _insert(write, table, waiting)
            waiting = []
        table = known[name]
        if values is not None:
            waiting.append(values)
            count += 1
    if table is not None:
        _insert(write, table, waiting)
    return count


def _insert(write: Connection, table: Table, rows: list[dict[str, Value]]) -> None:
    if rows:
        write.execute(insert(table), rows)


def _read(
    source: BinaryIO, known: dict[str, Table]
) -> Iterator[tuple[str, dict[str, Value] | None]]:
    """Yield each table once without a row, then its rows."""
    with canonical.reading("the rows of a backup"):
        if source.read(len(MARK)) != MARK:
            raise Malformed("it does not begin as they do")
        name, count = "", 0
        columns: tuple[str, ...] = ()
        while True:
            kind, data = _take(source)
            if kind == _TABLE:
                name, columns = _header(data, known)
                yield name, None
            elif kind == _ROW and name:
                row = dict(zip(columns, _values(data, len(columns)), strict=True))
                _check_kinds(known[name], row)
                yield name, row
                count += 1
            elif kind == _END and data == _NUMBER.pack(count) and not source.read(1):
                return
            else:
                raise Malformed("it is cut, or something else stands in it")


def _check_kinds(table: Table, row: dict[str, Value]) -> None:
    """Refuse a value of another kind than its column's, which a database would choke on."""
    for name, value in row.items():
        column = table.columns[name]
        fits = column.nullable if value is None else type(value) is column.type.python_type
        if not fits:
            raise Malformed(f"a row has a value of another kind than its column {name}")


def _header(data: bytes, known: dict[str, Table]) -> tuple[str, tuple[str, ...]]:
    read = Fields(canonical.decoded(data, bytes_max=_HEADER_BYTES_MAX), ("v", "table", "columns"))
    read.version()
    name, columns = read.text("table"), read.entries("columns", canonical.text)
    table = known.get(name)
    if table is None or not set(columns) <= {column.name for column in table.columns}:
        raise WrongUsage(
            f"the backup has a table {name} that this version does not know",
            then="restore it with the version that wrote it, or a newer one",
        )
    return name, columns


def _put(to: BinaryIO, kind: bytes, data: bytes) -> None:
    to.write(kind + _LENGTH.pack(len(data)) + data)


def _take(source: BinaryIO) -> tuple[bytes, bytes]:
    head = source.read(1 + _LENGTH.size)
    if len(head) != 1 + _LENGTH.size:
        raise Malformed("it is cut")
    length: int = _LENGTH.unpack(head[1:])[0]
    if length > _ROW_BYTES_MAX:
        raise Malformed("a row is too long")
    data = source.read(length)
    if len(data) != length:
        raise Malformed("it is cut")
    return head[:1], data


def _spelled(value: object) -> bytes:
    if value is None:
        return b"n"
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, int):
        return b"i" + _NUMBER.pack(value)
    if isinstance(value, str):
        return b"s" + _sized(value.encode())
    return b"b" + _sized(bytes(cast("bytes | bytearray | memoryview", value)))


def _sized(data: bytes) -> bytes:
    return _LENGTH.pack(len(data)) + data


def _values(data: bytes, count: int) -> list[Value]:
    found: list[Value] = []
    at = 0
    for _ in range(count):
        value, at = _value(data, at)
        found.append(value)
    if at != len(data):
        raise Malformed("a row has a value too many")
    return found


def _value(data: bytes, at: int) -> tuple[Value, int]:
    letter, at = data[at : at + 1], at + 1
    if letter in _FIXED:
        return _FIXED[letter], at
    if letter == b"i":
        at_most("a row", range(at + _NUMBER.size), len(data))
        return _NUMBER.unpack_from(data, at)[0], at + _NUMBER.size
    if letter in _SIZED:
        at_most("a row", range(at + _LENGTH.size), len(data))
        end = at + _LENGTH.size + int(_LENGTH.unpack_from(data, at)[0])
        at_most("a row", range(end), len(data))
        return _SIZED[letter](data[at + _LENGTH.size : end]), end
    raise Malformed("a row has a value of an unknown kind")


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Malformed("a row has a text that is not UTF-8") from None


_FIXED: dict[bytes, Value] = {b"n": None, b"t": True, b"f": False}
_SIZED: dict[bytes, Callable[[bytes], Value]] = {b"s": _text, b"b": bytes}
