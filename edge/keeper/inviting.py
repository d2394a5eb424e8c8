"""The code that pairs this keeper with a server: good once, for a quarter of an hour.

It is drawn by the console and used by the service, so it lies in a file between them, bound to
this start of the machine: the clock that would say whether it has ended may be wrong.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from contract import canonical
from contract.canonical import Fields, sized
from contract.codes import SECRET_BYTES
from edge.keeper.folder import Folder
from lot.files import remove, write_private

LASTS_S = 15 * 60
WRONG_MAX = 5

_BYTES_MAX = 1024
_FIELDS = ("v", "secret", "boot", "ends_s", "wrong")
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Invited:
    """A code that may still be used."""

    secret: bytes = field(repr=False)
    boot: str
    ends_s: int  # on the monotonic clock of this start
    wrong: int = 0

    def __post_init__(self) -> None:
        sized("secret", self.secret, SECRET_BYTES)


class Invitations:
    """At most one code at a time. The caller holds the folder's lock."""

    def __init__(
        self,
        folder: Folder,
        monotonic: Callable[[], float] = time.monotonic,
        boot: Callable[[], str] = lambda: _BOOT.read_text(encoding="ascii").strip(),
    ) -> None:
        self._path = folder.invitation
        self._monotonic = monotonic
        self._boot = boot

    def draw(self) -> bytes:
        """Return the secret of a new code; one of before is good no longer."""
        secret = secrets.token_bytes(SECRET_BYTES)
        self._keep(Invited(secret, self._boot(), int(self._monotonic()) + LASTS_S))
        return secret

    def standing(self) -> Invited | None:
        """Return the code that is good now."""
        if not self._path.exists():
            return None
        invited = _decoded(self._path.read_bytes())
        if invited.boot == self._boot() and self._monotonic() < invited.ends_s:
            return invited
        remove(self._path)
        return None

    def count_wrong(self, invited: Invited) -> None:
        """Count a wrong mac durably, and burn the code with the fifth."""
        if invited.wrong + 1 >= WRONG_MAX:
            remove(self._path)
        else:
            self._keep(Invited(invited.secret, invited.boot, invited.ends_s, invited.wrong + 1))

    def spend(self) -> None:
        remove(self._path)

    def _keep(self, invited: Invited) -> None:
        said = {
            "v": canonical.VERSION,
            "secret": invited.secret,
            "boot": invited.boot,
            "ends_s": invited.ends_s,
            "wrong": invited.wrong,
        }
        write_private(self._path, canonical.encoded(said))


@canonical.reading("an invitation of this keeper")
def _decoded(data: bytes) -> Invited:
    read = Fields(canonical.decoded(data, bytes_max=_BYTES_MAX), _FIELDS)
    read.version()
    return Invited(
        read.octets("secret"), read.text("boot"), read.whole("ends_s"), read.whole("wrong")
    )
