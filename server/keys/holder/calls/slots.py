"""What opens the vault: slots, the recovery sheet, keys made anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from contract.audit import ServerClock
from contract.otp import Typed
from server.keys.holder.calls.asking import Caller, Vouched

Where = Literal["as_paired", "on_the_card"]  # a slot's seed: with the keeper if there is one


@dataclass(frozen=True, slots=True)
class NewSlot:
    """Give a person a slot, in place of the one they have; the seed is shown once, as QR code."""

    by: Caller
    account: Vouched
    passphrase: str = field(repr=False)
    where: Where = "as_paired"


@dataclass(frozen=True, slots=True)
class SlotMade:
    """A slot was written; `seed` is for the authenticator."""

    slot: bytes
    seed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangePassphrase:
    """Change one's own passphrase; the phone stays as it is."""

    by: Caller
    passphrase: str = field(repr=False)
    typed: Typed
    new: str = field(repr=False)
    clock: ServerClock


@dataclass(frozen=True, slots=True)
class RenewRecovery:
    """Make a new recovery code in place of the one before."""

    by: Caller


@dataclass(frozen=True, slots=True)
class RecoveryMade:
    """The recovery code as it stands on the sheet."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ForgetSlot:
    """Take a person's slots away; `closed` is their account, where that is why."""

    by: Caller
    person: bytes
    closed: Vouched | None = None


@dataclass(frozen=True, slots=True)
class SlotsKnown:
    """Who has a slot?"""

    by: Caller


@dataclass(frozen=True, slots=True)
class SlotTold:
    """What a slot says in clear."""

    id: bytes
    person: bytes | None  # None: the recovery sheet
    keeper: bytes | None  # who has its share
    made: int


@dataclass(frozen=True, slots=True)
class SlotsTold:
    """Every slot that can be read, the oldest first."""

    slots: tuple[SlotTold, ...]


@dataclass(frozen=True, slots=True)
class RotateRsa:
    """Make a new RSA pair; it is announced only by `AnnounceRsa`, once the backup holds it."""

    by: Caller


@dataclass(frozen=True, slots=True)
class AnnounceRsa:
    """Announce the newest RSA pair in the key statement."""

    by: Caller


@dataclass(frozen=True, slots=True)
class RotateVault:
    """Make a new vault key and RSA pair: old slots open only what was before.

    Nobody's passphrase is known here but the caller's; everyone else gets a new slot.
    """

    by: Caller
    passphrase: str = field(repr=False)
    typed: Typed
    clock: ServerClock
