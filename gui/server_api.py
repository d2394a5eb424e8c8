"""The server, as the page knows it: its HTTP API and nothing behind it.

Each call passes on what the browser holds (session and device); the page has no rights of its
own. What goes wrong comes back as one of the few classes below, so that a page can say it.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from lot.errors import Refused, Unreachable

_CONNECT_S, _READ_S = 3.0, 15.0
_LINKS = 32
# Locking ends the keyholder's process and a fresh one starts: who looks just then waits for it.
_KEYHOLDER_S, _AGAIN_S = 3.0, 0.2
UNCONFIGURED = "unconfigured"  # the code of a server that answers nothing but its set-up
AUTOMATIC = "Lot-Automatic"  # the header that page.js sends with what nobody asked for
_ANSWER_BYTES_MAX = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Holder:
    """What a browser holds: passed on with each call, and never printed."""

    session: str | None = field(default=None, repr=False)
    device: str | None = field(default=None, repr=False)
    automatic: bool = False  # the page asks by itself: nobody's presence keeps the vault open

    def headers(self) -> dict[str, str]:
        found = {}
        if self.session:
            found["Authorization"] = f"Bearer {self.session}"
        if self.device:
            found["Lot-Device"] = self.device
        if self.automatic:
            found[AUTOMATIC] = "1"
        return found


class Problem(Refused):
    """The server said no, with a code of its own."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        retry_s: int | None = None,
        field: str | None = None,  # of what was sent: the one that is wrong
    ) -> None:
        super().__init__(detail, then="see the page's words for " + code)
        self.status = status
        self.code = code
        self.detail = detail
        self.retry_s = retry_s
        self.field = field


class Away(Unreachable):
    """Nobody answers, or not in time."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Bytes that are passed through as they come."""

    media_type: str
    pieces: Iterator[bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes that are passed through: a picture, a table to be saved."""

    content: bytes = field(repr=False)
    media_type: str


class Server:
    """One connection pool to the server; threads share it."""

    def __init__(self, url: str, trusted: ssl.SSLContext | None) -> None:
        self._client = httpx.Client(
            base_url=url.rstrip("/") + "/api/v1",
            verify=trusted if trusted is not None else True,
            timeout=httpx.Timeout(_READ_S, connect=_CONNECT_S),
            # All are kept: whoever watches looks when all others do, and a handshake costs more
            # than the call.
            limits=httpx.Limits(max_connections=_LINKS, max_keepalive_connections=_LINKS),
            trust_env=False,
        )

    def get(self, path: str, holder: Holder, **query: str | int | None) -> dict[str, object]:
        """Return an answer's JSON object."""
        return self._object("GET", path, holder, query=query)

    def send(
        self, method: str, path: str, holder: Holder, body: Mapping[str, object] | None = None
    ) -> dict[str, object]:
        """Change something, and return what the server says of it."""
        return self._object(method, path, holder, body=body)

    def bring(
        self, path: str, holder: Holder, content: bytes, **query: str | int | None
    ) -> dict[str, object]:
        """Send bytes, as a photo, and return what the server says of them."""
        try:
            answer = self._client.post(
                path,
                params=_given(query),
                content=content,
                headers={**holder.headers(), "Content-Type": "application/octet-stream"},
            )
        except httpx.HTTPError as error:
            raise _away(error) from None
        if answer.status_code >= 400:
            raise _problem(answer)
        said = json.loads(answer.content)
        assert isinstance(said, dict), "every answer of the API is an object"
        return said

    def blob(self, path: str, holder: Holder, **query: str | int | None) -> Blob:
        """Return bytes, as they are."""
        answer = self._asked("GET", path, holder, query=query)
        return Blob(answer.content, answer.headers.get("content-type", "application/octet-stream"))

    @contextmanager
    def stream(
        self,
        path: str,
        holder: Holder,
        body: Mapping[str, object] | None = None,
        **query: str | int | None,
    ) -> Iterator[Iterator[bytes]]:
        """Give an answer piece by piece: a long table, or events as they happen."""
        with self.flow(path, holder, body, **query) as found:
            yield found.pieces

    @contextmanager
    def flow(
        self,
        path: str,
        holder: Holder,
        body: Mapping[str, object] | None = None,
        **query: str | int | None,
    ) -> Iterator[Flow]:
        """Give an answer piece by piece, and say of which kind it is."""
        try:
            with self._client.stream(
                "GET" if body is None else "POST",
                path,
                params=_given(query),
                json=None if body is None else dict(body),
                headers=holder.headers(),
                timeout=httpx.Timeout(60.0, connect=_CONNECT_S),
            ) as answer:
                if answer.status_code >= 400:
                    answer.read()
                    raise _problem(answer)
                yield Flow(answer.headers.get("content-type", ""), answer.iter_bytes())
        except httpx.HTTPError as error:
            raise _away(error) from None

    def _object(
        self,
        method: str,
        path: str,
        holder: Holder,
        *,
        query: Mapping[str, str | int | None] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> dict[str, object]:
        answer = self._asked(method, path, holder, query=query, body=body)
        if answer.status_code == 204 or not answer.content:
            return {}
        said = json.loads(answer.content)
        assert isinstance(said, dict), "every answer of the API is an object"
        return said

    def _asked(
        self,
        method: str,
        path: str,
        holder: Holder,
        *,
        query: Mapping[str, str | int | None] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> httpx.Response:
        until = time.monotonic() + _KEYHOLDER_S
        while True:
            answer = self._once(method, path, holder, query or {}, body)
            if answer.status_code < 400:
                return answer
            problem = _problem(answer)
            starts = problem.code == "keyholder_away" and method == "GET"
            if not starts or time.monotonic() > until:
                raise problem
            time.sleep(_AGAIN_S)

    def _once(
        self,
        method: str,
        path: str,
        holder: Holder,
        query: Mapping[str, str | int | None],
        body: Mapping[str, object] | None,
    ) -> httpx.Response:
        try:
            return self._client.request(
                method,
                path,
                params=_given(query),
                json=None if body is None else dict(body),
                headers=holder.headers(),
            )
        except httpx.HTTPError as error:
            raise _away(error) from None


def _given(query: Mapping[str, str | int | None]) -> dict[str, str | int]:
    return {name: value for name, value in query.items() if value is not None and value != ""}


def _away(error: httpx.HTTPError) -> Away:
    return Away(
        f"the server does not answer ({type(error).__name__})",
        then="look whether python -m server serve runs, and at LOT_GUI_SERVER",
    )


def _problem(answer: httpx.Response) -> Problem:
    try:
        said = json.loads(answer.content[:_ANSWER_BYTES_MAX])
    except ValueError:
        said = {}
    waits = answer.headers.get("retry-after", "")
    return problem_said(
        said if isinstance(said, dict) else {},
        answer.status_code,
        retry_s=int(waits) if waits.isdecimal() else None,
    )


def problem_said(said: Mapping[str, object], status: int, *, retry_s: int | None) -> Problem:
    """Return the problem that a document of the server's is, also within an answer."""
    field = said.get("field")
    return Problem(
        status,
        str(said.get("type", "")).rpartition(":")[2] or f"http_{status}",
        str(said.get("detail") or said.get("title") or f"the server answered {status}"),
        retry_s=retry_s,
        field=field if isinstance(field, str) else None,
    )
