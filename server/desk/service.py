"""What the desk does: shows who is there and expected, takes cars in, calls and hands them out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TypeVar

from sqlalchemy import Connection

from contract.plates import normalise
from lot.errors import Refused
from server.access.ledger import Ledger
from server.desk import faces, values
from server.desk.faces import Face
from server.desk.matching import EARLY_US, Hit, Stand, hits, stands
from server.desk.shelf import Shelf
from server.desk.values import Booking, Content, Known, Ticket
from server.index.asked import FoundVisit
from server.keys.holder import bodies, calls
from server.keys.holder.client import Keyholder
from server.private.rows import Kept, Place, Private
from server.records import statements
from server.records.statements import CheckedOut, Saying, Statement, Withdrawn
from server.records.writing import Typed
from server.refusals import AlreadyThere, Changed, NotThere
from server.store import ticket_faces
from server.store.ticket_faces import TicketFace

T = TypeVar("T")

HOUR_US = 3_600_000_000
ARRIVED_US = 12 * HOUR_US  # who came before and was not taken in parks alone
ARRIVALS_MAX = 30
SHIFT_US = 12 * HOUR_US
BEFORE_US = 6 * HOUR_US  # who did not come is shown for so long
FORGETS_US = 30 * 24 * HOUR_US  # a booking that is over is asked for no more
_SWEPT_MAX = 20  # at a look, so that none waits for it


@dataclass(frozen=True, slots=True)
class Held:
    """A ticket and the visit of its car, None where its event is not in the index yet."""

    ticket: Ticket
    visit: FoundVisit | None


@dataclass(frozen=True, slots=True)
class View:
    """What stands before the desk."""

    arrivals: tuple[FoundVisit, ...]  # inside without a ticket, the newest first
    tickets: tuple[Held, ...]  # the called before the others, then the newest
    handed: tuple[Held, ...]  # of the last day, to be taken back
    bookings: tuple[Stand, ...]
    hits: tuple[tuple[Hit, FoundVisit], ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """A car as the desk takes it in; without an event somebody types it in."""

    once: bytes  # of the form, so that the same one sent twice makes one ticket
    event: str | None
    plate: str | None
    booking: bytes | None
    words: Mapping[str, str | None] = field(repr=False)  # name, phone, mail, looks, bay, key, note


@dataclass(frozen=True, slots=True)
class Given:
    """A ticket that was given out, and its link's token."""

    ticket: Ticket
    token: str = field(repr=False)


WORDS = ("name", "phone", "mail", "looks", "bay", "key", "note")


@dataclass(frozen=True)
class Service:
    """The desk of every lot; safe to share between threads."""

    private: Private
    keyholder: Keyholder
    ledger: Ledger
    shelf: Shelf
    said: Callable[[bytes, bytes, Saying], Statement]
    typed: Callable[[bytes, bytes, Typed], str]
    now: Callable[[], int]  # µs UTC
    lock: Lock = field(default_factory=Lock)

    def view(self, by: calls.Caller, lot: bytes, *, sees_lists: bool) -> View:
        """Return what stands before the desk; what is over for long is forgotten by the way."""
        now = self.now()
        inside = self.shelf.inside(by, lot)
        by_event = {id_: one for one in inside for id_ in _events(one)}
        held = [self._held(by, lot, one, by_event) for one in self.tickets(by, lot)]
        ticketed = {one.visit.visit.id for one in held if one.visit is not None}
        ticketed |= {one.ticket.event for one in held}
        open_, handed = self._parted(by, lot, held, now)
        stands_ = self.stands(by, lot, inside, now)
        self._forget(by, lot, handed, stands_, now)
        view = View(
            tuple(one for one in inside if _arrived(one, ticketed, now))[:ARRIVALS_MAX],
            tuple(sorted(open_, key=_called_first)),
            tuple(one for one in handed if _since(one.ticket, now) < faces.LASTS_US),
            tuple(one for one in stands_ if _of_shift(one, now)),
            self.hits(by, lot, inside) if sees_lists else (),
        )
        self._written(by, lot, {"of": "desk", "cars": len(view.arrivals) + len(view.tickets)})
        return view

    def one(self, by: calls.Caller, lot: bytes, id_: bytes) -> Held:
        """Return a ticket and the visit of its car; the look is written down."""
        ticket = self._known(by, lot, id_)
        visit = next(iter(self.keyholder.visit(calls.OneVisit(by, lot, ticket.event)).rows), None)
        self._written(by, lot, {"of": "ticket", "row": id_})
        return Held(ticket, visit)

    def hits_now(self, by: calls.Caller, lot: bytes) -> tuple[tuple[Hit, FoundVisit], ...]:
        """Return the cars inside that are on a list; the look is written down."""
        found = self.hits(by, lot, self.shelf.inside(by, lot))
        if found:
            self._written(by, lot, {"of": "hits", "cars": len(found)})
        return found

    def expected(self, by: calls.Caller, lot: bytes) -> list[Stand]:
        """Return every booking with how it stands; the look is written down."""
        found = self.stands(by, lot, self.shelf.inside(by, lot), self.now())
        self._written(by, lot, {"of": "bookings", "rows": len(found)})
        return found

    def customer(self, by: calls.Caller, lot: bytes, plate: str) -> Kept | None:
        """Return whose plate this is, as it is kept; the look is written down."""
        rows = [one for one in self.shelf.rows(by, lot, "customer") if one.content is not None]
        found = next((one for one in rows if _has(one, plate)), None)
        known = None if found is None else found.id
        self._written(by, lot, {"of": "customer", "plate": plate, "row": known})
        return found

    def tickets(self, by: calls.Caller, lot: bytes) -> list[Ticket]:
        """Return every ticket that is not forgotten."""
        return _read(self.shelf.rows(by, lot, "ticket"), values.ticket)

    def bookings(self, by: calls.Caller, lot: bytes) -> list[Booking]:
        return _read(self.shelf.rows(by, lot, "booking"), values.booking)

    def stands(
        self, by: calls.Caller, lot: bytes, inside: Sequence[FoundVisit], now: int
    ) -> list[Stand]:
        """Return how bookings stand; who left is asked for only where somebody is missing."""
        known = self.bookings(by, lot)
        found = stands(known, [one.visit for one in inside], now)
        missing = [
            one.booking.begins - EARLY_US
            for one in found
            if one.visit is None and one.standing in ("late", "no_show", "expected")
            if one.booking.begins - EARLY_US <= now < one.booking.ends + SHIFT_US
        ]
        if not missing:
            return found
        gone = self.shelf.gone(by, lot, min(missing))
        return stands(known, [one.visit for one in (*inside, *gone)], now)

    def hits(
        self, by: calls.Caller, lot: bytes, inside: Iterable[FoundVisit]
    ) -> tuple[tuple[Hit, FoundVisit], ...]:
        """Return the cars inside that are on a list."""
        listed: list[Known] = _read(self.shelf.rows(by, lot, "known"), values.known)
        found = {one.visit.id: one for one in inside}
        met = hits(listed, (one.visit for one in found.values()))
        return tuple((hit, found[hit.visit.id]) for hit in met)

    def take_in(self, by: calls.Caller, lot: bytes, taken: Taken) -> Given:
        """Give out a ticket for a car; the same form sent twice makes one."""
        token = faces.token(taken.once)
        id_ = faces.id_of(token)
        with self.lock:  # two taps come to the same process
            known = {one.id: one for one in self.tickets(by, lot)}
            if id_ in known:
                return Given(_same_car(known[id_], taken), token)
            plate, came, event = taken.plate, self.now(), taken.event
            found = self._meant(by, lot, taken)
            if found is not None:
                self._check_free(known.values(), found)
                event, came = event or found.visit.id, found.visit.at
                plate = found.visit.plate or plate
            event = event or self._typed(by, lot, taken, came)
            if taken.booking is not None:
                self._came(by, lot, taken.booking, event)
            content = _content(taken, event, plate, came)
            return Given(self._put(by, lot, id_, 0, content, faces.key_of(token)), token)

    def change(
        self, by: calls.Caller, lot: bytes, id_: bytes, was: int, words: Mapping[str, str | None]
    ) -> Ticket:
        """Write down other words of a ticket; Changed where somebody did meanwhile."""
        content = self._row(by, lot, id_)
        return self._again(by, lot, id_, was, {**content, **words})

    def call(self, by: calls.Caller, lot: bytes, id_: bytes, *, called: bool) -> Ticket:
        """Say that the car is to be brought, or that it is not; twice is as once."""
        known = self._known(by, lot, id_)
        if (known.called is not None) == called:
            return known
        at = self.now() if called else None
        return self._again(by, lot, id_, known.version, {**self._row(by, lot, id_), "called": at})

    def hand_out(self, by: calls.Caller, lot: bytes, id_: bytes) -> Ticket:
        """Give the car back: its visit ends, unless a camera saw it leave; twice is as once."""
        with self.lock:
            known = self._known(by, lot, id_)
            if known.handed is not None:
                return known
            now = self.now()
            found = self.keyholder.visit(calls.OneVisit(by, lot, known.event)).rows
            told: str | None = None
            if not found or found[0].visit.inside:
                says = CheckedOut(known.event, now)
                told = self.said(lot, _account(by), says).id
            content = {**self._row(by, lot, id_), "handed": now, "said": told}
            return self._again(by, lot, id_, known.version, content)

    def take_back(self, by: calls.Caller, lot: bytes, id_: bytes) -> Ticket:
        """The car was not given back after all."""
        with self.lock:
            known = self._known(by, lot, id_)
            if known.handed is None:
                return known
            told = known.said or self._checked_out(by, lot, known.event)
            if told is not None:
                self.said(lot, _account(by), Withdrawn(told))
            content = {**self._row(by, lot, id_), "handed": None, "said": None}
            return self._again(by, lot, id_, known.version, content)

    def new_link(self, by: calls.Caller, lot: bytes, id_: bytes, once: bytes) -> Given:
        """Give out a ticket anew, for one that was lost: the old link shows nothing any more."""
        token = faces.token(once)
        with self.lock:
            new = faces.id_of(token)
            known = {one.id: one for one in self.tickets(by, lot)}
            if new in known:
                if id_ in known:  # it was cut before the old link ended
                    self._drop(by, lot, known[id_])
                return Given(known[new], token)
            old = self._known(by, lot, id_)
            content = {**self._row(by, lot, id_)}
            made = self._put(by, lot, new, 0, content, faces.key_of(token))
            self._drop(by, lot, old)
            return Given(made, token)

    # --- what these stand on ----------------------------------------------------------------

    def _held(
        self, by: calls.Caller, lot: bytes, ticket: Ticket, inside: Mapping[str, FoundVisit]
    ) -> Held:
        visit = inside.get(ticket.event)
        if visit is None and ticket.handed is None:  # it left, or is not in the index yet
            visit = next(
                iter(self.keyholder.visit(calls.OneVisit(by, lot, ticket.event)).rows), None
            )
        return Held(ticket, visit)

    def _parted(
        self, by: calls.Caller, lot: bytes, held: Iterable[Held], now: int
    ) -> tuple[list[Held], list[Held]]:
        """Part the open tickets from those whose car is gone, whether or not the desk gave it."""
        open_: list[Held] = []
        handed: list[Held] = []
        for one in held:
            left = None if one.visit is None else one.visit.visit.left_at
            if one.ticket.handed is None and left is not None and left <= now:
                try:
                    content = {**self._row(by, lot, one.ticket.id), "handed": left}
                    one = replace(  # noqa: PLW2901 - the same ticket, written down
                        one, ticket=self._again(by, lot, one.ticket.id, one.ticket.version, content)
                    )
                except (Changed, NotThere):
                    continue  # somebody else's look did it
            (open_ if one.ticket.handed is None else handed).append(one)
        return open_, sorted(handed, key=lambda one: -(one.ticket.handed or 0))

    def _forget(
        self, by: calls.Caller, lot: bytes, handed: Iterable[Held], told: Iterable[Stand], now: int
    ) -> None:
        """Let go of tickets a day after their car left, and of bookings that are long over."""
        over = [one.ticket for one in handed if _since(one.ticket, now) >= faces.LASTS_US]
        for ticket in over[:_SWEPT_MAX]:
            with suppress(Changed, NotThere):  # another desk's look did it
                self._drop(by, lot, ticket)
        past = [one.booking for one in told if now - one.booking.ends > FORGETS_US]
        for booking in past[:_SWEPT_MAX]:
            with suppress(Changed, NotThere):
                self.private.drop(by, Place(lot, "booking"), booking.id, booking.version)

    def _meant(self, by: calls.Caller, lot: bytes, taken: Taken) -> FoundVisit | None:
        """Return the visit of the car that is taken in; None where no camera saw it come.

        One that is typed in, but was read at the gate, is the car that came: not a second one.
        """
        if taken.event is not None:
            return self._visit(by, lot, taken.event)
        if taken.plate is None:
            return None
        try:
            inside = self.shelf.inside(by, lot)
        except Refused:  # just unlocked, the index is being built: no queue waits for that
            return None
        return next((one for one in inside if one.visit.plate == taken.plate), None)

    def _visit(self, by: calls.Caller, lot: bytes, event: str) -> FoundVisit:
        found = self.keyholder.visit(calls.OneVisit(by, lot, event)).rows
        if not found:
            raise NotThere("there is no such car, or you may not see it", then="look again")
        return found[0]

    def _check_free(self, tickets: Iterable[Ticket], found: FoundVisit) -> None:
        taken = {one.event for one in tickets if one.handed is None}
        if taken & _events(found):
            raise AlreadyThere("this car has a ticket already", then="open that one")

    def _typed(self, by: calls.Caller, lot: bytes, taken: Taken, at: int) -> str:
        return self.typed(lot, _account(by), Typed("entry", at, taken.plate))

    def _came(self, by: calls.Caller, lot: bytes, id_: bytes, event: str) -> None:
        """Write down which car a booking came with: its plate may be another, or none."""
        for one in self.shelf.rows(by, lot, "booking"):
            if one.id == id_ and one.content is not None:
                content = {**one.content, "event": event, "state": "expected"}
                self.private.put(by, Place(lot, "booking"), id_, one.version, content)
                return
        raise NotThere("there is no such booking", then="look at the list again")

    def _known(self, by: calls.Caller, lot: bytes, id_: bytes) -> Ticket:
        for one in self.tickets(by, lot):
            if one.id == id_:
                return one
        raise NotThere("there is no such ticket", then="look at the desk again")

    def _checked_out(self, by: calls.Caller, lot: bytes, event: str) -> str | None:
        """Return the statement that ended a visit: handing out was cut before it was noted here."""
        asked = calls.SaidAbout(by, lot, (event,))
        told = [statements.decoded(one) for one in self.keyholder.said_about(asked)]
        gone = {one.says.statement for one in told if isinstance(one.says, Withdrawn)}
        said = [one for one in told if isinstance(one.says, CheckedOut) and one.id not in gone]
        return max((one.id for one in said), default=None)

    def _row(self, by: calls.Caller, lot: bytes, id_: bytes) -> dict[str, object]:
        for one in self.shelf.rows(by, lot, "ticket"):
            if one.id == id_ and one.content is not None:
                return dict(one.content)
        raise NotThere("there is no such ticket", then="look at the desk again")

    def _again(
        self, by: calls.Caller, lot: bytes, id_: bytes, was: int, content: Content
    ) -> Ticket:
        key = bytes.fromhex(str(content["face"]))
        return self._put(by, lot, id_, was, content, key)

    def _put(
        self, by: calls.Caller, lot: bytes, id_: bytes, was: int, content: Content, key: bytes
    ) -> Ticket:
        """Keep a ticket and what its link shows, both or neither."""
        plain = {**content, "face": key.hex()}
        made = values.ticket(id_, was + 1, plain)
        face = TicketFace(lot, id_, faces.sealed(_face(made), key, lot, id_))

        def also(write: Connection) -> None:
            ticket_faces.put(write, face)

        self.private.put(by, Place(lot, "ticket"), id_, was, plain, also=also)
        return made

    def _drop(self, by: calls.Caller, lot: bytes, ticket: Ticket) -> None:
        def also(write: Connection) -> None:
            ticket_faces.drop(write, lot, ticket.id)

        self.private.drop(by, Place(lot, "ticket"), ticket.id, ticket.version, also=also)

    def _written(self, by: calls.Caller, lot: bytes, detail: Mapping[str, object]) -> None:
        self.private.database.write(
            lambda write: self.ledger.line(write, "search", detail, lot=lot, actor=_account(by))
        )


def _content(taken: Taken, event: str, plate: str | None, came: int) -> dict[str, object]:
    return {
        **{name: taken.words.get(name) for name in WORDS},
        "event": event,
        "came": came,
        "plate": plate,
        "booking": None if taken.booking is None else taken.booking.hex(),
        "called": None,
        "handed": None,
        "said": None,
    }


def _same_car(known: Ticket, taken: Taken) -> Ticket:
    """Return the ticket that a form made; AlreadyThere where it names another car by now."""
    named = taken.event is not None or taken.plate is not None
    if named and known.event != taken.event and known.plate != taken.plate:
        raise AlreadyThere("this form made a ticket of another car", then="begin a new one")
    return known


def _face(ticket: Ticket) -> Face:
    tail = faces.tail(ticket.plate)
    return Face(ticket.bay, ticket.came, ticket.called, ticket.handed, tail)


def _events(found: FoundVisit) -> set[str]:
    visit = found.visit
    return {one for one in (visit.entry, visit.exit, *visit.during) if one is not None}


def _arrived(found: FoundVisit, ticketed: set[str], now: int) -> bool:
    return now - found.visit.at < ARRIVED_US and not ticketed & {found.visit.id, *_events(found)}


def _called_first(one: Held) -> tuple[bool, int]:
    called = one.ticket.called
    return called is None, -one.ticket.came if called is None else called


def _of_shift(one: Stand, now: int) -> bool:
    """A booking is shown from half a day before it begins until it is over, a no-show longer."""
    begins, ends = one.booking.begins, one.booking.ends
    here = one.visit is not None and one.visit.inside
    return here or (begins - SHIFT_US <= now < ends + BEFORE_US and one.standing != "cancelled")


def _since(ticket: Ticket, now: int) -> int:
    return now - (now if ticket.handed is None else ticket.handed)


def _has(customer: Kept, plate: str) -> bool:
    assert customer.content is not None
    known = values.customer(customer.id, customer.version, customer.content)
    return plate in map(normalise, known.plates)


def _account(by: calls.Caller) -> bytes:
    return bodies.session(by.session.body).account


def _read(rows: Iterable[Kept], read: Callable[[bytes, int, Content], T]) -> list[T]:
    return [read(one.id, one.version, one.content) for one in rows if one.content is not None]
