"""A fresh one-time code: for one purpose and one range, good for ten minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from contract.audit import ServerClock
from contract.otp import Typed
from server.keys.holder.calls.asking import Caller
from server.keys.holder.calls.rows import SealedRow

GrantPurpose = Literal["export", "erase", "admit", "manage_keys"]


@dataclass(frozen=True, slots=True)
class Range:
    """What a grant is for: a lot, and the times from `first` on and before `last`."""

    lot: bytes | None
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Confirm:
    """Type a fresh code for one purpose and one range; good for ten minutes."""

    by: Caller
    typed: Typed
    purpose: GrantPurpose
    range: Range
    seed: SealedRow | None  # of who has no slot
    clock: ServerClock


@dataclass(frozen=True, slots=True)
class Granted:
    """A fresh code was right."""

    purpose: GrantPurpose
    range: Range
    seconds: int


@dataclass(frozen=True, slots=True)
class CheckGrant:
    """Does a fresh code of this session cover a purpose and range? NeedsCode where not."""

    by: Caller
    purpose: GrantPurpose
    range: Range
