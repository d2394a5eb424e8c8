"""The one field of every page: whatever is known of a car finds it."""

from __future__ import annotations

from collections.abc import Mapping

from lot.web.problems import Problem
from lot.web.shapes import Many, Maybe, Text, Truth, Whole, fields
from server.access.roles import Limit, Right
from server.api.app import Asked
from server.api.desk_room import TICKET, row_said, ticket_said
from server.api.operations import Operation, Room
from server.api.private_room import BOOKING
from server.api.spoken import LOT, REASON, VISIT, visit_said
from server.desk.search import FOUND_MAX, Found, Search


def room(search: Search) -> Room:
    """Return the room."""
    here = Room("find", "The one field")

    @here.answers(
        Operation(
            "find_cars",
            "GET",
            "/find",
            Right.SEARCH,
            "Cars by whatever is known of them: plate or a part of it, ticket, key tag, bay, name, "
            "phone, and free words such as `white tahoe noon`. Those inside stand first.",
            answer=fields(
                rows=Many(
                    fields(
                        lot=LOT,
                        inside=Truth(),
                        visit=Maybe(VISIT),
                        ticket=Maybe(TICKET),
                        booking=Maybe(BOOKING),
                        customer=Maybe(Text(200)),
                    ),
                    FOUND_MAX,
                ),
                total=Whole(0, FOUND_MAX),
            ),
            query={"q": Text(100), "reason": REASON},
            problems=("locked", "reason_needed", "too_fast"),
        )
    )
    def find(asked: Asked) -> Mapping[str, object]:
        person, typed = asked.person, (asked.query.text_or_none("q") or "").strip()
        reason = asked.query.text_or_none("reason")
        if person.may(Right.SEARCH) is Limit.WITH_A_REASON and reason is None:
            raise Problem("reason_needed", "say in `reason` why this car is looked for")
        is_desk = person.may(Right.CORRECT) is not None
        found = (
            search.found(person.by, typed, reason, sees=person.sees, is_desk=is_desk)
            if typed
            else []
        )
        return {"rows": [_said(one) for one in found], "total": len(found)}

    return here


def _said(one: Found) -> dict[str, object]:
    car = one.car
    return {
        "lot": one.lot,
        "inside": car.inside,
        "visit": None if one.visit is None else visit_said(one.visit),
        "ticket": None if car.ticket is None else ticket_said(car.ticket),
        "booking": None if car.booking is None else row_said(car.booking),
        "customer": None if car.customer is None else car.customer.name,
    }
