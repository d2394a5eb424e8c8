"""Events that a person holds: they stay beyond their time, and open when their day is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from contract import audit, record
from contract.digest import H
from lot.errors import Refused
from server.access.ledger import Ledger
from server.access.rows import HOLD
from server.api.parts import Parts
from server.index.ids import id_bytes
from server.keys.holder import bodies, calls
from server.keys.holder.client import Keyholder
from server.private.rows import Page, Place, Private
from server.records.sealed import Kept, Shelf, everything, named_events
from server.refusals import Changed, NotThere
from server.retention.retaining import RETENTION, busy
from server.running.turns import turn
from server.store import private_rows
from server.store.database import Database
from server.store.private_rows import PrivateRow

REASON_MAX = 200


@dataclass(frozen=True, slots=True)
class Holding:
    """Holds events for who may, and lets them go.

    A hold waits its turn with what forgets: of an event that is being forgotten at this moment its
    keys would be kept, and nothing that they open.
    """

    turns: Path
    database: Database
    keyholder: Keyholder
    pictures: Kept
    wraps: Kept
    ledger: Ledger
    private: Private = field(init=False)

    def __post_init__(self) -> None:
        private = Private(self.database, self.keyholder, self.ledger)
        object.__setattr__(self, "private", private)

    def page(self, by: calls.Caller, lot: bytes, after: bytes, most: int) -> Page:
        """Return the holds of a lot behind `after`, by their events' ids."""
        return self.private.page(by, Place(lot, HOLD), after, most)

    def hold(self, by: calls.Caller, lot: bytes, event: str, reason: str) -> int:
        """Hold an event with all its parts; held already, it gets another reason."""
        with turn(self.turns / RETENTION) as file:
            if file is None:
                raise busy()
            return self._held(by, lot, event, reason)

    def _held(self, by: calls.Caller, lot: bytes, event: str, reason: str) -> int:
        with self.database.read() as read:
            known = private_rows.found(read, lot, HOLD, id_bytes(event))
            sealed = self._records(read, lot, event)
        version = (0 if known is None else known.version) + 1
        made = self.keyholder.hold(calls.Hold(by, tuple(sealed), reason, version))
        row = PrivateRow(lot, HOLD, made.id, made.version, made.box)
        actor = bodies.session(by.session.body).account

        def keep(write: Connection) -> None:
            if private_rows.found(write, lot, HOLD, row.id) == row:
                return  # a commit whose answer was lost
            if not private_rows.put(write, row):
                raise Changed("somebody changed it meanwhile", then="look at the holds again")
            detail = audit.Row(HOLD, row.id, row.version, H(row.box))
            self.ledger.line(write, "row", detail, lot=lot, actor=actor)
            said = {"event": event, "reason": reason}
            self.ledger.line(write, "held", said, lot=lot, actor=actor)

        self.database.write(keep)
        self.keyholder.confirm_versions((made.as_version,))
        return row.version

    def release(self, by: calls.Caller, lot: bytes, event: str) -> None:
        """Let an event go: it is forgotten when its time is over, at once where it was."""
        with self.database.read() as read:
            known = private_rows.found(read, lot, HOLD, id_bytes(event))
        if known is None:
            raise NotThere("nobody holds this event", then="look at the holds again")
        self.private.drop(by, Place(lot, HOLD), known.id, known.version)

    def _records(self, read: Connection, lot: bytes, event: str) -> Sequence[calls.SealedRecord]:
        rows = read.execute(named_events(lot, [event])).all()
        heads = [record.decoded(row.envelope).head for row in rows]
        if not heads or heads[-1].type != "event":
            raise NotThere("there is no such event", then="look for it again")
        if not heads[-1].final:
            raise Refused(
                "the gate may still revise this event, whose next revision would not be held",
                then="hold it when it is final",
            )
        shelf = Shelf(read, self.pictures, self.wraps)
        return [one.sealed for batch in shelf.batches(rows, everything) for one in batch]


def holding(of: Parts) -> Holding:
    """Return what holds events in this process."""
    turns = of.settings.places.chores
    return Holding(turns, of.database, of.keyholder, of.pictures, of.wraps, of)
