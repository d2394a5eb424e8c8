"""What is forgotten, and what is kept from it: retention, one plate's erasure, holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from lot.web.shapes import TIME, Many, Maybe, Named, Octets, Text, Whole, Word, fields
from server.access.roles import Right
from server.access.rows import HOLD
from server.api.app import Asked
from server.api.lots_room import own_lot
from server.api.operations import Operation, Room
from server.api.parts import Parts
from server.api.spoken import EVENT_ID, LOT, PLATE, REASON
from server.index.ids import id_bytes, id_text
from server.private.belongings import KINDS, Belonging, Fate
from server.private.rows import Kept
from server.retention.erasing import Erasing, Meant, Sight, erasing
from server.retention.holding import Holding, holding
from server.retention.plan import Going
from server.retention.retaining import Due, Retaining, retaining

PAGE_MAX = 200
_EVENTS_MAX = 500
_ROWS_MAX = 10_000
_COUNT = Whole()

_GOING = Named(
    "Going",
    fields(
        lot=LOT,
        writer=Octets(16),
        text_keys=_COUNT,
        picture_keys=_COUNT,
        audit_keys=_COUNT,
        records=_COUNT,
        first=Maybe(TIME),
        last=Maybe(TIME),
    ),
)
_DUE = Named(
    "Due",
    fields(
        mark=Octets(32),
        days=_COUNT,
        waits=Maybe(Text(500)),
        rows=Many(_GOING, _ROWS_MAX),
    ),
)
_WRITTEN = Named(
    "Written",
    fields(kind=Word(KINDS), id=Octets(16), called=Maybe(Text(200)), fate=Word(get_args(Fate))),
)
_SIGHT = Named(
    "Sight",
    fields(
        events=_COUNT,
        statements=_COUNT,
        records=_COUNT,
        first=Maybe(TIME),
        last=Maybe(TIME),
        doubtful=Many(EVENT_ID, _EVENTS_MAX),
        held=Many(EVENT_ID, _EVENTS_MAX),
        written=Many(_WRITTEN, _EVENTS_MAX),
        unreadable=_COUNT,
        keys_go=Maybe(TIME),
        audit_days=_COUNT,
        backup_days=_COUNT,
        edge_days=_COUNT,
        still=Many(Text(500), 16),
    ),
)
_HOLD = Named(
    HOLD.capitalize(),
    fields(event=EVENT_ID, by=Maybe(Octets(16)), at=Maybe(TIME), reason=Maybe(REASON)),
)
_MEANT = fields(
    optional=["theirs"], plate=PLATE, ground=Text(200), theirs=Many(EVENT_ID, _EVENTS_MAX)
)


def room(of: Parts) -> Room:
    """Return the room."""
    here = Room("forgetting", "Retention, erasures, holds")
    _bind_retention(here, retaining(of), of)
    _bind_erasures(here, erasing(of))
    _bind_holds(here, holding(of))
    return here


def _bind_retention(here: Room, runs: Retaining, of: Parts) -> None:
    @here.answers(
        Operation(
            "list_due",
            "GET",
            "/retention/due",
            Right.ADMINISTER,
            "What is due to be forgotten; `waits` says why it does not go by itself.",
            answer=_DUE,
        )
    )
    def due(_: Asked) -> Mapping[str, object]:
        return _due(runs.due())

    @here.answers(
        Operation(
            "forget_due",
            "POST",
            "/retention/due",
            Right.ADMINISTER,
            "Let go what was listed, named by its `mark`: another list is a conflict.",
            body=fields(mark=Octets(32)),
            problems=("conflict", "busy", "forbidden"),
            status=204,
        )
    )
    def forget(asked: Asked) -> None:
        runs.confirmed(asked.body.octets("mark"), of, asked.person.account)


def _bind_erasures(here: Room, erases: Erasing) -> None:
    problems = ("locked", "code_needed", "forbidden", "too_fast", "busy")

    @here.answers(
        Operation(
            "see_erasure",
            "POST",
            "/lots/{lot}/erasures/dry-run",
            Right.ERASE,
            "What would go of one plate, also known plates, customers, bookings and tickets; which "
            "doubtful events wait for a person, and what could still be seen; nothing is changed.",
            answer=_SIGHT,
            path_shapes={"lot": LOT},
            body=_MEANT,
            problems=problems,
        )
    )
    def see(asked: Asked) -> Mapping[str, object]:
        return _sight(erases.sight(_meant(asked)))

    @here.answers(
        Operation(
            "erase_plate",
            "POST",
            "/lots/{lot}/erasures",
            Right.ERASE,
            "Forget one plate before its time; type a fresh code for the lot before.",
            answer=_SIGHT,
            path_shapes={"lot": LOT},
            body=_MEANT,
            problems=problems,
        )
    )
    def erase(asked: Asked) -> Mapping[str, object]:
        return _sight(erases.erase(_meant(asked)))


def _bind_holds(here: Room, holds: Holding) -> None:
    path = "/lots/{lot}/holds"

    @here.answers(
        Operation(
            "list_holds",
            "GET",
            path,
            Right.MANAGE,
            "Events that are kept beyond their time; `after` is the last of the page before.",
            answer=fields(rows=Many(_HOLD, PAGE_MAX), after=Maybe(EVENT_ID)),
            path_shapes={"lot": LOT},
            query={"after": EVENT_ID},
            problems=("locked", "too_fast"),
        )
    )
    def every(asked: Asked) -> Mapping[str, object]:
        lot, after = own_lot(asked.person, asked.path.octets("lot")), asked.query
        behind = after.text_or_none("after")
        page = holds.page(
            asked.person.by, lot, b"" if behind is None else id_bytes(behind), PAGE_MAX
        )
        last = None if page.after is None else id_text(page.after)
        return {"rows": [_hold(one) for one in page.rows], "after": last}

    @here.answers(
        Operation(
            "hold_event",
            "PUT",
            f"{path}/{{event}}",
            Right.MANAGE,
            "Keep an event with all its parts until the hold is ended, and say why.",
            path_shapes={"lot": LOT, "event": EVENT_ID},
            body=fields(reason=REASON),
            problems=("locked", "busy", "conflict", "forbidden"),
            status=204,
        )
    )
    def hold(asked: Asked) -> None:
        lot = own_lot(asked.person, asked.path.octets("lot"))
        holds.hold(asked.person.by, lot, asked.path.text("event"), asked.body.text("reason"))

    @here.answers(
        Operation(
            "end_hold",
            "DELETE",
            f"{path}/{{event}}",
            Right.MANAGE,
            "Let an event go: it is forgotten when its time is over.",
            path_shapes={"lot": LOT, "event": EVENT_ID},
            problems=("locked", "conflict"),
            status=204,
        )
    )
    def end(asked: Asked) -> None:
        lot = own_lot(asked.person, asked.path.octets("lot"))
        holds.release(asked.person.by, lot, asked.path.text("event"))


def _meant(asked: Asked) -> Meant:
    body, lot = asked.body, own_lot(asked.person, asked.path.octets("lot"))
    return Meant(
        asked.person.by, lot, body.text("plate"), body.text("ground"), body.texts("theirs")
    )


def _due(found: Due) -> dict[str, object]:
    rows = [_going(one) for one in found.plan.going[:_ROWS_MAX]]
    return {"mark": found.mark, "days": found.plan.days(), "waits": found.waits, "rows": rows}


def _going(one: Going) -> dict[str, object]:
    made = [key.made for key in one.keys]
    classes = [key.key_class for key in one.keys]
    return {
        "lot": one.lot,
        "writer": one.writer,
        "text_keys": classes.count("T"),
        "picture_keys": classes.count("P"),
        "audit_keys": classes.count("A"),
        "records": sum(run.count for run in one.runs),
        "first": min(made, default=None),
        "last": max(made, default=None),
    }


def _sight(found: Sight) -> dict[str, object]:
    return {
        "events": len(found.events),
        "statements": len(found.statements),
        "records": found.records,
        "first": found.first,
        "last": found.last,
        "doubtful": found.doubtful[:_EVENTS_MAX],
        "held": found.held[:_EVENTS_MAX],
        "written": [_written(one) for one in found.written.rows[:_EVENTS_MAX]],
        "unreadable": found.written.unreadable,
        "keys_go": found.traces.keys_go,
        "audit_days": found.traces.audit_days,
        "backup_days": found.traces.backup_days,
        "edge_days": found.traces.edge_days,
        "still": found.still,
    }


def _written(one: Belonging) -> dict[str, object]:
    return {"kind": one.kind, "id": one.id, "called": one.called, "fate": one.fate}


def _hold(one: Kept) -> dict[str, object]:
    content = one.content or {}  # damaged, or an older one was put back
    return {
        "event": id_text(one.id),
        "by": content.get("by"),
        "at": content.get("at"),
        "reason": content.get("reason"),
    }
