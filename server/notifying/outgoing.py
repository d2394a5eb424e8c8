"""What waits to be sent: a short queue in memory, one thread, and how each channel fares.

It lies on no disk. Where the queue is full the oldest gives way, which counts as a failure and is
shown; when the vault is locked, plates and customers' addresses in it are let go at once.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from time import monotonic

from lot.errors import LotError
from server.notifying.channels import Channels
from server.notifying.message import Message

_log = logging.getLogger("lotkeeper.notifying")

WAITING_MAX = 200
RETRIES_S = (10.0, 60.0, 300.0, 900.0)  # a router restarts in a minute, a mail server in minutes
_LOOKS_S = 1.0


@dataclass(frozen=True, slots=True)
class Health:
    """How a channel fared since the server started."""

    sent: int = 0
    failed: int = 0
    last_sent: int | None = None  # µs UTC
    last_failed: int | None = None
    why: str | None = None  # of the last failure, without a secret


@dataclass(frozen=True, slots=True)
class _Waiting:
    message: Message
    tries: int = 0
    due_s: float = 0.0


class Outgoing:
    """Sends in turn; safe to share between threads."""

    def __init__(
        self,
        channels: Channels,
        is_locked: Callable[[], bool],
        now: Callable[[], int],
        *,
        retries_s: tuple[float, ...] = RETRIES_S,
        steady: Callable[[], float] = monotonic,
    ) -> None:
        self.channels = channels
        self._is_locked = is_locked
        self._now = now
        self._retries_s = retries_s
        self._steady = steady
        self._lock = threading.Lock()
        self._came = threading.Event()
        self._waiting: deque[_Waiting] = deque()
        self._health: dict[str, Health] = {name: Health() for name in channels.every}

    def put(self, message: Message) -> None:
        """Let a message wait for its turn."""
        with self._lock:
            if len(self._waiting) >= WAITING_MAX:
                oldest = self._waiting.popleft()
                self._note_failure(oldest.message.channel, "too many waited: this one was let go")
            self._waiting.append(_Waiting(message))
        self._came.set()

    def send_now(self, message: Message) -> str | None:
        """Try once while somebody waits for it; return why it failed, None where it did not."""
        return self._tried(message, is_locked=self._locked())

    def health(self) -> Mapping[str, Health]:
        """Return how each channel fares."""
        with self._lock:
            return dict(self._health)

    def waiting(self) -> int:
        """Return how many messages wait."""
        with self._lock:
            return len(self._waiting)

    def start(self) -> None:
        """Send in a thread of this process, until it ends; without a channel there is none."""
        if self.channels.every:
            threading.Thread(target=self._run, name="notifying", daemon=True).start()

    def turn(self) -> None:
        """Send what is due, each once."""
        locked = self._locked()
        if locked:
            self._let_go()
        for one in self._due():
            why = self._tried(one.message, is_locked=locked)
            if why is not None and one.tries < len(self._retries_s):
                due_s = self._steady() + self._retries_s[one.tries]
                with self._lock:
                    self._waiting.append(_Waiting(one.message, one.tries + 1, due_s))

    def check(self) -> None:
        """Try what can be tried without sending: a wrong address is shown before it is needed."""
        for channel in self.channels.every.values():
            try:
                channel.check()
            except LotError as error:
                with self._lock:
                    self._note_failure(channel.name, error.what)

    def _run(self) -> None:
        self.check()
        while True:
            self._came.wait(_LOOKS_S)
            self._came.clear()
            try:
                if self.waiting():
                    self.turn()
            except Exception:  # a fault in what speaks to one service must not end all others
                _log.exception("notifying=fault")

    def _locked(self) -> bool:
        try:
            return self._is_locked()
        except LotError:  # nobody vouches for what is open
            return True

    def _due(self) -> list[_Waiting]:
        now_s = self._steady()
        with self._lock:
            due = [one for one in self._waiting if one.due_s <= now_s]
            self._waiting = deque(one for one in self._waiting if one.due_s > now_s)
        return due

    def _let_go(self) -> None:
        """Forget what only an open vault may tell."""
        with self._lock:
            for one in self._waiting:
                if one.message.to is not None:
                    self._note_failure(one.message.channel, "the vault was locked meanwhile")
            self._waiting = deque(
                replace(one, message=replace(one.message, open_text=None))
                for one in self._waiting
                if one.message.to is None
            )

    def _tried(self, message: Message, *, is_locked: bool) -> str | None:
        text = message.text if is_locked or message.open_text is None else message.open_text
        try:
            self.channels.named(message.channel).deliver(message.title, text, message.to)
        except LotError as error:
            with self._lock:
                self._note_failure(message.channel, error.what)
            return error.what
        with self._lock:
            before = self._health[message.channel]
            self._health[message.channel] = replace(
                before, sent=before.sent + 1, last_sent=self._now()
            )
        return None

    def _note_failure(self, name: str, why: str) -> None:
        before = self._health.get(name, Health())
        self._health[name] = replace(
            before, failed=before.failed + 1, last_failed=self._now(), why=why
        )
        if why != before.why:  # a mail server that is away all night is a line, not a thousand
            _log.warning("channel=%s sent=no why=%r", name, why)
