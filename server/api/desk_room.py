"""The desk: who just arrived, who is expected, tickets given out, cars called and handed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from contract.head import ID_BYTES
from contract.plates import normalise
from lot.web.problems import Problem
from lot.web.shapes import (
    TIME,
    Many,
    Maybe,
    Named,
    Object,
    Octets,
    Shape,
    Text,
    Truth,
    Whole,
    Word,
    fields,
)
from server.access.roles import Limit, Right
from server.api.app import Asked
from server.api.callers import Person
from server.api.lots_room import own_lot
from server.api.operations import Operation, Room
from server.api.private_room import BOOKING, CUSTOMER, KNOWN, kept_said
from server.api.spoken import EVENT_ID, LOT, PLATE, VISIT, visit_said
from server.desk.faces import TOKEN_CHARACTERS
from server.desk.matching import STANDINGS, Hit, Stand
from server.desk.service import WORDS, Given, Held, Service, Taken
from server.desk.values import Booking, Known, Ticket
from server.index.asked import FoundVisit

_ID = Octets(ID_BYTES)
_ONCE = Octets(16)
_LINE, _CODE = Text(200), Text(64)
_LIKENESS = Word(("same", "near"))
_WORDS: Mapping[str, Shape] = {
    "name": Maybe(_LINE),
    "phone": Maybe(_LINE),
    "mail": Maybe(_LINE),
    "looks": Maybe(_LINE),
    "bay": Maybe(_CODE),
    "key": Maybe(_CODE),
    "note": Maybe(Text(2000, lines=True)),
}
TICKET = Named(
    "Ticket",
    Object(
        {
            "id": _ID,
            "version": Whole(1),
            "number": Text(6),
            "event": EVENT_ID,
            "came": TIME,
            "plate": Maybe(Text(16)),
            "booking": Maybe(_ID),
            "called": Maybe(TIME),
            "handed": Maybe(TIME),
            **_WORDS,
        }
    ),
)
_HELD = fields(ticket=TICKET, visit=Maybe(VISIT))
STAND = Named(
    "Expected",
    fields(
        booking=BOOKING,
        standing=Word(STANDINGS),
        visit=Maybe(EVENT_ID),
        likeness=Maybe(_LIKENESS),
    ),
)
_HIT = fields(known=KNOWN, visit=VISIT, likeness=_LIKENESS)
_ROWS_MAX = 5000
HITS = Many(_HIT, _ROWS_MAX)
_PROBLEMS = ("locked", "too_fast", "conflict")


def room(desk: Service) -> Room:
    """Return the room."""
    here = Room("desk", "The desk")
    _bind_looking(here, desk)
    _bind_taking_in(here, desk)
    _bind_tickets(here, desk)
    return here


def _bind_looking(here: Room, desk: Service) -> None:
    @here.answers(
        Operation(
            "read_desk",
            "GET",
            "/lots/{lot}/desk",
            Right.CORRECT,
            "Cars inside without a ticket, tickets, bookings of the shift, and hits of lists.",
            answer=fields(
                arrivals=Many(VISIT, _ROWS_MAX),
                tickets=Many(_HELD, _ROWS_MAX),
                handed=Many(_HELD, _ROWS_MAX),
                bookings=Many(STAND, _ROWS_MAX),
                hits=HITS,
            ),
            path_shapes={"lot": LOT},
            problems=_PROBLEMS,
        )
    )
    def view(asked: Asked) -> Mapping[str, object]:
        found = desk.view(asked.person.by, _lot(asked), sees_lists=sees_lists(asked.person))
        return {
            "arrivals": [visit_said(one) for one in found.arrivals],
            "tickets": [held_said(one) for one in found.tickets],
            "handed": [held_said(one) for one in found.handed],
            "bookings": [stand_said(one) for one in found.bookings],
            "hits": [hit_said(*one) for one in found.hits],
        }

    @here.answers(
        Operation(
            "list_hits",
            "GET",
            "/lots/{lot}/hits",
            Right.SEE_VISITS,
            "Cars inside that are on a list, as far as the caller may see lists.",
            answer=fields(rows=HITS),
            path_shapes={"lot": LOT},
            problems=_PROBLEMS,
        )
    )
    def hits(asked: Asked) -> Mapping[str, object]:
        lot, person = _lot(asked), asked.person
        found = desk.hits_now(person.by, lot) if sees_lists(person) else ()
        return {"rows": [hit_said(*one) for one in found]}

    @here.answers(
        Operation(
            "read_customer_of",
            "GET",
            "/lots/{lot}/customer",
            Right.CORRECT,
            "Whose plate this is, to be filled in; null where nobody was kept for it.",
            answer=fields(customer=Maybe(CUSTOMER)),
            path_shapes={"lot": LOT},
            query={"plate": PLATE},
            problems=_PROBLEMS,
        )
    )
    def customer(asked: Asked) -> Mapping[str, object]:
        lot, plate = _lot(asked), asked.query.text_or_none("plate")
        if plate is None:
            raise Problem("wrong_field", "plate is missing", field="plate")
        found = desk.customer(asked.person.by, lot, normalise(plate))
        return {"customer": None if found is None else kept_said(found)}

    @here.answers(
        Operation(
            "list_stands",
            "GET",
            "/lots/{lot}/expected",
            Right.CORRECT,
            "Every booking that is not forgotten, with how it stands.",
            answer=fields(rows=Many(STAND, _ROWS_MAX)),
            path_shapes={"lot": LOT},
            problems=_PROBLEMS,
        )
    )
    def expected(asked: Asked) -> Mapping[str, object]:
        found = desk.expected(asked.person.by, _lot(asked))
        return {"rows": [stand_said(one) for one in found]}


def _bind_taking_in(here: Room, desk: Service) -> None:
    @here.answers(
        Operation(
            "take_in",
            "POST",
            "/lots/{lot}/tickets",
            Right.CORRECT,
            "Take a car in: by its event, or typed in by hand. The same `once` makes one ticket; "
            "the link's token is shown here and nowhere else.",
            answer=fields(ticket=TICKET, token=Text(TOKEN_CHARACTERS)),
            path_shapes={"lot": LOT},
            body=Object(
                {
                    "once": _ONCE,
                    "event": Maybe(EVENT_ID),
                    "plate": Maybe(PLATE),
                    "booking": Maybe(_ID),
                    **_WORDS,
                },
                frozenset(("event", "plate", "booking", *WORDS)),
            ),
            problems=(*_PROBLEMS, "already_there"),
            status=201,
        )
    )
    def take_in(asked: Asked) -> Mapping[str, object]:
        body, plate = asked.body, asked.body.text_or_none("plate")
        taken = Taken(
            body.octets("once"),
            body.text_or_none("event"),
            None if plate is None else normalise(plate),
            body.octets_or_none("booking"),
            {name: body.text_or_none(name) for name in WORDS},
        )
        return _given_said(desk.take_in(asked.person.by, _lot(asked), taken))


def _bind_tickets(here: Room, desk: Service) -> None:
    def on_one(
        name: str, method: str, says: str, body: Mapping[str, Shape], path: str = ""
    ) -> Operation:
        return Operation(
            name,
            "PUT" if method == "PUT" else "POST",
            f"/lots/{{lot}}/tickets/{{id}}{path}",
            Right.CORRECT,
            says,
            answer=TICKET,
            path_shapes={"lot": LOT, "id": _ID},
            body=Object(body),
            problems=_PROBLEMS,
        )

    @here.answers(
        Operation(
            "read_ticket",
            "GET",
            "/lots/{lot}/tickets/{id}",
            Right.CORRECT,
            "One ticket and the visit of its car.",
            answer=_HELD,
            path_shapes={"lot": LOT, "id": _ID},
            problems=_PROBLEMS,
        )
    )
    def one(asked: Asked) -> Mapping[str, object]:
        return held_said(desk.one(asked.person.by, _lot(asked), asked.path.octets("id")))

    version = Whole(1, meaning="The version it is made from.")
    says = "Write other words on a ticket, by the version that was read."

    @here.answers(on_one("change_ticket", "PUT", says, {"version": version, **_WORDS}))
    def change(asked: Asked) -> Mapping[str, object]:
        words = {name: asked.body.text_or_none(name) for name in WORDS}
        by, id_ = asked.person.by, asked.path.octets("id")
        return ticket_said(desk.change(by, _lot(asked), id_, asked.body.whole("version"), words))

    says = "Have the car brought, or not; twice is as once."

    @here.answers(on_one("call_car", "POST", says, {"called": Truth()}, "/call"))
    def call(asked: Asked) -> Mapping[str, object]:
        called = asked.body.truth_or_none("called") is True
        by, id_ = asked.person.by, asked.path.octets("id")
        return ticket_said(desk.call(by, _lot(asked), id_, called=called))

    says = "Hand the car out, or take that back: its visit ends, or goes on; twice is as once."

    @here.answers(on_one("hand_out", "POST", says, {"handed": Truth()}, "/hand_out"))
    def hand_out(asked: Asked) -> Mapping[str, object]:
        by, lot, id_ = asked.person.by, _lot(asked), asked.path.octets("id")
        if asked.body.truth_or_none("handed") is True:
            return ticket_said(desk.hand_out(by, lot, id_))
        return ticket_said(desk.take_back(by, lot, id_))

    @here.answers(
        Operation(
            "renew_ticket",
            "POST",
            "/lots/{lot}/tickets/{id}/link",
            Right.CORRECT,
            "Give a ticket out anew, for one that was lost: the old link shows nothing any more.",
            answer=fields(ticket=TICKET, token=Text(TOKEN_CHARACTERS)),
            path_shapes={"lot": LOT, "id": _ID},
            body=fields(once=_ONCE),
            problems=_PROBLEMS,
            status=201,
        )
    )
    def renew(asked: Asked) -> Mapping[str, object]:
        by, id_ = asked.person.by, asked.path.octets("id")
        return _given_said(desk.new_link(by, _lot(asked), id_, asked.body.octets("once")))


def ticket_said(one: Ticket) -> dict[str, object]:
    """Return a ticket as JSON."""
    names = ("id", "version", "number", "event", "came", "plate", "booking", "called", "handed")
    return {name: getattr(one, name) for name in (*names, *WORDS)}


def held_said(one: Held) -> dict[str, object]:
    """Return a ticket with its visit as JSON."""
    visit = None if one.visit is None else visit_said(one.visit)
    return {"ticket": ticket_said(one.ticket), "visit": visit}


def stand_said(one: Stand) -> dict[str, object]:
    """Return how a booking stands as JSON."""
    return {
        "booking": row_said(one.booking),
        "standing": one.standing,
        "visit": None if one.visit is None else one.visit.id,
        "likeness": one.likeness,
    }


def hit_said(hit: Hit, visit: FoundVisit) -> dict[str, object]:
    """Return a car on a list as JSON."""
    return {
        "known": row_said(hit.known),
        "visit": visit_said(visit),
        "likeness": hit.likeness,
    }


def row_said(row: Booking | Known) -> dict[str, object]:
    """Return a row that the rules read as its own room says it."""
    content = asdict(row)
    return {"id": content.pop("id"), "version": content.pop("version"), "content": content}


def _given_said(given: Given) -> dict[str, object]:
    return {"ticket": ticket_said(given.ticket), "token": given.token}


def sees_lists(person: Person) -> bool:
    """Whoever must say why sees lists where the reason can be said, and not by the way."""
    return person.may(Right.SEE_LISTS) in (Limit.FULL, Limit.INSIDE)


def _lot(asked: Asked) -> bytes:
    return own_lot(asked.person, asked.path.octets("lot"))
