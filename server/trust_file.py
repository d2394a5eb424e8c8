"""The trust pack as it lies on the web process's disk, read again when it was written anew."""

from __future__ import annotations

from pathlib import Path

from contract import trust
from contract.trust import TrustPack
from lot.errors import Unreadable


class TrustFile:
    """The pack that the keyholder made; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: tuple[tuple[int, int], TrustPack, bytes] | None = None

    def pack(self) -> TrustPack:
        """Return the newest pack; Unreadable where there is none yet."""
        return self._read()[0]

    def data(self) -> bytes:
        """Return the newest pack's bytes, for an edge that asks."""
        return self._read()[1]

    def _read(self) -> tuple[TrustPack, bytes]:
        try:
            stat = self._path.stat()
            seen = (stat.st_mtime_ns, stat.st_ino)
            if self._known is None or self._known[0] != seen:
                data = self._path.read_bytes()
                self._known = (seen, trust.pack_own(data), data)
        except OSError as error:
            raise Unreadable(
                f"cannot read {self._path}: {error.strerror or error}",
                then="set the server up with python -m server init, or unlock it once",
            ) from error
        return self._known[1], self._known[2]
