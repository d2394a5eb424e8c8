"""The lots there are, with what each may hold and for how long it keeps what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace

from sqlalchemy import Connection

from lot.web.problems import Problem
from lot.web.shapes import TIME, Many, Maybe, Named, Octets, Text, Whole, Word, fields
from server.access.ledger import Ledger
from server.access.roles import Right
from server.api.app import Asked
from server.api.callers import Person
from server.api.operations import Operation, Room
from server.api.spoken import LOT
from server.lot_keeping import CAPACITY_MAX, DAYS_MAX, LotKeeping, New
from server.people.naming import NAME_MAX
from server.store import alarms, lots
from server.store.alarms import Alarm
from server.store.database import Database
from server.store.lots import Lot

LOTS_MAX = 1000
_PAGE = 200

_NAME, _ZONE = Text(NAME_MAX), Text(64)

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
ALARM = Named(
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
ALARMS = fields(rows=Many(ALARM, _PAGE))


def room(database: Database, ledger: Ledger, now: Callable[[], int]) -> Room:
    """Return the room."""
    here = Room("lots", "Lots and their alarms")
    _bind_changes(here, LotKeeping(database, ledger, now))
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
            answer=ALARMS,
            path_shapes={"lot": LOT},
            query={"which": Word(("standing", "all"))},
            is_presence=False,
        )
    )
    def of_lot(asked: Asked) -> Mapping[str, object]:
        lot = own_lot(asked.person, asked.path.octets("lot"))
        with database.read() as connection:
            if asked.query.text_or_none("which") == "all":
                return alarms_said(alarms.page(connection, lot, most=_PAGE))
            return alarms_said(alarms.standing(connection, lot))

    return here


def alarms_said(found: Sequence[Alarm]) -> dict[str, object]:
    """Return a page of alarms as JSON."""
    return {"rows": [asdict(one) for one in found[:_PAGE]]}


def _bind_changes(here: Room, keeping: LotKeeping) -> None:
    def changed(asked: Asked, edit: Callable[[Lot], Lot]) -> Mapping[str, object]:
        lot = own_lot(asked.person, asked.path.octets("lot"))
        return asdict(keeping.change(asked.person.account, lot, edit))

    @here.answers(
        Operation(
            "add_lot",
            "POST",
            "/lots",
            Right.ADMINISTER,
            "Another lot; nobody is at its gates yet.",
            answer=_LOT,
            body=fields(
                name=_NAME,
                timezone=_ZONE,
                capacity=Maybe(Whole(0, CAPACITY_MAX)),
                text_days=Whole(1, DAYS_MAX),
                picture_days=Whole(1, DAYS_MAX),
            ),
            status=201,
        )
    )
    def add(asked: Asked) -> Mapping[str, object]:
        body = asked.body
        new = New(
            body.text("name"),
            body.text("timezone"),
            body.whole_or_none("capacity"),
            body.whole("text_days"),
            body.whole("picture_days"),
        )
        return asdict(keeping.add(asked.person.account, new))

    @here.answers(
        Operation(
            "change_lot",
            "PUT",
            "/lots/{lot}",
            Right.ADMINISTER,
            "What a lot is called, and by which clock its days are counted.",
            answer=_LOT,
            path_shapes={"lot": LOT},
            body=fields(name=_NAME, timezone=_ZONE),
        )
    )
    def called(asked: Asked) -> Mapping[str, object]:
        name, zone = asked.body.text("name"), asked.body.text("timezone")
        return changed(asked, lambda one: replace(one, name=name, timezone=zone))

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
        fits = asked.body.whole_or_none("capacity")
        return changed(asked, lambda one: replace(one, capacity=fits))

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
        return changed(asked, lambda one: replace(one, text_days=text, picture_days=picture))


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
            if alarms.was_ended(write, lot, id_, at):
                return  # a commit whose answer was lost
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
