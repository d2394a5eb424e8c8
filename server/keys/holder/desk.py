"""What every part of the keyholder works with: its folder, its lists, the vault if open."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo
from threading import Lock

from contract.doors import Doors
from contract.opening import DayKeyFound
from server.index.index import Index
from server.keys.folder import Founded, KeysFolder
from server.keys.holder.derivations import Derivations
from server.keys.holder.newest import Newest
from server.keys.holder.pace import Pace
from server.keys.holder.refusals import Locked
from server.keys.holder.sessions import Sessions
from server.keys.holder.tickets import Tickets
from server.keys.holder.vouching import Voucher
from server.keys.vault_open import OpenVault


@dataclass(slots=True)
class Safe:
    """The vault as this process has it, and what was unwrapped with its keys since."""

    lock: Lock = field(default_factory=Lock, repr=False)
    open: OpenVault | None = field(default=None, repr=False)
    opened_at: int | None = None  # µs UTC
    day_keys: dict[bytes, DayKeyFound] = field(default_factory=dict, repr=False)
    index: Index | None = field(default=None, repr=False)
    indexed_lots: frozenset[bytes] = frozenset()
    went_out: dict[tuple[bytes, int], int] = field(default_factory=dict)  # generations not written
    index_lock: Lock = field(default_factory=Lock, repr=False)
    seeds: dict[bytes, bytes] = field(default_factory=dict, repr=False)  # out of opened slots


@dataclass(frozen=True, slots=True)
class Desk:
    """The keyholder's things, one of each in a process."""

    folder: KeysFolder
    founded: Founded
    zone: tzinfo
    voucher: Voucher
    newest: Newest
    doors: Doors
    sessions: Sessions
    noting: Lock = field(default_factory=Lock, repr=False)
    derivations: Derivations = field(default_factory=Derivations)
    pace: Pace = field(default_factory=Pace)
    safe: Safe = field(default_factory=Safe)
    tickets: Tickets = field(default_factory=Tickets)

    @property
    def vault(self) -> OpenVault:
        """Return the open vault; Locked where it is shut."""
        found = self.safe.open
        if found is None:
            raise Locked("the vault is locked", then="unlock it with passphrase and code")
        return found

    @property
    def is_unlocked(self) -> bool:
        return self.safe.open is not None


def desk_at(folder: KeysFolder, zone: tzinfo) -> Desk:
    """Return the desk of a folder where a server is set up."""
    founded, newest = folder.founded(), Newest(folder.newest)
    voucher = Voucher(folder.key_bytes())
    sessions = Sessions(voucher, newest)
    return Desk(folder, founded, zone, voucher, newest, Doors(folder.doors), sessions)
