"""Macs under a code's secret: both sides show that they know it, and neither sends it.

The code went by a person's hands, so what bears its mac was said by the box whose screen showed
the code or by the one that it was typed into. Each side names itself first: no answer can be sent
back as a question.
"""

import hmac
from typing import Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from contract.canonical import Malformed, sized
from contract.codes import SECRET_BYTES
from contract.digest import H
from lot.errors import WrongCode

MAC_BYTES = 32
INVITE_BYTES = 8

Side = Literal["edge", "server", "keeper"]


def invite_of(secret: bytes) -> bytes:
    """Return what names an invitation and says nothing about its secret."""
    return H(b"lot/invite/1", secret)[:INVITE_BYTES]


def mac(secret: bytes, side: Side, *pieces: bytes) -> bytes:
    """Return the mac of the joined pieces, as said by one side."""
    sized("the secret of a code", secret, SECRET_BYTES)
    key = HKDF(SHA256(), length=MAC_BYTES, salt=None, info=b"lot/enrol/1").derive(secret)
    return hmac.digest(key, side.encode() + b"".join(pieces), "sha256")


def check(secret: bytes, given: bytes, side: Side, *pieces: bytes) -> None:
    """Raise WrongCode where a mac was not made with this secret for these pieces."""
    if not hmac.compare_digest(mac(secret, side, *pieces), given):
        raise WrongCode(
            "the other side does not know the code", then="print a new code and type it again"
        )


def parted(data: bytes) -> tuple[bytes, bytes]:
    """Return message and mac, unchecked."""
    if len(data) <= MAC_BYTES:
        raise Malformed("it is cut")
    return data[:-MAC_BYTES], data[-MAC_BYTES:]
