"""One event as it lies, opened for somebody who may see it; each look is written down first.

The rows are gathered here and judged by the keyholder: what it shows nothing of is not there for
the one who asks, or comes with the reason why it cannot be opened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row

from contract import event, record, sealing
from contract.event import Event
from contract.record import Envelope
from lot.errors import Damaged
from server.access.ledger import Ledger
from server.keys.holder import bodies, calls
from server.keys.holder.client import Keyholder
from server.records.sealed import Kept, Shelf, named_events, only
from server.refusals import NotThere
from server.store import pictures
from server.store.database import Database


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that an event names, and whether its sealed bytes are here."""

    name: str
    there: bool


@dataclass(frozen=True, slots=True)
class Revision:
    """One of an event's records, as its signed head says it."""

    revision: int
    final: bool
    kind: str
    at: int
    edge: bytes


@dataclass(frozen=True, slots=True)
class Looked:
    """An event as its highest revision says it, None where that cannot be opened."""

    says: Event | None = field(repr=False)
    fault: str | None
    pictures: tuple[Picture, ...]
    revisions: tuple[Revision, ...]  # rising


@dataclass(frozen=True, slots=True)
class Looking:
    """Opens single events and pictures."""

    database: Database
    keyholder: Keyholder
    pictures: Kept
    wraps: Kept
    ledger: Ledger

    def event(self, by: calls.Caller, lot: bytes, id_: str, reason: str | None) -> Looked:
        """Return an event with its revisions; NotThere where the lot has none of this id."""
        self._written(by, lot, {"event": id_, "reason": reason})
        with self.database.read() as read:
            rows = _revisions(read, lot, id_)
            named = [record.decoded(row.envelope) for row in rows]
            shown = self._opened(read, by, rows[-1], reason)
            there = _pictures(read, lot, named[-1])
        says = _said(shown)
        fault = None if says is not None else shown.fault or "its text is not here"
        return Looked(says, fault, there, tuple(_revision(one) for one in named))

    def picture(
        self, by: calls.Caller, lot: bytes, id_: str, name: str, reason: str | None
    ) -> bytes:
        """Return a picture of an event as it was taken; NotThere where there is none to see."""
        self._written(by, lot, {"event": id_, "picture": name, "reason": reason})
        with self.database.read() as read:
            row = _revisions(read, lot, id_)[-1]
            shown = self._opened(read, by, row, reason, name)
        content = shown.contents.get(sealing.picture(name))
        if content is None:
            raise NotThere(shown.fault or "the picture is not here", then="look at the event")
        return content

    def _opened(
        self,
        read: Connection,
        by: calls.Caller,
        row: Row[Any],
        reason: str | None,
        *names: str,
    ) -> calls.OpenedRecord:
        shelf = Shelf(read, self.pictures, self.wraps)
        (batch,) = shelf.batches([row], only(*names))
        (shown,) = self.keyholder.open(calls.Open(by, tuple(one.sealed for one in batch), reason))
        return shown

    def _written(self, by: calls.Caller, lot: bytes, detail: dict[str, object]) -> None:
        """Write the look down before anything is shown, so that none is missing."""
        actor = bodies.session(by.session.body).account
        self.database.write(
            lambda write: self.ledger.line(write, "look", detail, lot=lot, actor=actor)
        )


def _revisions(read: Connection, lot: bytes, id_: str) -> list[Row[Any]]:
    """Return an event's records, the highest revision last."""
    rows = [
        row
        for row in read.execute(named_events(lot, [id_]))
        if record.decoded(row.envelope).head.type == "event"
    ]
    if not rows:
        raise NotThere("there is no such event", then="look for it again")
    return rows


def _said(shown: calls.OpenedRecord) -> Event | None:
    content = shown.contents.get("event")
    try:
        return None if content is None else event.decoded(content)
    except Damaged:
        return None


def _revision(one: Envelope) -> Revision:
    head = one.head
    assert head.kind is not None  # an event has one: its head is checked for that
    return Revision(head.revision, head.final, head.kind, head.at, head.edge)


def _pictures(read: Connection, lot: bytes, named: Envelope) -> tuple[Picture, ...]:
    wanted = {
        name: part.hash for part in named.parts if (name := sealing.pictured(part.name)) is not None
    }
    there = pictures.there(read, lot, wanted.values())
    return tuple(Picture(name, hash_ in there) for name, hash_ in sorted(wanted.items()))
