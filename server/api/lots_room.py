"""The lots there are, with what each may hold and for how long it keeps what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace

from sqlalchemy import Connection

from server.access.ledger import Ledger
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
from server.store.lots import Lot

LOTS_MAX = 1000
CAPACITY_MAX = 1_000_000
DAYS_MAX = 3660  # ten years
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


def room(database: Database, ledger: Ledger, now: Callable[[], int]) -> Room:
    """Return the room."""
    here = Room("lots", "Lots and their alarms")
    _bind_changes(here, database, ledger)
    _bind_ending(here, database, ledger, now)

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


def _bind_changes(here: Room, database: Database, ledger: Ledger) -> None:
    def changed(asked: Asked, **values: object) -> Mapping[str, object]:
        lot = own_lot(asked.person, asked.path.octets("lot"))

        def work(write: Connection) -> Lot:
            known = lots.found(write, lot)
            if known is None:
                raise Problem("not_found", "there is no such lot")
            new = replace(known, **values)  # type: ignore[arg-type]  # the shapes made them
            lots.change(write, new)
            ledger.line(write, "lot_changed", values, lot=lot, actor=asked.person.account)
            return new

        return asdict(database.write(work))

    @here.answers(
        Operation(
            "change_capacity",
            "PUT",
            "/lots/{lot}/capacity",
            Right.MANAGE,
            "How many cars the lot holds; null where nobody says.",
            answer=_LOT,
            path_shapes={"lot": LOT},
            body=fields(capacity=Maybe(Whole(0, CAPACITY_MAX))),
        )
    )
    def capacity(asked: Asked) -> Mapping[str, object]:
        return changed(asked, capacity=asked.body.whole_or_none("capacity"))

    @here.answers(
        Operation(
            "change_retention",
            "PUT",
            "/lots/{lot}/retention",
            Right.ADMINISTER,
            "For how many days events and pictures are kept; shorter ones take effect tonight.",
            answer=_LOT,
            path_shapes={"lot": LOT},
            body=fields(text_days=Whole(1, DAYS_MAX), picture_days=Whole(1, DAYS_MAX)),
        )
    )
    def retention(asked: Asked) -> Mapping[str, object]:
        text, picture = asked.body.whole("text_days"), asked.body.whole("picture_days")
        if picture > text:
            must = "picture_days must not be more than text_days"
            raise Problem("wrong_field", must, field="picture_days")
        return changed(asked, text_days=text, picture_days=picture)


def _bind_ending(here: Room, database: Database, ledger: Ledger, now: Callable[[], int]) -> None:
    @here.answers(
        Operation(
            "end_alarm",
            "DELETE",
            "/lots/{lot}/alarms/{id}",
            Right.MANAGE,
            "Say that an alarm was seen to; it stays in the list of all.",
            path_shapes={"lot": LOT, "id": Octets(16)},
            status=204,
        )
    )
    def end(asked: Asked) -> None:
        lot, id_ = own_lot(asked.person, asked.path.octets("lot")), asked.path.octets("id")
        at = now()

        def work(write: Connection) -> None:
            if all(one.id != id_ for one in alarms.standing(write, lot)):
                raise Problem("not_found", "no such alarm stands")
            alarms.end(write, lot, id_, at)
            ledger.line(write, "alarm_ended", {"alarm": id_}, lot=lot, actor=asked.person.account)

        database.write(work)


def own_lot(person: Person, lot: bytes) -> bytes:
    """Return a lot that the caller belongs to; all others are not there for them."""
    if not person.sees(lot):
        raise Problem("not_found", "there is no such lot")
    return lot
