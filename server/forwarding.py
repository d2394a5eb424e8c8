"""What a desk asks of the lot's edge: a photo read, a camera seen live.

The edge is asked with the token and the certificate that it sealed for the keyholder when it was
enrolled, so only while the vault is open, and only in the name of who may see the gate live. Where
it stands the server knows from its last delivery alone: an edge that was never heard is away.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

import httpx

from contract import canonical, trust
from contract.audit import Act
from lot.web.problems import Problem
from server.access.ledger import Ledger
from server.access.rows import API_ROWS
from server.keys.holder import bodies, calls
from server.keys.holder.client import Keyholder
from server.refusals import EdgeAway, TooMany
from server.store import writers
from server.store.database import Database
from server.trust_file import TrustFile

WATCHERS_MAX = 8  # each holds one of the threads that serve
LASTS_S = 600.0
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
    """One edge's interface, and what opens it."""

    host: str
    port: int
    token: str = field(repr=False)
    certificate: bytes

    def client(self) -> httpx.Client:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return httpx.Client(
            base_url=f"https://{host}:{self.port}",
            verify=_pinned(self.certificate),
            trust_env=False,
            timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
            headers={"Authorization": f"Bearer {self.token}"},
        )


class Stream:
    """A camera's pictures as they come, until the edge or who watches ends them."""

    def __init__(self, client: httpx.Client, answer: httpx.Response, left: threading.Semaphore):
        self._client = client
        self._answer = answer
        self._left = left
        self._open = True

    @property
    def content_type(self) -> str:
        return str(self._answer.headers.get("Content-Type", ""))

    def __iter__(self) -> Iterator[bytes]:
        ends_s = monotonic() + LASTS_S
        try:
            for piece in self._answer.iter_raw():
                yield piece
                if monotonic() > ends_s:
                    return
        except httpx.HTTPError:
            return  # the edge went away; whoever watches asks again

    def close(self) -> None:
        if self._open:
            self._open = False
            self._answer.close()
            self._client.close()
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
            answer = client.post(
                "/api/v1/readings?event=no",
                content=picture,
                headers={"Content-Type": "application/octet-stream"},
            )
            return _said(answer)

    def live(self, by: calls.Caller, lot: bytes, camera: str) -> Stream:
        """Return what a camera of the lot sees now, as its edge draws it."""
        api = self._api(by, lot, camera)
        if not self._left.acquire(blocking=False):
            raise TooMany("as many as may watch a camera do", then="wait until somebody ends")
        client = api.client()
        try:
            with _told():
                request = client.build_request("GET", f"/api/v1/cameras/{camera}/live")
                answer = client.send(request, stream=True)
                if answer.status_code != httpx.codes.OK:
                    answer.read()
                    _said(answer)
            self._line(by, lot, "live", {"camera": camera})
        except BaseException:
            client.close()
            self._left.release()
            raise
        return Stream(client, answer, self._left)

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
                return _opened(where, plain)
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


def _opened(where: tuple[str, int], plain: calls.PlainRow) -> _Api:
    said = canonical.decoded(plain.content, bytes_max=1 << 16)
    token, certificate = said["token"], said["certificate"]
    return _Api(*where, str(token), bytes.fromhex(str(certificate)))


def _pinned(certificate: bytes) -> ssl.SSLContext:
    """Return a context that believes this one certificate, whatever it is called and dated."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.load_verify_locations(cadata=certificate)
    return context


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
