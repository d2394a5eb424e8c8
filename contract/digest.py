"""H: SHA-256 over pieces joined, the one hash of the contract."""

import hashlib

DIGEST_BYTES = 32


def H(*pieces: bytes) -> bytes:  # noqa: N802 - its name on the page that both sides follow
    """Return SHA-256 of the pieces joined."""
    # At once: each update of a hash is a call, and a batch asks for hundreds of them.
    return hashlib.sha256(pieces[0] if len(pieces) == 1 else b"".join(pieces)).digest()
