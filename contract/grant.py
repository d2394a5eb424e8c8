"""A grant: the vault lets the server ask one edge for one kind of work, once.

It bears a nonce that the edge gave a moment ago, in place of a time: the edge's clock may be wrong.
So what somebody kept of it is worth nothing, and nobody can have one made beforehand.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import canonical, signature
from contract.canonical import Fields, Malformed, sized
from contract.head import ID_BYTES

NONCE_BYTES = 16
GRANT_BYTES_MAX = 512
LIVE_S = 600.0  # a live view that a grant began lasts so long at most; then another is needed

Work = Literal["live", "read"]  # a camera's pictures as they come; a picture read, and not kept

_WORKS: tuple[Work, ...] = get_args(Work)
_FIELDS = ("v", "server", "edge", "work", "nonce")


@dataclass(frozen=True, slots=True)
class Grant:
    """Which server may ask which edge for what."""

    server: bytes
    edge: bytes
    work: Work
    nonce: bytes  # the edge's: good once, and for a minute

    def __post_init__(self) -> None:
        sized("server", self.server, ID_BYTES)
        sized("edge", self.edge, ID_BYTES)
        sized("nonce", self.nonce, NONCE_BYTES)


def signed(grant: Grant, key: Ed25519PrivateKey) -> bytes:
    """Return the grant's JSON ‖ signature, by the vault signing key."""
    said = canonical.encoded(
        {
            "v": canonical.VERSION,
            "server": grant.server,
            "edge": grant.edge,
            "work": grant.work,
            "nonce": grant.nonce,
        }
    )
    return signature.signed(key, signature.GRANT, said)


@canonical.reading("a grant of the vault")
def opened(data: bytes, vault_sign: bytes, *, server: bytes, edge: bytes, work: Work) -> Grant:
    """Return the grant that the vault signed for this server, edge and work; Damaged for others.

    Whether its nonce is good only the edge knows that gave it.
    """
    said = signature.unsigned(vault_sign, data, signature.GRANT)
    read = Fields(canonical.decoded(said, bytes_max=GRANT_BYTES_MAX), _FIELDS)
    read.version()
    found = Grant(
        server=read.octets("server"),
        edge=read.octets("edge"),
        work=read.word("work", _WORKS),
        nonce=read.octets("nonce"),
    )
    if found.server != server:
        raise Malformed("it is of another server")
    if found.edge != edge:
        raise Malformed("it is for another edge")
    if found.work != work:
        raise Malformed("it is for other work")
    return found
