"""Split mode: what is carried to the share keeper, and how it goes on from its answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from server.keys.holder.calls.asking import Caller


@dataclass(frozen=True, slots=True)
class GoOn:
    """Go on with what the share keeper answered."""

    ticket: bytes
    answer: bytes


@dataclass(frozen=True, slots=True)
class PairKeeper:
    """Pair with the share keeper whose pack a code was printed over; its answer goes to `GoOn`."""

    by: Caller
    pack: bytes
    code: str = field(repr=False)  # without its address


@dataclass(frozen=True, slots=True)
class KeeperPinned:
    """Which keeper is paired, and the one TLS certificate it is believed by (DER)."""

    keeper: bytes
    tls: bytes


@dataclass(frozen=True, slots=True)
class PinnedKeeper:
    """Which keeper is paired? Nothing of it is secret; Done in local mode."""


@dataclass(frozen=True, slots=True)
class UnpairKeeper:
    """Be without a keeper again: only when no slot needs it, and it keeps no share."""

    by: Caller


@dataclass(frozen=True, slots=True)
class ForgetShares:
    """Let the keeper forget the shares that no slot needs any more: one a call, Done if none."""

    by: Caller


@dataclass(frozen=True, slots=True)
class AskKeeper:
    """Carry this to the share keeper, and its answer back with the ticket within a minute."""

    ticket: bytes
    keeper: bytes
    message: bytes
