"""H: SHA-256 over pieces joined, the one hash of the contract."""

import hashlib

DIGEST_BYTES = 32


def H(*pieces: bytes) -> bytes:  # noqa: N802 - its name on the page that both sides follow
    """Return SHA-256 of the pieces joined."""
    joined = hashlib.sha256()
    for piece in pieces:
        joined.update(piece)
    return joined.digest()
