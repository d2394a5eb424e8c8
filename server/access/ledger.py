"""Where what was done is written down: in the transaction of what it tells, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sqlalchemy import Connection

from contract.audit import ClearDetail


class Ledger(Protocol):
    """Writes audit lines; what a detail says is sealed."""

    def line(
        self,
        write: Connection,
        act: str,
        detail: ClearDetail | Mapping[str, object] | None = None,
        *,
        lot: bytes | None = None,
        actor: bytes | None = None,
    ) -> object:
        """Add a line; without an actor it is the server's own."""
