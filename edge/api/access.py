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
from contract.grant import Work
from edge.api.grants import Grants
from lot.web.problems import Problem

_CREDENTIAL_CHARACTERS_MAX = 512
_ADDRESSES_MAX = 1000


class Door(Enum):
    """Who may call an operation."""

    ANYBODY = "anybody"
    TOKEN = "token"  # noqa: S105 - a word, not one
    HERE = "here"  # this machine, or who has the token: what a monitor reads
    LIVE = "live"  # who has the token, or a grant to see live
    READ = "read"  # who has the token, or a grant to have a picture read


@dataclass(frozen=True, slots=True)
class Pace:
    """So many at once, and so many a second after that."""

    burst: float
    per_second: float


# A recorder with eight cameras sends eight pictures at a time, and again a second later.
WORK = Pace(30, 10)
WRONG = Pace(20, 1 / 3)  # a token has 256 bits; this is for the log's sake
_WORKS: Mapping[Door, Work] = {Door.LIVE: "live", Door.READ: "read"}


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


class By(Enum):
    """What somebody was let in by."""

    NOTHING = "nothing"
    TOKEN = "token"  # noqa: S105 - a word, not one
    GRANT = "grant"


class Doorkeeper:
    """Lets in who has a token, of whom one hash is known here, and whom the vault grants it."""

    def __init__(
        self,
        hashes: Sequence[bytes],
        grants: Grants,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hashes = tuple(hashes)
        self._grants = grants
        self._work = Bucket(WORK, steady)
        self._wrong = Bucket(WRONG, steady)

    def let_in(self, door: Door, headers: Mapping[str, str], address: str) -> By:
        """Return by what the caller may go on; Problem where not."""
        if door is Door.ANYBODY or (door is Door.HERE and is_here(address)):
            return By.NOTHING
        try:
            by = self._shown(door, headers)
        except Problem:
            # Who has the right one is never kept out by who has not, behind one address.
            if wait := self._wrong.wait_s(address):
                raise _too_fast(wait) from None
            raise
        if wait := self._work.wait_s(address):
            raise _too_fast(wait)
        return by

    def _shown(self, door: Door, headers: Mapping[str, str]) -> By:
        work, granted = _WORKS.get(door), _granted(headers)
        if work is not None and granted is not None:
            self._grants.check(granted, work)
            return By.GRANT
        if not self._knows(credential(headers)):
            raise Problem(
                "unauthenticated", "send the token as Authorization: Token X, Bearer X or Basic"
            )
        return By.TOKEN

    def _knows(self, token: str) -> bool:
        given = H(token.encode())
        return bool(token) and any(hmac.compare_digest(given, one) for one in self._hashes)


def _granted(headers: Mapping[str, str]) -> str | None:
    """Return the grant that a server shows, None where it shows none."""
    kind, _, text = headers.get("Authorization", "").partition(" ")
    is_one = kind.lower() == "grant" and len(text) <= _CREDENTIAL_CHARACTERS_MAX
    return text if is_one else None


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
