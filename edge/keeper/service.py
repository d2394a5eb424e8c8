"""The keeper's three calls over TLS 1.3: a request a connection, each within its time.

A handful of requests a day come, so a web server of its own would be the larger part of this
process. What it must not do is stand still because somebody connects and is silent: connections
are cheap here, each ends after `CONNECTION_S`, and of too many the oldest goes.
"""

from __future__ import annotations

import asyncio
import io
import logging
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http.client import HTTPException, parse_headers
from pathlib import Path

from contract.keeper import MESSAGE_BYTES_MAX
from edge.keeper.keeping import Keeping
from lot.addresses import Address
from lot.errors import Damaged, LotError, Refused, Unwritable

# An ask takes up to three seconds where the clock is lost; all else a moment.
CONNECTION_S = 15.0
# Before it a connection is only a number of the kernel's, of which there are a thousand.
HANDSHAKE_S = 5.0
CONNECTIONS_MAX = 64

_HEAD_BYTES_MAX = 8 * 1024
_BODY_BYTES_MAX = MESSAGE_BYTES_MAX  # a request to pair is no longer
_REQUEST = re.compile(rb"(?P<method>GET|POST) (?P<path>/[\x21-\x7e]*) HTTP/1\.[01]\r\n")
_REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    411: "Length Required",
    413: "Content Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as far as it matters here."""

    method: str
    path: str
    body: bytes = field(repr=False)


class Unasked(Exception):
    """What came is no request that is answered here; its status says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Service:
    """Listens, and lets `Keeping` answer, one message after another."""

    def __init__(self, keeping: Keeping, tls: Path) -> None:
        self._keeping = keeping
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_3
        self._context.load_cert_chain(tls)
        self._open: dict[asyncio.Task[None], None] = {}  # the oldest first

    async def run(self, bind: Address, listening: Callable[[int], None]) -> None:
        """Serve until cancelled; `listening` is told the port."""
        server = await asyncio.start_server(
            self._connected,
            bind.host,
            bind.port,
            ssl=self._context,
            ssl_handshake_timeout=HANDSHAKE_S,
            limit=_HEAD_BYTES_MAX,
        )
        listening(int(server.sockets[0].getsockname()[1]))
        async with server:
            await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._open) >= CONNECTIONS_MAX:
            next(iter(self._open)).cancel()
        self._open[task] = None
        try:
            await asyncio.wait_for(self._answered(reader, writer), CONNECTION_S)
        except (OSError, asyncio.TimeoutError, asyncio.CancelledError):
            pass  # who is silent or went away is owed nothing
        finally:
            self._open.pop(task, None)
            writer.close()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        status, body = await _outcome(lambda: self._worked(reader))
        reason = _REASONS[status]
        head = (
            f"HTTP/1.1 {status} {reason}\r\nContent-Type: application/octet-stream\r\n"
            f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()

    async def _worked(self, reader: asyncio.StreamReader) -> bytes:
        asked = await _asked(reader)
        work: dict[tuple[str, str], Callable[[], bytes]] = {
            ("GET", "/keeper/v1/pack"): self._keeping.pack,
            ("POST", "/keeper/v1/pair"): lambda: self._keeping.pair(asked.body),
            ("POST", "/keeper/v1"): lambda: self._keeping.answer(asked.body),
        }
        if (asked.method, asked.path) not in work:
            raise Unasked(404)
        # In a thread: it waits for the disk, and for whoever holds the folder's lock.
        return await asyncio.to_thread(work[asked.method, asked.path])


async def _outcome(work: Callable[[], Awaitable[bytes]]) -> tuple[int, bytes]:
    """Return status and body; what went wrong is one line for who may act on it."""
    try:
        return 200, await work()
    except Unasked as error:
        return error.status, b""
    except Refused as error:
        return 403, f"{error.what}\n".encode()
    except Damaged as error:
        _LOG.warning('keeper=refuses why="%s"', error)
        return 400, b"this keeper takes no such message\n"
    except Unwritable as error:
        _LOG.error('keeper=cannot_write why="%s"', error)
        return 503, b"the keeper cannot write\n"
    except LotError as error:
        _LOG.error('keeper=cannot_answer why="%s"', error)
        return 500, b"the keeper cannot answer\n"


async def _asked(reader: asyncio.StreamReader) -> Asked:
    """Read one request, whose length is known and small."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise Unasked(413) from None
    except asyncio.IncompleteReadError:
        raise Unasked(400) from None
    found = _REQUEST.match(head)
    if found is None:
        raise Unasked(400)
    try:
        headers = parse_headers(io.BytesIO(head[found.end() :]))
    except HTTPException:
        raise Unasked(400) from None
    method, path = found["method"].decode(), found["path"].decode()
    if "Transfer-Encoding" in headers:
        raise Unasked(411)
    length = headers.get("Content-Length", "0" if method == "GET" else "")
    if not re.fullmatch("[0-9]{1,9}", length):
        raise Unasked(411)
    if int(length) > _BODY_BYTES_MAX:
        raise Unasked(413)
    try:
        return Asked(method, path, await reader.readexactly(int(length)))
    except asyncio.IncompleteReadError:
        raise Unasked(400) from None
