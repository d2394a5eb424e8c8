"""Who may call, told from headers alone, and how often: no byte of a body is read before."""

from __future__ import annotations

import base64
import binascii
import hmac
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_address

from contract.digest import H
from lot.web.problems import Problem

_CREDENTIAL_CHARACTERS_MAX = 512
_ADDRESSES_MAX = 1000


class Door(Enum):
    """Who may call an operation."""

    ANYBODY = "anybody"
    TOKEN = "token"  # noqa: S105 - a word, not one
    HERE = "here"  # this machine, or who has the token: what a monitor reads


@dataclass(frozen=True, slots=True)
class Pace:
    """So many at once, and so many a second after that."""

    burst: float
    per_second: float


# A recorder with eight cameras sends eight pictures at a time, and again a second later.
WORK = Pace(30, 10)
WRONG = Pace(20, 1 / 3)  # a token has 256 bits; this is for the log's sake


class Bucket:
    """Counts by address how often somebody came."""

    def __init__(self, pace: Pace, steady: Callable[[], float] = time.monotonic) -> None:
        self._pace = pace
        self._steady = steady
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, who: str) -> float:
        """Take one, and return 0; or return in how many seconds there is one."""
        now = self._steady()
        with self._lock:
            left, at = self._left.pop(who, (self._pace.burst, now))
            left = min(self._pace.burst, left + (now - at) * self._pace.per_second)
            wait = 0.0 if left >= 1.0 else (1.0 - left) / self._pace.per_second
            self._left[who] = (left if wait else left - 1.0, now)
            if len(self._left) > _ADDRESSES_MAX:
                self._left.popitem(last=False)
        return wait


class Doorkeeper:
    """Lets in who has a token, of whom one hash is known here."""

    def __init__(
        self, hashes: Sequence[bytes], steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._hashes = tuple(hashes)
        self._work = Bucket(WORK, steady)
        self._wrong = Bucket(WRONG, steady)

    def let_in(self, door: Door, headers: Mapping[str, str], address: str) -> None:
        """Return where the caller may go on; Problem where not."""
        if door is Door.ANYBODY or (door is Door.HERE and is_here(address)):
            return
        if not self._knows(credential(headers)):
            # Who has the right one is never kept out by who has not, behind one address.
            if wait := self._wrong.wait_s(address):
                raise _too_fast(wait)
            raise Problem(
                "unauthenticated", "send the token as Authorization: Token X, Bearer X or Basic"
            )
        if wait := self._work.wait_s(address):
            raise _too_fast(wait)

    def _knows(self, token: str) -> bool:
        given = H(token.encode())
        return bool(token) and any(hmac.compare_digest(given, one) for one in self._hashes)


def credential(headers: Mapping[str, str]) -> str:
    """Return the token that a client sends, however it spells it; empty where it sends none."""
    kind, _, given = headers.get("Authorization", "").partition(" ")
    text = given.strip()
    if kind.lower() == "basic":
        try:
            text = base64.b64decode(text, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    elif kind.lower() not in ("token", "bearer"):
        return ""
    return text if len(text) <= _CREDENTIAL_CHARACTERS_MAX and text.isascii() else ""


def is_here(address: str) -> bool:
    """Say whether an address is this machine's own."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _too_fast(wait: float) -> Problem:
    return Problem("too_fast", f"wait {max(1, round(wait))} seconds", retry_s=max(1, round(wait)))
