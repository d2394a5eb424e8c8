"""The keyholder's folder: where each file of it lies, and who the server is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import canonical
from contract.canonical import Fields, sized
from contract.head import ID_BYTES
from lot.errors import Refused, Unreadable
from lot.files import write_private
from server.keys.slot_files import SlotFolder

_FILE_BYTES_MAX = 1024 * 1024
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Founded:
    """Who the server is, and the certificate that its TLS leaves are issued by: all public."""

    server: bytes
    issuing: bytes

    def __post_init__(self) -> None:
        sized("server", self.server, ID_BYTES)


@dataclass(frozen=True, slots=True)
class KeysFolder:
    """Files of the keyholder, 0600 in 0700."""

    path: Path

    @property
    def slots(self) -> SlotFolder:
        """What opens the vault."""
        return SlotFolder(self.path / "slots")

    @property
    def vault(self) -> Path:
        """Every private key, sealed."""
        return self.path / "vault"

    @property
    def vault_beside(self) -> Path:
        """A vault under a new key, until the slots that open it are written."""
        return self.path / "vault.new"

    @property
    def trust_pack(self) -> Path:
        """What edges pin, as it was announced last."""
        return self.path / "trust.json"

    @property
    def doors(self) -> Path:
        """What one-time codes were used, and misses."""
        return self.path / "doors"

    @property
    def newest(self) -> Path:
        """Which version of each row is the newest."""
        return self.path / "newest.sqlite3"

    @property
    def is_founded(self) -> bool:
        return self._founded.exists()

    def founded(self) -> Founded:
        """Return who the server is; Refused before it is anybody."""
        if not self.is_founded:
            raise Refused("this server is not set up", then="run python -m server init")
        return _founded(read(self._founded))

    def mark_founded(self, founded: Founded) -> None:
        """Say that all else is written: without this file a start finds nothing set up."""
        said = {"v": canonical.VERSION, "server": founded.server, "issuing": founded.issuing}
        write_private(self._founded, canonical.encoded(said))

    def key(self) -> Ed25519PrivateKey:
        """Return the keyholder's own key: says which box asks, opens nothing."""
        return Ed25519PrivateKey.from_private_bytes(self.key_bytes())

    def key_bytes(self) -> bytes:
        """Return the seed of the keyholder's own key."""
        data = read(self._key)
        if len(data) != _KEY_BYTES:
            raise Unreadable(f"{self._key} holds no key", then="restore it from a backup")
        return data

    def keep_key(self, seed: bytes) -> None:
        """Keep the keyholder's own key."""
        sized("the keyholder's key", seed, _KEY_BYTES)
        write_private(self._key, seed)

    @property
    def _founded(self) -> Path:
        return self.path / "founded.json"

    @property
    def _key(self) -> Path:
        return self.path / "holder.key"


def read(path: Path) -> bytes:
    """Return a file of the folder; Unreadable where it is missing or another user's."""
    try:
        with path.open("rb") as file:
            data = file.read(_FILE_BYTES_MAX + 1)
    except OSError as error:
        raise Unreadable(
            f"cannot read {path}: {error.strerror or error}",
            then="restore the keys part of a backup, or give the folder to the keyholder's user",
        ) from error
    if len(data) > _FILE_BYTES_MAX:
        raise Unreadable(f"{path} is far too large", then="restore it from a backup")
    return data


@canonical.reading("the file that says who the server is")
def _founded(data: bytes) -> Founded:
    fields = Fields(canonical.decoded(data, bytes_max=_FILE_BYTES_MAX), ("v", "server", "issuing"))
    fields.version()
    return Founded(fields.octets("server"), fields.octets("issuing"))
