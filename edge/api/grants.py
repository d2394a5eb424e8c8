"""The server's way in: a grant that the vault signed for this edge, one kind of work, and a nonce.

The nonce says by itself when it was drawn, under a key that this process made at its start. So
none that is asked for is remembered, whoever asks for how many: only those that a grant spent are,
for the minute in which they would be good still.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from threading import Lock

from contract import grant
from contract.grant import NONCE_BYTES, Work
from edge.delivery.identity import Identity
from lot.errors import LotError
from lot.web.problems import Problem

GOOD_S = 60
SPENT_MAX = 1000  # nobody spends one but by a grant, and the server asks for a few
_MOMENT_BYTES = 8
_NS = 1_000_000_000


class Grants:
    """Gives nonces and takes what the vault signed over them, each once."""

    def __init__(
        self, identity: Identity | None, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._identity = identity
        self._steady = steady
        self._key = secrets.token_bytes(32)
        self._lock = Lock()
        self._newest = 0
        self._spent: dict[bytes, int] = {}

    def nonce(self) -> bytes:
        """Return a nonce that was given to nobody."""
        with self._lock:
            self._newest = max(self._newest + 1, self._now())
            return self._marked(self._newest)

    def check(self, text: str, work: Work) -> None:
        """Take a grant, in hex, for that work; Problem for one that is not good, or not again."""
        pin = self._identity
        if pin is None:
            raise _refused("this edge is not enrolled, so no vault grants anything here")
        try:
            data, server = bytes.fromhex(text), pin.certificate.server
            found = grant.opened(data, pin.vault_sign, server=server, edge=pin.edge, work=work)
        except LotError as error:
            raise _refused(error.what) from None
        except ValueError:
            raise _refused("a grant is sent in hex") from None
        self._spend(found.nonce)

    def _spend(self, nonce: bytes) -> None:
        made, now = int.from_bytes(nonce[:_MOMENT_BYTES], "big"), self._now()
        if not hmac.compare_digest(nonce, self._marked(made)) or now - made > GOOD_S * _NS:
            raise _refused("the grant's nonce is not of the last minute: ask for another")
        with self._lock:
            for old in [one for one, at in self._spent.items() if now - at > GOOD_S * _NS]:
                del self._spent[old]
            if nonce in self._spent:
                raise _refused("the grant's nonce was used: ask for another")
            if len(self._spent) >= SPENT_MAX:
                raise Problem("too_fast", f"wait {GOOD_S} seconds", retry_s=GOOD_S)
            self._spent[nonce] = made

    def _marked(self, made: int) -> bytes:
        said = made.to_bytes(_MOMENT_BYTES, "big")
        return said + hmac.digest(self._key, said, "sha256")[: NONCE_BYTES - _MOMENT_BYTES]

    def _now(self) -> int:
        return int(self._steady() * _NS)


def _refused(why: str) -> Problem:
    return Problem("unauthenticated", why)
