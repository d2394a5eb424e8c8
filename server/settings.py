"""The server's settings, and where on its disk each thing lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Literal, get_args

from lot import times
from lot.errors import LotError
from lot.settings import Variables

Keyholder = Literal["own", "apart"]
_KEYHOLDERS: tuple[Keyholder, ...] = get_args(Keyholder)


@dataclass(frozen=True, slots=True)
class Places:
    """Paths of the web process's folder and of the keyholder's: never one inside the other."""

    state: Path
    keys: Path

    @property
    def wraps(self) -> Path:
        """Day keys under RSA, a file each."""
        return self.state / "wraps"

    @property
    def pictures(self) -> Path:
        """Sealed pictures and clips, named by the hash of their sealed bytes."""
        return self.state / "pictures"

    @property
    def segments(self) -> Path:
        """The sealed search index, a file a day."""
        return self.state / "index"

    @property
    def segment_keys(self) -> Path:
        """Each segment's own key, as the index key wraps it: beside the wraps, a file a day."""
        return self.state / "segment-keys"

    @property
    def trust_pack(self) -> Path:
        """Public: root, vault signing key and key statement, as the keyholder made them."""
        return self.state / "trust.json"

    @property
    def service_key(self) -> Path:
        """The server's own writer key."""
        return self.state / "service.key"

    @property
    def node(self) -> Path:
        """Which chain of the audit is this machine's."""
        return self.state / "node"

    @property
    def chores(self) -> Path:
        """When each thing that is done by itself was last done; who does it holds its file."""
        return self.state / "chores"

    @property
    def erasing(self) -> Path:
        """There while something is signed as gone that is still there."""
        return self.state / "erasing"

    @property
    def restoring(self) -> Path:
        """There while a backup is being put back: such a server serves nothing."""
        return self.state / "restoring"

    @property
    def reports(self) -> Path:
        """What verify found, each time that somebody asked for it over HTTP."""
        return self.state / "reports"

    @property
    def backup(self) -> Path:
        """Names the folder of the last backup, whose keys part each erasure writes anew."""
        return self.state / "backup"

    @property
    def keeper(self) -> Path:
        """Where the share keeper listens, in split mode."""
        return self.state / "keeper"

    @property
    def pepper(self) -> Path:
        """What password hashes are keyed with beside their salt."""
        return self.state / "pepper"

    @property
    def tls(self) -> Path:
        """The leaf's chain and key."""
        return self.state / "tls"

    @property
    def chain(self) -> Path:
        """The leaf and what signed it, up to but without the root."""
        return self.tls / "chain.pem"

    @property
    def tls_key(self) -> Path:
        """The leaf's key."""
        return self.tls / "key.pem"

    @property
    def socket(self) -> Path:
        """Where the keyholder listens; a path of more than 107 bytes cannot be bound."""
        return self.keys / "run" / "keyholder.sock"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What one start of the server goes by."""

    places: Places
    database: str
    keyholder: Keyholder
    idle_lock_minutes: int
    names: tuple[str, ...]
    zone: tzinfo
    channels: Mapping[str, str] = field(default_factory=dict, repr=False)  # addresses are secrets


def settings_from(values: Mapping[str, str]) -> ServerSettings:
    """Read the server's settings, or name every wrong one at once."""
    read = Variables(values, "server")
    home = Path.home() / ".local" / "share" / "lotkeeper"
    state = read.path("LOT_SERVER_FOLDER", home)
    keys = read.path("LOT_KEYS_FOLDER", home)
    if state.resolve() == keys.resolve() or keys.resolve() in state.resolve().parents:
        read.refuse("LOT_KEYS_FOLDER must not hold LOT_SERVER_FOLDER: two users own them")
    database = read.text("LOT_DATABASE") or f"sqlite:///{state / 'lotkeeper.sqlite3'}"
    keyholder = next((one for one in _KEYHOLDERS if one == read.text("LOT_KEYHOLDER")), None)
    if keyholder is None:
        read.refuse(f"LOT_KEYHOLDER={read.text('LOT_KEYHOLDER')} is not own or apart")
    zone = _zone(read)
    settings = ServerSettings(
        places=Places(state, keys),
        database=database,
        keyholder=keyholder or "own",
        idle_lock_minutes=read.whole("LOT_IDLE_LOCK_MINUTES"),
        names=tuple(name for name in read.text("LOT_SERVER_NAMES").split(",") if name),
        zone=zone,
        channels=read.channels(),
    )
    read.done()
    return settings


def _zone(read: Variables) -> tzinfo:
    name = read.text("LOT_TIMEZONE")
    try:
        return times.zone(name) if name else times.system_zone()
    except LotError as error:
        read.refuse(str(error))
        return times.zone("UTC")
