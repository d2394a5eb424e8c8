"""An edge's token: says who calls, before a body is read. What it brings is signed as well."""

import hmac
import re
import secrets
from dataclasses import dataclass, field

from contract import canonical
from contract.canonical import Malformed
from contract.digest import H

RANDOM_BYTES = 32

_TOKEN = re.compile("lk1_(?P<edge>[0-9a-f]{32})_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Token:
    """A token that has the form of one; whether it is good, only its hash on the server says."""

    edge: bytes
    text: str = field(repr=False)

    @property
    def hash(self) -> bytes:
        """Return what the server keeps of it."""
        return H(self.text.encode())

    def has(self, kept: bytes) -> bool:
        """Say in constant time whether this is the token of a kept hash."""
        return hmac.compare_digest(self.hash, kept)


def drawn(edge: bytes) -> Token:
    """Return a new token for an edge."""
    return token(f"lk1_{edge.hex()}_{secrets.token_urlsafe(RANDOM_BYTES)}")


@canonical.reading("a token of an edge")
def token(text: str) -> Token:
    """Return the token that a text is; Damaged for all other texts."""
    found = _TOKEN.fullmatch(text)
    if found is None:
        raise Malformed("it has not the form lk1_ID_RANDOM")
    return Token(bytes.fromhex(found["edge"]), text)
