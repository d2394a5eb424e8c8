"""One webhook: each event in its order, tried until it is taken; a receiver is never given up.

Where it stands lies in the journal, so a restart goes on where the last one ended. What the
receiver can never take (it calls the body itself wrong, five times) is passed over and said;
all else waits, longer each time, for as long as the journal holds it.
"""

from __future__ import annotations

import logging
import random
import ssl
from dataclasses import dataclass, field
from datetime import tzinfo
from threading import Event as Flag
from threading import Thread
from time import time
from urllib.parse import urlsplit

import httpx

from contract.digest import H
from edge.delivery.journal import Journal, Said
from edge.telling.messages import (
    EVENT_HEADER,
    SIGNATURE_HEADER,
    TIME_HEADER,
    body_of,
    signature,
)
from lot.errors import LotError

BACKOFF_FIRST_S = 1.0
BACKOFF_MAX_S = 300.0
POLL_S = 0.5
_ANSWER_S = 10.0  # receivers are to answer before slow work
_WRONG_BODY = (400, 413, 415, 422)
_WRONG_TRIES = 5
_AT_ONCE = 50
_log = logging.getLogger("lotkeeper.webhook")


@dataclass(slots=True)
class Tally:
    """What became of it so far."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """Where to, and how it is signed."""

    url: str = field(repr=False)
    secret: bytes = field(repr=False)
    zone: tzinfo
    backoff_first_s: float = BACKOFF_FIRST_S

    @property
    def listener(self) -> bytes:
        """Return the name of its place in the journal."""
        return H(b"lot/hook/1", self.url.encode())

    @property
    def shown(self) -> str:
        """Return it as logs may show it: a path or a query may hold a token."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}"


class Webhook:
    """Tells one receiver, from a thread of its own."""

    def __init__(self, target: Target, journal: Journal) -> None:
        self.target = target
        self.tally = Tally()
        self._journal = journal
        self._stop = Flag()
        self._wait_s = target.backoff_first_s
        self._wrong = 0
        self._fails = ""
        self._client = httpx.Client(
            timeout=_ANSWER_S, trust_env=False, verify=_context(target.url), follow_redirects=False
        )
        self._thread = Thread(target=self.run, name="webhook", daemon=True)

    def begin(self) -> None:
        """Take a place in the journal: a new receiver is told from now on."""
        if self._journal.place_of(self.target.listener) is None:
            self._journal.told(self.target.listener, self._journal.last())

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._client.close()

    @property
    def waiting(self) -> int:
        return self._journal.waiting(self.target.listener)

    def run(self) -> None:
        """Tell until stopped; a failure costs a wait and never the thread."""
        while not self._stop.is_set():
            try:
                rest_s = self.round()
            except LotError as error:
                rest_s = self._failed(str(error))
            self._stop.wait(rest_s)

    def round(self) -> float:
        """Tell what waits; return how long to rest."""
        place = self._journal.place_of(self.target.listener) or 0
        batch = self._journal.after(place, _AT_ONCE)
        for said in batch.said:
            if self._stop.is_set():
                return 0.0
            if why := self._refused(said):
                return self._failed(why)
            self._journal.told(self.target.listener, said.n)
        if batch.upto > place:
            self._journal.told(self.target.listener, batch.upto)
            return 0.0
        return POLL_S

    def _refused(self, said: Said) -> str:
        """Tell one event; return why it was not taken, empty where it was or never can be."""
        media_type, body = body_of(said.event, self.target.zone, said.picture)
        at_s = int(time())
        headers = {
            "Content-Type": media_type,
            TIME_HEADER: str(at_s),
            SIGNATURE_HEADER: signature(self.target.secret, at_s, body),
            EVENT_HEADER: f"{said.event.id}.{said.event.revision}",
        }
        try:
            with self._client.stream(
                "POST", self.target.url, content=body, headers=headers
            ) as answer:
                status = answer.status_code
        except httpx.HTTPError as error:
            return type(error).__name__
        if 200 <= status < 300:
            self._worked()
            return ""
        self._wrong = self._wrong + 1 if status in _WRONG_BODY else 0
        if self._wrong >= _WRONG_TRIES:
            self._wrong = 0
            self.tally.given_up += 1
            _log.error(
                "webhook=%s gave_up=%s status=%d said='it can never take this one'",
                self.target.shown,
                said.event.id,
                status,
            )
            return ""
        return f"status {status}"

    def _worked(self) -> None:
        self.tally.sent += 1
        self._wrong = 0
        self._wait_s = self.target.backoff_first_s
        if self._fails:
            _log.warning("webhook=%s goes_on=1", self.target.shown)
        self._fails = ""

    def _failed(self, why: str) -> float:
        self.tally.failed += 1
        if why != self._fails:  # a receiver that is away all night is a line, not a thousand
            _log.warning('webhook=%s waits=1 why="%s"', self.target.shown, why)
        self._fails = why
        wait_s = self._wait_s * (0.5 + random.random() / 2)  # noqa: S311 - no secret
        self._wait_s = min(2 * self._wait_s, BACKOFF_MAX_S)
        return wait_s


def _context(url: str) -> ssl.SSLContext | bool:
    return ssl.create_default_context() if url.startswith("https:") else False
