"""Where what was done is written down: in the transaction of what it tells, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sqlalchemy import Connection


class Ledger(Protocol):
    """Writes audit lines; what a line's detail says is sealed."""

    def write(
        self,
        connection: Connection,
        act: str,
        *,
        actor: bytes | None,
        lot: bytes | None = None,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """Add a line; `actor` None is the server itself."""
