"""How often a person or an address may knock, counted where a restart does not forget it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from contract.digest import H
from contract.head import ID_BYTES
from server.store import attempts
from server.store.attempts import Attempt
from server.store.database import Database

_SECOND = 1_000_000
_KEPT_US = 86_400 * _SECOND  # longer than any pace; what is older says nothing any more


@dataclass(frozen=True, slots=True)
class Pacing:
    """Counts tries in the database, a row each."""

    database: Database
    now: Callable[[], int]  # µs UTC

    def wait_s(self, door: str, who: str, *, most: int, seconds: int) -> int:
        """Count a try; return how long to wait, 0 where it may go on.

        Who goes on knocking goes on waiting: a try that was refused counts too.
        """
        now = self.now()
        attempt = Attempt(door, H(b"lot/who/1", who.encode()), os.urandom(ID_BYTES), now)

        def note(connection: Connection) -> int:
            attempts.trim(connection, now - _KEPT_US)
            return attempts.noted(connection, attempt, since=now - seconds * _SECOND)

        return seconds if self.database.write(note) > most else 0
