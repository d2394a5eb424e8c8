"""The share keeper as the keyholder pinned it, and whose shares lie there.

A share is put under the id of the slot it belongs to, so a new share is a new person at the
keeper. Each is noted here before it is put and until the keeper has said that it forgot it: what
no slot needs any more is therefore known after every crash.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from contract import canonical
from contract.canonical import Fields, sized
from contract.head import ID_BYTES
from contract.pairing import KeeperPack
from lot.files import remove, write_private
from server.keys.folder import KeysFolder, read

_BYTES_MAX = 1024 * 1024
_PINNED = ("keeper", "sign", "hpke", "tls")


@dataclass(frozen=True, slots=True)
class Paired:
    """What is known of the keeper."""

    pack: KeeperPack
    number: int  # of the last put or forget
    shares: frozenset[bytes]

    def numbered(self, now: int) -> Paired:
        """Return it with the next number, which the keeper takes only where it rises."""
        return replace(self, number=max(now, self.number + 1))

    def sharing(self, slot: bytes) -> Paired:
        return replace(self, shares=self.shares | {slot})

    def without(self, slot: bytes) -> Paired:
        return replace(self, shares=self.shares - {slot})


def paired(folder: KeysFolder) -> Paired | None:
    """Return the keeper; None in local mode."""
    path = _path(folder)
    return _decoded(read(path)) if path.exists() else None


def keep(folder: KeysFolder, found: Paired) -> None:
    """Keep what is known; it is on the disk when this returns."""
    said: dict[str, object] = {"v": canonical.VERSION, **asdict(found.pack)}
    said["number"] = found.number
    said["shares"] = sorted(found.shares)
    write_private(_path(folder), canonical.encoded(said))


def forget(folder: KeysFolder) -> None:
    """Be in local mode again."""
    remove(_path(folder))


def _path(folder: KeysFolder) -> Path:
    return folder.path / "keeper.json"


@canonical.reading("what the keyholder pinned of its keeper")
def _decoded(data: bytes) -> Paired:
    value = canonical.decoded(data, bytes_max=_BYTES_MAX)
    fields = Fields(value, ("v", *_PINNED, "number", "shares"))
    fields.version()
    pack = KeeperPack(*(fields.octets(name) for name in _PINNED))
    shares = fields.entries("shares", canonical.octets)
    for one in shares:
        sized("a share", one, ID_BYTES)
    return Paired(pack, fields.whole("number"), frozenset(shares))
