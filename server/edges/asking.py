"""What a desk asks of the lot's edge: a photo read, a camera seen live.

The edge is known by the certificate that it sealed for the keyholder when it was enrolled. It is
asked with a grant that the keyholder signs for this once: so only while the vault is open, and only
in the name of who may see the gate live. Where it stands the server knows from its last delivery
alone: an edge that was never heard is away.
"""

from __future__ import annotations

import json
import logging
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

import httpx

from contract import canonical, grant, trust
from contract.audit import Act
from contract.grant import Work
from lot.errors import LotError
from lot.web.problems import Problem
from server.access.ledger import Ledger
from server.access.rows import API_ROWS
from server.keys.holder import bodies, calls
from server.keys.holder.client import Keyholder
from server.refusals import EdgeAway, TooMany
from server.store import writers
from server.store.database import Database
from server.trust_file import TrustFile

_log = logging.getLogger("lotkeeper.forwarding")

WATCHERS_MAX = 8  # each holds one of the threads that serve
_WHOLE = 0.9  # of a view's time: one that ended sooner was not ended by its grant
_CONNECT_S, _ANSWER_S = 3.0, 30.0
_ANSWER_BYTES_MAX = 1 << 20
_PORT = re.compile("[0-9]{1,5}")
_PORT_MAX = 65_535
_API_ROW_VERSION = 1  # enrolment makes it, and another edge where it is made anew
# What an edge says that the desk can act on; all else is an edge that does not answer.
_PASSED_ON = ("no_picture", "too_large", "too_fast", "busy", "not_found")


class Whereabouts:
    """Where edges were last heard from; in memory, since it may change with every lease."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[bytes, tuple[str, int]] = {}

    def heard(self, edge: bytes, address: str, port: str | None) -> None:
        """Note that an edge called from there, and where its own interface listens."""
        if port is None or not _PORT.fullmatch(port) or not 0 < int(port) <= _PORT_MAX:
            return
        with self._lock:
            self._known[edge] = (address, int(port))

    def of(self, edge: bytes) -> tuple[str, int] | None:
        with self._lock:
            return self._known.get(edge)


@dataclass(frozen=True, slots=True)
class _Api:
    """One edge's interface, and which edge it is."""

    host: str
    port: int
    pinned: bytes  # the certificate that it shows, DER
    certificate: bytes  # what it may testify, as the vault signed it

    def client(self) -> httpx.Client:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return httpx.Client(
            base_url=f"https://{host}:{self.port}",
            verify=_pinned(self.pinned),
            trust_env=False,
            timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
        )


class View(Protocol):
    """What one grant lets be seen: pieces of MJPEG, until the edge ends it."""

    content_type: str

    def __iter__(self) -> Iterator[bytes]: ...
    def close(self) -> None: ...


class _Seen:
    """A view at an edge."""

    def __init__(self, client: httpx.Client, answer: httpx.Response) -> None:
        self._client = client
        self._answer = answer
        self.content_type = str(answer.headers.get("Content-Type", ""))

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._answer.iter_raw()
        except httpx.HTTPError:
            return  # the edge went away; whoever watches asks again

    def close(self) -> None:
        self._answer.close()
        self._client.close()


class Stream:
    """A camera's pictures as they come: one view after the other, each asked for anew.

    It goes on until the vault is locked, who watches may see it no more or leaves, or the edge
    ends a view before its time.
    """

    def __init__(
        self,
        ask: Callable[[], View],
        left: threading.Semaphore,
        steady: Callable[[], float] = monotonic,
    ) -> None:
        self._ask = ask
        self._steady = steady
        self._view = ask()
        self._left = left
        self._open = True

    @property
    def content_type(self) -> str:
        return self._view.content_type

    def __iter__(self) -> Iterator[bytes]:
        while True:
            begun_s = self._steady()
            yield from self._view
            if self._steady() - begun_s < grant.LIVE_S * _WHOLE:
                return
            self._view.close()  # before the next: an edge shows a few at once
            try:
                self._view = self._ask()
            except LotError as error:
                _log.info("live=ends why=%r", error.what)
                return

    def close(self) -> None:
        if self._open:
            self._open = False
            self._view.close()
            self._left.release()


class Forwarding:
    """Asks edges in the name of who is signed in."""

    def __init__(
        self,
        database: Database,
        keyholder: Keyholder,
        trust_file: TrustFile,
        ledger: Ledger,
        whereabouts: Whereabouts,
    ) -> None:
        self._database = database
        self._keyholder = keyholder
        self._trust = trust_file
        self._ledger = ledger
        self._whereabouts = whereabouts
        self._left = threading.Semaphore(WATCHERS_MAX)

    def reading(self, by: calls.Caller, lot: bytes, picture: bytes) -> dict[str, object]:
        """Return what an edge of the lot reads in a photo; no event comes of it."""
        api = self._api(by, lot, None)
        self._line(by, lot, "photo_read", {})
        with _told(), api.client() as client:
            headers = {
                **self._granted(client, api, by, lot, "read"),
                "Content-Type": "application/octet-stream",
            }
            return _said(client.post("/api/v1/readings", content=picture, headers=headers))

    def live(self, by: calls.Caller, lot: bytes, camera: str) -> Stream:
        """Return what a camera of the lot sees now, as its edge draws it."""
        if not self._left.acquire(blocking=False):
            raise TooMany("as many as may watch a camera do", then="wait until somebody ends")
        try:
            return Stream(lambda: self._seen(by, lot, camera), self._left)
        except BaseException:
            self._left.release()
            raise

    def _seen(self, by: calls.Caller, lot: bytes, camera: str) -> View:
        """Begin a view; each is a look, with a line of the audit."""
        api = self._api(by, lot, camera)
        client = api.client()
        try:
            with _told():
                headers = self._granted(client, api, by, lot, "live")
                path = f"/api/v1/cameras/{camera}/live"
                request = client.build_request("GET", path, headers=headers)
                answer = client.send(request, stream=True)
                if answer.status_code != httpx.codes.OK:
                    answer.read()
                    _said(answer)
            self._line(by, lot, "live", {"camera": camera})
        except BaseException:
            client.close()
            raise
        return _Seen(client, answer)

    def _granted(
        self, client: httpx.Client, api: _Api, by: calls.Caller, lot: bytes, work: Work
    ) -> dict[str, str]:
        """Return the header that opens one work at an edge, once."""
        nonce = _nonce(_said(client.get("/api/v1/nonce")))
        asked = calls.GrantEdge(by, lot, api.certificate, work, nonce)
        return {"Authorization": f"Grant {self._keyholder.grant_edge(asked).hex()}"}

    def _api(self, by: calls.Caller, lot: bytes, camera: str | None) -> _Api:
        """Return the interface of an edge of the lot, which has that camera; EdgeAway for none."""
        with self._database.read() as read:
            rows = [one for one in writers.with_api(read, lot) if self._has(one, camera)]
        if camera is not None and not rows:
            raise Problem("not_found", "no edge of this lot has such a camera")
        for row in rows:
            where = self._whereabouts.of(row.writer)
            if where is None:
                continue
            sealed = calls.SealedRow(API_ROWS, row.writer, _API_ROW_VERSION, row.api)
            (plain,) = self._keyholder.rows_open(calls.RowsOpen(by, lot, (sealed,)))
            if isinstance(plain, calls.PlainRow):
                said = canonical.decoded(plain.content, bytes_max=1 << 16)
                return _Api(*where, bytes.fromhex(str(said["certificate"])), row.certificate)
        raise EdgeAway(
            "no edge of this lot was heard from that has the recognition API",
            then="set LOT_API_BIND on it, and see that lotkeeper-api runs",
        )

    def _has(self, row: writers.ApiRow, camera: str | None) -> bool:
        pack = self._trust.pack()
        rights = trust.certificate_decoded(
            row.certificate, vault_sign=pack.vault_sign, server=pack.server
        )
        return rights.until is None and (camera is None or camera in rights.cameras)

    def _line(self, by: calls.Caller, lot: bytes, act: Act, detail: dict[str, object]) -> None:
        actor = bodies.session(by.session.body).account
        self._database.write(
            lambda write: self._ledger.line(write, act, detail, lot=lot, actor=actor)
        )


def _pinned(certificate: bytes) -> ssl.SSLContext:
    """Return a context that believes this one certificate, whatever it is called and dated."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.load_verify_locations(cadata=certificate)
    return context


def _nonce(said: dict[str, object]) -> bytes:
    try:
        found = bytes.fromhex(str(said.get("nonce")))
    except ValueError:
        found = b""
    if len(found) != grant.NONCE_BYTES:
        raise EdgeAway("the edge answers what nobody understands", then="look at its log")
    return found


def _said(answer: httpx.Response) -> dict[str, object]:
    try:
        said = json.loads(answer.content[:_ANSWER_BYTES_MAX])
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise EdgeAway("the edge answers what nobody understands", then="look at its log")
    if answer.is_success:
        return said
    code = str(said.get("type", "")).rpartition(":")[2]
    if code in _PASSED_ON:
        raise Problem(code, str(said.get("detail", ""))[:200])
    raise EdgeAway(f"the edge answers {answer.status_code} {code[:24]}", then="look at its log")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise EdgeAway(
            f"the edge does not answer: {type(error).__name__}",
            then="see that lotkeeper-api runs on it",
        ) from error
