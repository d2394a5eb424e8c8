"""Where what was done is written down: in the transaction of what it tells, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Connection

from contract.audit import Act, ClearDetail


@dataclass(frozen=True, slots=True)
class Told:
    """What a line tells; without an actor it is the server's own."""

    act: Act
    detail: ClearDetail | Mapping[str, object] | None = field(default=None, repr=False)
    lot: bytes | None = None
    actor: bytes | None = None


class Ledger(Protocol):
    """Writes audit lines; what a detail says is sealed."""

    def line(
        self,
        write: Connection,
        act: Act,
        detail: ClearDetail | Mapping[str, object] | None = None,
        *,
        lot: bytes | None = None,
        actor: bytes | None = None,
    ) -> object:
        """Add a line; without an actor it is the server's own."""


class Ledgers(Ledger, Protocol):
    """Writes what many did at once, a line each."""

    def lines(self, write: Connection, told: Sequence[Told]) -> object:
        """Add a line for each, in their order."""
