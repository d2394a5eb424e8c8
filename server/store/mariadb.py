"""How MariaDB is spoken to: the connector's protocol, without what it does for each statement.

Before it sends, the connector spells every value by regular expressions, pings, and searches the
whole statement for a word of the client program's. Of what a batch of an edge costs, that was a
third. Here a value is a number or stands in hex, where nothing needs escaping, and a statement
goes out as it is.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping, Sequence
from functools import lru_cache
from time import monotonic
from typing import Any

from mysql.connector.connection import MySQLConnection
from mysql.connector.cursor import MySQLCursor, MySQLCursorBuffered
from mysql.connector.errors import InterfaceError
from mysql.connector.network import MySQLSocket, NetworkBrokerPlain
from sqlalchemy import Engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.pool import ConnectionPoolEntry

# Twice as long in hex, and twenty of them in a statement: far below the 8 MB of a packet.
_SPELLED_BYTES_MAX = 64 * 1024
_PING_AFTER_S = 0.5  # MariaDB ends and starts again in more, so what has just answered lives
_STATEMENTS_KEPT = 256
_AHEAD_BYTES = 16 * 1024
_LOST = 2013  # "Lost connection to MySQL server during query", as the connector says it
_INSERT = re.compile(r"(?P<into>INSERT INTO [^%]* VALUES )(?P<row>\((?:%\(\w+\)s(?:, )?)+\))")
_PLACE_OF = re.compile(r"%\((\w+)\)s")


def listen(engine: Engine) -> None:
    """Have an engine speak so."""
    event.listen(engine, "do_connect", _connected)
    event.listen(engine, "do_executemany", _inserted)


class _NotPlain(Exception):
    """A value is the connector's to spell."""


class _Cursor(MySQLCursorBuffered):
    def execute(self, operation: Any, params: Any = None, *more: Any, **named: Any) -> None:
        """Send one statement as it is; what cannot be spelled here is the connector's to spell."""
        said = None if more or named else _statement(operation, params)
        if said is None or self._connection is None:
            super().execute(operation, params, *more, **named)
            return
        self._connection.handle_unread_result()
        self._reset_result()
        self._executed = said
        self._handle_result(self._connection.cmd_query(said))


class _Ahead(NetworkBrokerPlain):
    """Receives what has come all at once: a row's columns are packets, and each has two pieces."""

    def __init__(self) -> None:
        super().__init__()
        self._come = bytearray()

    def _recv_chunk(self, sock: socket.socket, size: int = 0) -> bytearray:
        while len(self._come) < size:
            more = sock.recv(max(size - len(self._come), _AHEAD_BYTES))
            if not more:
                raise InterfaceError(errno=_LOST)
            self._come += more
        taken = self._come[:size]
        del self._come[:size]
        return taken


class _Link(MySQLConnection):
    """A connection that asks nothing in between, each time a round trip."""

    _answered_s = 0.0

    def _get_connection(self) -> MySQLSocket:
        found = super()._get_connection()
        found._netbroker = _Ahead()  # noqa: SLF001 - the connector lets nobody choose
        return found

    def is_connected(self) -> bool:
        """Say that it is: one that breaks says so by itself."""
        return True

    def ping(self, *how: Any, **named: Any) -> None:
        """Ask only where it did not answer just now."""
        if monotonic() - self._answered_s > _PING_AFTER_S:
            super().ping(*how, **named)
            self._answered_s = monotonic()

    def cmd_query(self, *words: Any, **more: Any) -> Any:
        answer = super().cmd_query(*words, **more)
        self._answered_s = monotonic()
        return answer

    def cursor(self, *_: Any, **__: Any) -> MySQLCursor:
        return super().cursor(cursor_class=_Cursor)


def _connected(
    _dialect: Dialect, _: ConnectionPoolEntry, __: list[Any], arguments: dict[str, Any]
) -> _Link:
    return _Link(**{name: value for name, value in arguments.items() if name != "use_pure"})


def _inserted(cursor: Any, statement: str, rows: Sequence[Mapping[str, Any]], _: Any) -> bool:
    """Send an insert's rows in one statement; False leaves it to the connector."""
    parted = _INSERT.fullmatch(statement)
    if parted is None:
        return False
    names = _PLACE_OF.findall(parted["row"])
    try:
        spelled = [f"({','.join([_spelled(row[name]) for name in names])})" for row in rows]
    except _NotPlain:
        return False
    cursor.execute(f"{parted['into']}{','.join(spelled)}".encode("ascii"))
    return True


def _statement(operation: str | bytes, params: object) -> bytes | None:
    """Return a statement with its values in it, None where one of them is not plain."""
    if not params:
        return operation if isinstance(operation, bytes) else operation.encode()
    if not isinstance(operation, str) or not isinstance(params, dict):
        return None
    pieces, names = _parted(operation)
    try:
        spelled = [_spelled(params[name]) for name in names]
    except _NotPlain:
        return None
    return "".join(
        [text for both in zip(pieces, [*spelled, ""], strict=True) for text in both]
    ).encode()


@lru_cache(_STATEMENTS_KEPT)
def _parted(statement: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what stands around a statement's values, and their names."""
    both = _PLACE_OF.split(statement)
    return tuple(both[::2]), tuple(both[1::2])


def _spelled(value: object) -> str:
    """Return a number, or what stands in hex if it is less than one packet takes; else _NotPlain.

    In the order of how often they come: a batch has eight hundred.
    """
    if isinstance(value, bytes):
        if len(value) <= _SPELLED_BYTES_MAX:
            return f"x'{value.hex()}'"
    elif isinstance(value, int):
        return f"{value:d}"
    elif isinstance(value, str):
        if len(value) <= _SPELLED_BYTES_MAX:
            return f"_utf8mb4 x'{value.encode().hex()}'"
    elif value is None:
        return "NULL"
    raise _NotPlain
