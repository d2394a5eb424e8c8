"""Events of a range, opened by the keyholder a batch at a time: what tables and films are made of.

The keyholder decides what the session may see; what it shows nothing of is counted, and said in
the export's notes, never left out in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sqlalchemy import Connection, Row

from contract import event, sealing
from lot.errors import Damaged
from server.exports.shot import Shot
from server.index.asked import LIMIT_MAX, Order, Query
from server.keys.holder import calls
from server.keys.holder.calls import Caller, OpenedRecord
from server.records.sealed import Lying, Shelf, named_events, newest_events, only
from server.records.statements import Statement, decoded
from server.visits.values import Visit

OLDEST_FIRST = Order(descending=False)


class Opens(Protocol):
    """What opening asks of the keyholder."""

    def open(self, asked: calls.Open, /) -> tuple[OpenedRecord, ...]: ...


class Searches(Protocol):
    """What finding asks of the keyholder."""

    def search_visits(self, asked: calls.SearchVisits, /) -> calls.VisitsFound: ...

    def search_events(self, asked: calls.SearchEvents, /) -> calls.EventsFound: ...

    def said_about(self, asked: calls.SaidAbout, /) -> tuple[bytes, ...]: ...


@dataclass(slots=True)
class Untold:
    """What could not be shown, counted while the export goes out."""

    faults: list[str] = field(default_factory=list)
    more: int = 0

    def add(self, fault: str) -> None:
        if len(self.faults) < 20:
            self.faults.append(fault)
        else:
            self.more += 1


@dataclass(frozen=True, slots=True)
class Opening:
    """Opens for one session, out of one snapshot."""

    read: Connection
    shelf: Shelf
    keyholder: Opens
    by: Caller
    reason: str | None = None
    untold: Untold = field(default_factory=Untold)

    def range(
        self, lot: bytes, first: int | None, last: int | None, *pictures: str
    ) -> Iterator[Shot]:
        """Yield every event of a range as its highest revision says it, by time."""
        yield from self._opened(self.read.execute(newest_events(lot, first, last)), pictures)

    def named(self, lot: bytes, ids: Sequence[str], *pictures: str) -> Iterator[Shot]:
        """Yield these events, a few hundred ids at a time."""
        for at in range(0, len(ids), LIMIT_MAX):
            rows = self.read.execute(named_events(lot, ids[at : at + LIMIT_MAX]))
            newest = {row.id: row for row in rows}  # the highest revision comes last
            yield from self._opened(newest.values(), pictures)

    def _opened(self, rows: Iterable[Row[Any]], pictures: Sequence[str]) -> Iterator[Shot]:
        for batch in self.shelf.batches(rows, only(*pictures)):
            sealed = tuple(one.sealed for one in batch)
            answers = self.keyholder.open(calls.Open(self.by, sealed, self.reason))
            for lying, answer in zip(batch, answers, strict=True):
                if (shot := self._shot(lying, answer)) is not None:
                    yield shot

    def _shot(self, lying: Lying, answer: OpenedRecord) -> Shot | None:
        content = answer.contents.get("event")
        try:
            said = event.decoded(content) if content is not None else None
        except Damaged as fault:
            said, answer = None, OpenedRecord({}, fault.what)
        if said is None:
            why = answer.fault or "its text is not there"
            self.untold.add(f"record {lying.sequence} of {lying.writer.hex()[:8]}: {why}")
            return None
        named = {sealing.pictured(name): data for name, data in answer.contents.items()}
        return Shot(said, {name: data for name, data in named.items() if name is not None})


# Of one plate there are hardly more; a look, another, and what follows fit into a minute.
OF_A_PLATE = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """Finds for one session, to the last page."""

    keyholder: Searches
    by: Caller
    reason: str | None = None
    at_once: int = LIMIT_MAX  # what a page may hold is what it costs of a session's pace

    def visits(self, query: Query) -> Iterator[Visit]:
        """Yield all visits that a query finds, page by page."""
        query = replace(query, order=OLDEST_FIRST, limit=self.at_once)
        while True:
            page = self.keyholder.search_visits(calls.SearchVisits(self.by, query, self.reason))
            yield from (row.visit for row in page.rows)
            if page.cursor is None:
                return
            query = replace(query, cursor=page.cursor)

    def ids(self, query: Query) -> Iterator[tuple[bytes, str]]:
        """Yield lot and id of all events that a query finds."""
        query = replace(query, order=OLDEST_FIRST, limit=self.at_once)
        while True:
            page = self.keyholder.search_events(calls.SearchEvents(self.by, query, self.reason))
            yield from ((row.lot, row.id) for row in page.rows)
            if page.cursor is None:
                return
            query = replace(query, cursor=page.cursor)

    def statements(self, lot: bytes, events: Sequence[str]) -> list[Statement]:
        """Return what people said about events."""
        asked = calls.SaidAbout(self.by, lot, tuple(events), self.reason)
        return [decoded(one) for one in self.keyholder.said_about(asked)]
