"""An RSA pair is drawn in a process of its own: up to 20 s on a Pi 3, in which others are served.

The pair goes through a pipe and lies in no file; the process shuts its memory in as the keyholder
does, and dies with it.
"""

from __future__ import annotations

import subprocess
import sys

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

from contract.wrap import rsa_id
from lot.errors import Refused
from server.keys import vault_open
from server.keys.holder import privacy, process
from server.keys.vault_file import RsaPair

_DRAWS_S_MAX = 80.0


def drawn() -> RsaPair:
    """Return a new pair."""
    words = [sys.executable, "-m", "server.keys.pair_drawing"]
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, timeout=_DRAWS_S_MAX, check=True)
    except (OSError, subprocess.SubprocessError):
        raise Refused("no RSA pair could be drawn", then="look into the keyholder's log") from None
    key = load_der_private_key(done.stdout, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey)
    return RsaPair(rsa_id(key.public_key()), done.stdout)


if __name__ == "__main__":
    process.die_with_parent()
    privacy.shut_in()
    sys.stdout.buffer.write(vault_open.pair_drawn().pkcs8)
