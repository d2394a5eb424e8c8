"""What people wrote down of one plate: known plates, customers, bookings and tickets.

They lie under the people key, so they are found only while the vault is open, by opening every row
of a kind: no index of plates lies on the disk.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from typing import Literal, get_args

from sqlalchemy import Connection

from contract.plates import normalise
from server.desk import values
from server.keys.holder import calls
from server.keys.holder.refusals import TooFast
from server.private.rows import Kept, Page, Place, Private
from server.refusals import NotThere
from server.store import ticket_faces

Kind = Literal["known", "customer", "booking", "ticket"]
# Takes the plate out: the row is of other cars too. Stays: somebody still needs it.
Fate = Literal["goes", "loses_plate", "stays"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_AT_ONCE = 500
_AGAIN_S = 2.0  # the pace of a session fills up a hundred parts meanwhile


@dataclass(frozen=True, slots=True)
class Seen:
    """A plate, its events that go, and those that a person holds."""

    plate: str  # as plates are compared
    events: Collection[str] = ()
    held: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Belonging:
    """A row of the plate, what an owner knows it by, and what becomes of it."""

    kind: Kind
    id: bytes
    version: int
    fate: Fate
    called: str | None = field(repr=False)
    content: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of a plate; of the unreadable ones nobody can say whose they are."""

    rows: tuple[Belonging, ...] = ()
    unreadable: int = 0

    @property
    def going(self) -> tuple[Belonging, ...]:
        return tuple(one for one in self.rows if one.fate != "stays")


def belonging(kind: Kind, row: Kept, seen: Seen) -> Belonging | None:
    """Return a readable row as one of the plate's; None where it is somebody else's."""
    content = row.content or {}

    def one(fate: Fate, called: str | None) -> Belonging:
        return Belonging(kind, row.id, row.version, fate, called, content)

    if kind == "customer":
        plates = values.customer(row.id, row.version, content).plates
        if seen.plate not in plates:
            return None
        alone = set(plates) == {seen.plate}
        return one("goes" if alone else "loses_plate", values.text(content, "name"))
    event = values.text(content, "event")
    if values.plate(content) != seen.plate and event not in seen.events:
        return None
    if kind == "ticket":
        in_care = values.whole_or_none(content, "handed") is None
        return one("stays" if in_care or event in seen.held else "goes", values.number_of(row.id))
    called = values.text(content, "list" if kind == "known" else "name")
    return one("stays" if event is not None and event in seen.held else "goes", called)


@dataclass(frozen=True, slots=True)
class Belongings:
    """Finds and forgets a plate's rows, for who may."""

    private: Private

    def found(self, by: calls.Caller, lot: bytes, seen: Seen, reason: str) -> Found:
        """Return the plate's rows; each look at a kind is written down."""
        rows: list[Belonging] = []
        unreadable = 0
        for kind in KINDS:
            for row in self._every(by, Place(lot, kind), reason):
                if row.content is None:
                    unreadable += 1
                elif (mine := belonging(kind, row, seen)) is not None:
                    rows.append(mine)
        return Found(tuple(rows), unreadable)

    def forget(self, by: calls.Caller, lot: bytes, rows: Iterable[Belonging], plate: str) -> None:
        """Let rows go, and take the plate out of those that stay; Changed where one was changed."""
        for row in rows:
            at = Place(lot, row.kind)
            with suppress(NotThere):  # it went meanwhile
                if row.fate == "loses_plate":
                    others = _without(row.content, plate)
                    self.private.put(by, at, row.id, row.version, others)
                elif row.fate == "goes":
                    self._drop(by, at, row)

    def _drop(self, by: calls.Caller, at: Place, row: Belonging) -> None:
        def link(write: Connection) -> None:
            if row.kind == "ticket":
                ticket_faces.drop(write, at.lot, row.id)

        self.private.drop(by, at, row.id, row.version, also=link)

    def _every(self, by: calls.Caller, at: Place, reason: str) -> Iterator[Kept]:
        after = b""
        while True:
            page = self._page(by, at, after, reason)
            yield from page.rows
            if page.after is None:
                return
            after = page.after

    def _page(self, by: calls.Caller, at: Place, after: bytes, reason: str) -> Page:
        pause = Event()
        while True:
            try:
                return self.private.page(by, at, after, _AT_ONCE, reason)
            except TooFast:
                pause.wait(_AGAIN_S)


def _without(content: Mapping[str, object], plate: str) -> dict[str, object]:
    plates = content.get("plates")
    kept = plates if isinstance(plates, (list, tuple)) else ()
    return {**content, "plates": [one for one in kept if normalise(str(one)) != plate]}
