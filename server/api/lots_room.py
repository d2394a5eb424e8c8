"""The lots there are, with what each may hold and for how long it keeps what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from server.access.roles import Right
from server.api.app import Asked
from server.api.callers import Person
from server.api.operations import Operation, Room
from server.api.problems import Problem
from server.api.shapes import TIME, Many, Maybe, Named, Octets, Text, Whole, Word, fields
from server.api.spoken import LOT
from server.store import alarms, lots
from server.store.alarms import Alarm
from server.store.database import Database

LOTS_MAX = 1000
_PAGE = 200

_LOT = Named(
    "Lot",
    fields(
        lot=LOT,
        name=Text(64),
        timezone=Text(64),
        capacity=Maybe(Whole()),
        text_days=Whole(),
        picture_days=Whole(),
        made=TIME,
    ),
)
_ALARM = Named(
    "Alarm",
    fields(
        lot=LOT,
        id=Octets(16),
        kind=Text(24),
        writer=Maybe(Octets(16)),
        camera=Maybe(Text(64)),
        said=Text(500),
        at=TIME,
        ended=Maybe(TIME),
    ),
)


def room(database: Database) -> Room:
    """Return the room."""
    here = Room("lots", "Lots and their alarms")

    @here.answers(
        Operation(
            "list_lots",
            "GET",
            "/lots",
            Right.COUNT,
            "Every lot that the caller belongs to.",
            answer=fields(rows=Many(_LOT, LOTS_MAX)),
        )
    )
    def every(asked: Asked) -> Mapping[str, object]:
        with database.read() as connection:
            found = lots.every(connection)
        return {"rows": [asdict(one) for one in found if asked.person.sees(one.lot)]}

    @here.answers(
        Operation(
            "list_alarms",
            "GET",
            "/lots/{lot}/alarms",
            Right.COUNT,
            "What somebody should look at, the newest first; none names a plate.",
            answer=fields(rows=Many(_ALARM, _PAGE)),
            path_shapes={"lot": LOT},
            query={"which": Word(("standing", "all"))},
        )
    )
    def of_lot(asked: Asked) -> Mapping[str, object]:
        lot = own_lot(asked.person, asked.path.octets("lot"))
        with database.read() as connection:
            found: list[Alarm] = (
                alarms.page(connection, lot, most=_PAGE)
                if asked.query.text_or_none("which") == "all"
                else alarms.standing(connection, lot)[:_PAGE]
            )
        return {"rows": [asdict(one) for one in found]}

    return here


def own_lot(person: Person, lot: bytes) -> bytes:
    """Return a lot that the caller belongs to; all others are not there for them."""
    if not person.sees(lot):
        raise Problem("not_found", "there is no such lot")
    return lot
