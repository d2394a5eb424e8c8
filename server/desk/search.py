"""The one field: which car is meant, from all that the desk and the cameras know of the cars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from contract.plates import LENGTH_MAX, normalise
from lot.times import zone
from server.access.ledger import Ledger
from server.desk import values
from server.desk.finding import Car, ranked, words
from server.desk.service import Service
from server.desk.shelf import Shelf
from server.desk.values import Customer
from server.index.asked import FoundVisit, PlateAsked, Query
from server.keys.holder import bodies, calls
from server.keys.holder.client import Keyholder
from server.store import lots
from server.store.database import Database
from server.store.lots import Lot

FOUND_MAX = 12  # what is seen without scrolling on a phone
_PLATES_MAX = 8
_LETTERS_MIN = 2  # one letter is in every plate


@dataclass(frozen=True, slots=True)
class Found:
    """A car that may be meant, and the lot it is in."""

    lot: bytes
    car: Car
    visit: FoundVisit | None


@dataclass(frozen=True, slots=True)
class Search:
    """Answers the field, for whoever may see what is found."""

    database: Database
    keyholder: Keyholder
    ledger: Ledger
    desk: Service
    shelf: Shelf
    now: Callable[[], int]  # µs UTC

    def found(
        self,
        by: calls.Caller,
        asked: str,
        reason: str | None,
        *,
        sees: Callable[[bytes], bool],
        is_desk: bool,
    ) -> list[Found]:
        """Return the cars that are meant, the best first; what the desk knows only who has it."""
        with self.database.read() as read:
            seen = [one for one in lots.every(read) if sees(one.lot)]
        found: list[Found] = []
        for lot in seen:
            found += self._in_lot(by, lot, asked, is_desk=is_desk)
        found.sort(key=lambda one: not one.car.inside)  # each lot's own order stays
        known = {one.car.visit.id for one in found if one.car.visit is not None}
        found += self._read_elsewhere(by, asked, reason, known)
        detail = {"of": "field", "asked": asked, "reason": reason, "found": len(found)}
        actor = bodies.session(by.session.body).account
        self.database.write(lambda write: self.ledger.line(write, "search", detail, actor=actor))
        return found[:FOUND_MAX]

    def _in_lot(self, by: calls.Caller, lot: Lot, asked: str, *, is_desk: bool) -> Iterator[Found]:
        inside = self.shelf.inside(by, lot.lot)
        visits = {one.visit.id: one for one in inside}
        cars = [Car(one.visit, _vehicle(one)) for one in inside]
        if is_desk:
            cars = list(self._known(by, lot.lot, inside))
        for car in ranked(words(asked), cars, zone(lot.timezone)):
            yield Found(lot.lot, car, None if car.visit is None else visits.get(car.visit.id))

    def _known(self, by: calls.Caller, lot: bytes, inside: Iterable[FoundVisit]) -> Iterator[Car]:
        """Yield cars inside with what the desk knows of them, and who is not inside."""
        there = list(inside)
        tickets = {one.event: one for one in self.desk.tickets(by, lot)}
        stands = self.desk.stands(by, lot, there, self.now())
        booked = {one.visit.id: one.booking for one in stands if one.visit is not None}
        customers = _by_plate(self._customers(by, lot))
        shown = set()
        for one in there:
            visit = one.visit
            events = (visit.entry, *visit.during)
            ticket = next((tickets[id_] for id_ in events if id_ in tickets), None)
            if ticket is not None:
                shown.add(ticket.id)
            customer = customers.get(visit.plate or "")
            kind = _vehicle(one)
            yield Car(visit, kind, ticket, booked.get(visit.id), customer)
        for ticket in tickets.values():
            if ticket.id not in shown:
                yield Car(None, None, ticket)
        for stand in stands:
            if stand.visit is None and stand.standing in ("expected", "late"):
                yield Car(None, None, None, stand.booking)

    def _customers(self, by: calls.Caller, lot: bytes) -> list[Customer]:
        rows = self.shelf.rows(by, lot, "customer")
        return [values.customer(o.id, o.version, o.content) for o in rows if o.content is not None]

    def _read_elsewhere(
        self, by: calls.Caller, asked: str, reason: str | None, known: set[str]
    ) -> Iterator[Found]:
        """Yield what cameras read at any time: a part of a plate, else one letter wrong."""
        spelt = normalise(asked)
        if not _LETTERS_MIN <= len(spelt) <= LENGTH_MAX or len(asked.split()) > 2:
            return
        for how in ("partial", "near"):
            if how == "near" and len(spelt) < 5:
                return
            query = Query(plate=PlateAsked(spelt, how), limit=_PLATES_MAX)
            rows = self.keyholder.search_visits(calls.SearchVisits(by, query, reason)).rows
            for one in rows:
                if one.visit.id not in known:
                    yield Found(one.lot, Car(one.visit, _vehicle(one)), one)
            if rows:
                return


def _by_plate(customers: Iterable[Customer]) -> Mapping[str, Customer]:
    return {plate: one for one in customers for plate in one.plates}


def _vehicle(one: FoundVisit) -> str | None:
    return None if one.entry is None else one.entry.vehicle
